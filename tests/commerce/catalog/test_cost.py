"""What goods cost the shop: set and seen only by those who may, and apart from the rest in the audit."""

from __future__ import annotations

import pytest

from callcart.commerce.catalog import exporting
from callcart.commerce.catalog.models import Variant
from callcart.commerce.catalog.public import (
    ProductDraft,
    VariantDraft,
    add_variant,
    create_product,
    update_product,
    update_variant,
)
from callcart.commerce.inventory.models import Stock
from callcart.commerce.inventory.worth import unit_costs
from callcart.core.errors import Conflict, Invalid, PermissionDenied
from callcart.core.models import AuditEntry
from tests.commerce.shop import Shop


@pytest.fixture
def kettle(shop: Shop) -> Variant:
    return shop.goods("KT", price=4500, west=3)


def test_cost_takes_its_own_permission(shop: Shop, kettle: Variant) -> None:
    editor = shop.staff("catalog.manage", "catalog.view")
    with pytest.raises(PermissionDenied):
        update_variant(editor, kettle.id, cost_minor=2000)
    with pytest.raises(PermissionDenied):
        add_variant(editor, kettle.product_id, VariantDraft(sku="KT2", price_minor=1, cost_minor=1))
    kettle.refresh_from_db()
    assert kettle.cost_minor is None
    assert Variant.objects.filter(sku="KT2").count() == 0
    update_variant(shop.staff("catalog.manage", "catalog.see_cost"), kettle.id, cost_minor=2000)
    kettle.refresh_from_db()
    assert kettle.cost_minor == 2000


def test_the_audit_keeps_cost_apart(shop: Shop, kettle: Variant) -> None:
    update_variant(shop.boss, kettle.id, cost_minor=2000, price_minor=4600)
    entries = {each.action: each for each in AuditEntry.objects.filter(subject_id=kettle.id)}
    assert entries["catalog.update_variant"].after == {"price_minor": 4600}
    assert (entries["catalog.set_cost"].before, entries["catalog.set_cost"].after) == (
        {"cost_minor": None},
        {"cost_minor": 2000},
    )


def test_no_export_tells_it(shop: Shop, kettle: Variant) -> None:
    update_variant(shop.boss, kettle.id, cost_minor=2777)
    page = exporting.export(shop.staff("catalog.view"), "products", {}, "")
    assert "2777" not in str(page.rows) and "cost" not in str(page.rows)


@pytest.mark.parametrize("cost", [-1, 10**12 + 1])
def test_a_cost_that_cannot_be(shop: Shop, kettle: Variant, cost: int) -> None:
    with pytest.raises(Invalid) as raised:
        update_variant(shop.boss, kettle.id, cost_minor=cost)
    assert set(raised.value.fields) == {"cost_minor"}


def test_stock_is_worth_its_cost_where_nobody_bought_it_yet(shop: Shop, kettle: Variant) -> None:
    row = Stock.objects.get(variant=kettle, warehouse__code="west")
    row.cost_minor = None
    row.save()
    assert unit_costs([row]) == {row.id: 4500}
    update_variant(shop.boss, kettle.id, cost_minor=2000)
    assert unit_costs([row]) == {row.id: 2000}


def test_the_second_of_two_editors_is_told(shop: Shop, kettle: Variant) -> None:
    product = kettle.product
    product.refresh_from_db()
    seen, seen_variant = product.version, kettle.version
    update_product(shop.boss, product.id, version=seen, name="First")
    update_variant(shop.boss, kettle.id, version=seen_variant, price_minor=1)
    with pytest.raises(Conflict):
        update_product(shop.boss, product.id, version=seen, name="Second")
    with pytest.raises(Conflict):
        update_variant(shop.boss, kettle.id, version=seen_variant, price_minor=2)
    product.refresh_from_db()
    kettle.refresh_from_db()
    assert (product.name, kettle.price_minor) == ("First", 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price_minor", -1),
        ("price_minor", 10**12 + 1),
        ("weight_g", -1),
        ("weight_g", 10**9 + 1),
        ("length_mm", -1),
        ("height_mm", 10**5 + 1),
        ("name", "x" * 100_000),
        ("sku", ""),
    ],
)
def test_values_that_cannot_be_stop_at_their_field(
    shop: Shop, kettle: Variant, field: str, value: object
) -> None:
    with pytest.raises(Invalid) as raised:
        update_variant(shop.boss, kettle.id, **{field: value})
    assert set(raised.value.fields) == {field}


def test_a_description_of_a_novel_is_refused(shop: Shop) -> None:
    with pytest.raises(Invalid) as raised:
        create_product(shop.boss, ProductDraft(name="A", description="x" * 100_000))
    assert set(raised.value.fields) == {"description"}
