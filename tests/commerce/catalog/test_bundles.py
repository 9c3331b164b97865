"""Composing sets: what may be in one, what it costs and weighs, and two people at once."""

from __future__ import annotations

from uuid import UUID

import pytest

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import Component, ComponentDraft, costs_of, measures_of, pieces_of
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.sets import compose, tea_set
from tests.commerce.shop import Shop, open_shop


def parts_of(shop: Shop, sku: str) -> list[tuple[str, int]]:
    rows = Component.objects.select_related("variant").filter(bundle=shop.variants[sku])
    return [(row.variant.sku, row.units) for row in rows.order_by("position")]


def refused(shop: Shop, sku: str, *parts: tuple[UUID, int]) -> dict[str, str]:
    before = parts_of(shop, sku)
    with pytest.raises(Invalid) as caught:
        catalog.compose(shop.boss, shop.variants[sku].id, [ComponentDraft(*each) for each in parts])
    assert parts_of(shop, sku) == before
    return dict(caught.value.fields)


def test_a_set_is_made_of_units_of_others_in_their_order(shop: Shop) -> None:
    bundle = tea_set(shop)
    assert bundle.version == 3
    assert parts_of(shop, "SET") == [("POT", 1), ("CUP", 4)]
    assert [(each.sku, each.units) for each in pieces_of([bundle.id])[bundle.id]] == [("POT", 1), ("CUP", 4)]
    assert pieces_of([shop.variants["POT"].id]) == {}


def test_no_component_twice_none_without_units_none_unknown_and_not_itself(shop: Shop) -> None:
    tea_set(shop)
    pot, its = shop.variants["POT"].id, shop.variants["SET"].id
    fields = refused(shop, "SET", (pot, 1), (pot, 2), (new_id(), 1), (its, 1), (pot, 0))
    assert fields["components.1.variant_id"].startswith("This product is in the set already.")
    assert fields["components.2.variant_id"] == "This product does not exist any more."
    assert fields["components.3.variant_id"] == "A set cannot hold itself."
    assert fields["components.4.units"] == "Give a quantity from 1 to 999."
    assert "components.0.variant_id" not in fields


def test_no_set_within_a_set_from_either_side(shop: Shop) -> None:
    tea_set(shop)
    shop.goods("BOX")
    inside = refused(shop, "BOX", (shop.variants["SET"].id, 1))
    assert inside == {"components.0.variant_id": "This is a set itself. A set holds single products only."}
    outside = refused(shop, "POT", (shop.variants["BOX"].id, 1))
    assert outside["components"].startswith("This product is in a set itself.")


def test_a_product_that_lies_on_shelves_cannot_become_a_set(shop: Shop) -> None:
    tea_set(shop)
    shop.goods("BOX", west=1)
    said = refused(shop, "BOX", (shop.variants["CUP"].id, 1))
    assert said == {"components": "There is stock of this product. Make a new product for the set."}


def test_a_set_of_nothing_is_an_ordinary_product_again(shop: Shop) -> None:
    tea_set(shop)
    compose(shop, "SET")
    assert parts_of(shop, "SET") == []


def test_another_shops_product_is_not_known(shop: Shop, other_tenant: Tenant) -> None:
    with tenant_transaction(other_tenant.id):
        theirs = open_shop(other_tenant).goods("THEIRS").id
    shop.goods("BOX")
    assert refused(shop, "BOX", (theirs, 1)) == {
        "components.0.variant_id": "This product does not exist any more."
    }
    with pytest.raises(NotFound):
        catalog.compose(shop.boss, theirs, [])


def test_two_clerks_at_one_set(shop: Shop) -> None:
    bundle = tea_set(shop)
    compose(shop, "SET", ("POT", 1), ("CUP", 6), version=bundle.version)
    with pytest.raises(Conflict):
        compose(shop, "SET", ("POT", 1), version=bundle.version)
    assert parts_of(shop, "SET") == [("POT", 1), ("CUP", 6)]


def test_it_takes_the_permission(shop: Shop) -> None:
    bundle = tea_set(shop)
    with pytest.raises(PermissionDenied):
        catalog.compose(shop.staff("catalog.see_cost"), bundle.id, [])
    assert parts_of(shop, "SET") == [("POT", 1), ("CUP", 4)]


def test_it_costs_what_its_components_cost(shop: Shop) -> None:
    bundle = tea_set(shop)
    pot, cup = shop.variants["POT"], shop.variants["CUP"]
    assert costs_of([bundle, pot]) == {bundle.id: None, pot.id: None}
    pot = catalog.update_variant(shop.boss, pot.id, cost_minor=1200)
    assert costs_of([bundle, pot, cup]) == {bundle.id: None, pot.id: 1200, cup.id: None}
    catalog.update_variant(shop.boss, cup.id, cost_minor=150)
    assert costs_of([bundle]) == {bundle.id: 1200 + 4 * 150}
    bundle = catalog.update_variant(shop.boss, bundle.id, cost_minor=2000)
    assert costs_of([bundle]) == {bundle.id: 2000}  # somebody said otherwise


def test_it_weighs_what_its_components_weigh_unless_somebody_weighed_it(shop: Shop) -> None:
    bundle = tea_set(shop)
    sizes = {"length_mm": 200, "width_mm": 100, "height_mm": 50}
    catalog.update_variant(shop.boss, shop.variants["CUP"].id, **sizes)
    measures = measures_of(bundle)
    assert (measures.weight_g, measures.length_mm, measures.width_mm) == (500, 200, 100)
    assert measures.height_mm == 4 * 50
    bundle = catalog.update_variant(shop.boss, bundle.id, weight_g=1000)
    assert measures_of(bundle).weight_g == 1000
    assert [each.weight_g for each in pieces_of([bundle.id])[bundle.id]] == [200, 200]
