"""A product a letter away from what was typed: for whoever looks at what is found, not for a code that is meant."""

from __future__ import annotations

import pytest

from callcart.commerce.catalog.public import (
    ProductDraft,
    VariantDraft,
    add_variant,
    create_product,
    search_products,
    search_variants,
)
from callcart.core.actor import Actor
from callcart.people.tenants.public import Tenant


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


@pytest.fixture(autouse=True)
def lamp(boss: Actor) -> None:
    product = create_product(boss, ProductDraft(name="Walnut reading lantern", name_zh="胡桃木台灯"))
    add_variant(boss, product.id, VariantDraft(sku="WL-7", price_minor=100))


@pytest.mark.parametrize("typed", ["lanturn", "latern", "wallnut", "walnut lantren", "raeding"])
def test_a_letter_away_is_found_by_who_asks_for_it(typed: str) -> None:
    assert search_variants(typed) == []
    assert [hit.sku for hit in search_variants(typed, forgiving=True)] == ["WL-7"]
    assert [card.product.name for card in search_products(typed)] == ["Walnut reading lantern"]


@pytest.mark.parametrize("typed", ["WL-8", "lavender", "台风", "wl7x"])
def test_another_word_or_code_is_not_meant(typed: str) -> None:
    assert search_variants(typed, forgiving=True) == []
