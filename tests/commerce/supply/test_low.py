"""Reorder point = demand × lead time + safety stock; what is on order, drafted or asked for counts; a purchase in one go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.models import Movement
from callcart.commerce.supply.models import LowStock
from callcart.commerce.supply.public import (
    NotLow,
    RulesDraft,
    ask_replenishment,
    count_low,
    count_moved,
    list_low,
    order_low,
    set_rules,
)
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from tests.commerce.inventory.documents.yard import purchase
from tests.commerce.shop import Shop
from tests.commerce.supply.waiting import waits


@pytest.fixture
def buyer(shop: Shop) -> Actor:
    set_rules(shop.boss, RulesDraft(window_days=10, lead_days=5, cover_days=10), version=0)
    return shop.staff("supply.view", "supply.buy", "inventory.receive")


def sell(shop: Shop, sku: str, units: int) -> None:
    order = shop.place((sku, units))
    inventory.ship(shop.boss, order.id)


def low() -> dict[str, tuple[int, int, int]]:
    """(position, reorder point, suggested) by SKU of what is low in the west."""
    rows = LowStock.objects.select_related("variant").filter(warehouse__code="west")
    return {row.variant.sku: (row.position, row.reorder_point, row.suggested) for row in rows}


def test_the_formula(shop: Shop, buyer: Actor) -> None:
    shop.goods("TEA", west=25)
    sell(shop, "TEA", 20)  # 2 a day: reorder point 2 × 5 = 10, up to 2 × 15 = 30
    count_low()
    assert low() == {"TEA": (5, 10, 25)}
    row = LowStock.objects.get()
    assert (row.sold, row.available, row.coming, row.asked, row.safety, row.cover_days) == (20, 5, 0, 0, 0, 2)


def test_safety_stock_is_added(shop: Shop, buyer: Actor) -> None:
    tea, west = shop.goods("TEA", west=33), shop.warehouses["west"].id
    sell(shop, "TEA", 20)
    count_low()
    assert low() == {}
    inventory.set_shelf(shop.boss, variant_id=tea.id, warehouse_id=west, bin_name="A1", safety=4)
    count_low()
    assert low() == {"TEA": (13, 14, 21)}


def test_exactly_at_the_point_is_low_and_one_above_is_not(shop: Shop, buyer: Actor) -> None:
    shop.goods("TEA", west=30)
    shop.goods("CUP", west=31)
    sell(shop, "TEA", 20)
    sell(shop, "CUP", 20)
    count_low()
    assert set(low()) == {"TEA"}


def test_what_nobody_buys_is_not_low(shop: Shop, buyer: Actor) -> None:
    shop.goods("TEA", west=1)
    shop.place(("TEA", 1))
    count_low()
    assert low() == {}


def test_sales_before_the_window_do_not_count(shop: Shop, buyer: Actor) -> None:
    shop.goods("TEA", west=20)
    sell(shop, "TEA", 20)
    moved = Movement.objects.get(kind="ship")
    old = new_id().int - (int(timedelta(days=11).total_seconds() * 1000) << 80)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inventory_movement SET id = %s WHERE id = %s", [hex(old)[2:].zfill(32), moved.id]
        )
    count_low()
    assert low() == {}


def test_what_is_on_order_drafted_and_asked_for_counts(shop: Shop, buyer: Actor) -> None:
    shop.goods("TEA", west=25)
    sell(shop, "TEA", 20)
    purchase(shop, ("TEA", 2))
    purchase(shop, ("TEA", 1), opened=False)
    count_low()
    assert low() == {"TEA": (8, 10, 22)}
    # wishes belong to the warehouse that is asked first: there is no row of the east, so the west's
    ask_replenishment(shop.boss, variant_id=shop.variants["TEA"].id, quantity=6)
    count_low()
    assert low() == {"TEA": (2, 10, 28)}


def test_wishes_alone_make_a_sku_low_once(shop: Shop, buyer: Actor) -> None:
    tea = shop.goods("TEA", west=1, east=1)
    shop.place(("TEA", 2))
    waits(shop, "TEA", 2)
    ask_replenishment(shop.boss, variant_id=tea.id, quantity=3)
    count_low()
    assert [(row.warehouse.code, row.asked, row.suggested) for row in LowStock.objects.all()] == [
        ("east", 5, 5)
    ]


def test_one_purchase_a_warehouse_at_the_last_cost_and_the_list_knows(shop: Shop, buyer: Actor) -> None:
    shop.goods("TEA", west=25)
    shop.goods("CUP", west=20)
    sell(shop, "TEA", 20)
    sell(shop, "CUP", 20)
    inventory.Stock.objects.filter(variant=shop.variants["TEA"]).update(cost_minor=450)
    asked = ask_replenishment(shop.boss, variant_id=shop.variants["CUP"].id, quantity=1)
    count_low()
    page = list_low(buyer)
    (made,) = order_low(buyer, {row.id: row.suggested for row in page.rows})
    found = {
        line.variant.sku: (line.expected, line.cost_minor) for line in made.lines.select_related("variant")
    }
    assert found == {"CUP": (31, None), "TEA": (25, 450)}
    asked.refresh_from_db()
    assert (asked.state, asked.document_id) == ("ordered", made.id)
    assert low() == {}
    with pytest.raises(NotLow):
        order_low(buyer, {row.id: 1 for row in page.rows})
    assert documents.Document.objects.count() == 1


def test_wrong_quantities_are_named_by_row_and_nothing_is_made(shop: Shop, buyer: Actor) -> None:
    shop.goods("TEA", west=20)
    sell(shop, "TEA", 20)
    count_low()
    row = LowStock.objects.get()
    for units in (0, -3, 10_000_001):
        with pytest.raises(Invalid) as refused:
            order_low(buyer, {row.id: units})
        assert set(refused.value.fields) == {str(row.id)}
    with pytest.raises(Invalid):
        order_low(buyer, {})
    with pytest.raises(PermissionDenied):
        order_low(shop.staff("supply.view", "inventory.receive"), {row.id: 1})
    with pytest.raises(PermissionDenied):
        order_low(shop.staff("supply.buy"), {row.id: 1})
    assert not documents.Document.objects.exists()


def test_only_what_moved_is_looked_at(shop: Shop, buyer: Actor) -> None:
    shop.goods("TEA", west=20)
    shop.goods("CUP", west=20)
    assert count_moved() == -1
    sell(shop, "TEA", 20)
    assert count_moved() == 2, "both moved within the overlap"
    assert set(low()) == {"TEA"}
    inventory.receive(
        shop.boss, variant_id=shop.variants["TEA"].id, warehouse_id=shop.warehouses["west"].id, quantity=50
    )
    count_moved()
    assert low() == {}


def test_pages_follow_each_other_without_gap(shop: Shop, buyer: Actor) -> None:
    for number in range(7):
        shop.goods(f"S{number}", west=20 + number % 3)
        sell(shop, f"S{number}", 20)
    count_low()
    seen, after = [], None
    while True:
        page = list_low(buyer, size=2, after=after)
        seen += [(row.cover_days, row.id) for row in page.rows]
        after = page.after
        if after is None:
            break
    assert len(seen) == 7 and seen == sorted(seen) and len(set(seen)) == 7
    assert list_low(buyer, warehouse_id=shop.warehouses["east"].id).rows == []
    with pytest.raises(PermissionDenied):
        list_low(shop.staff("inventory.view"))
