"""Dispatch documents follow what is held: made on confirming, one a warehouse, gone with the order, left by handing over."""

from __future__ import annotations

import pytest
from django.db import transaction

from callcart.commerce.inventory.public import recount
from callcart.commerce.orders.public import (
    BoxHoldsMore,
    NotPaid,
    Order,
    SeveralDispatches,
    WrongState,
    axes_of,
    cancel_order,
    confirm_order,
    hand_over,
    ship_order,
)
from callcart.commerce.shipping.public import (
    Dispatch,
    DispatchLine,
    DispatchMoved,
    DispatchParcel,
    DispatchState,
    Parcel,
    create_parcel,
    dispatches_of,
    move_dispatch,
    open_dispatches,
    units_in,
)
from callcart.core import integrity
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.ids import new_id
from tests.commerce.shop import Shop, held_units


@pytest.fixture
def order(shop: Shop) -> Order:
    """Two lines: `A` lies in the west alone, `B` in the east alone; 30.00 and 5.00 for delivery, paid at the door."""
    shop.goods("A", west=5)
    shop.goods("B", price=500, east=5)
    order = shop.place(("A", 2), ("B", 2))
    return confirm_order(shop.boss, order.id, version=1)


def told(order: Order) -> dict[str, tuple[list[int], int]]:
    """Open documents: units and cash, by the warehouse's place in the order of ids."""
    return {str(each.warehouse_id): ([line.quantity for line in each.lines.all()], each.cod_minor)
            for each in open_dispatches(order.id)}  # fmt: skip


def test_confirming_makes_a_document_for_each_warehouse_and_the_cash_adds_up(
    shop: Shop, order: Order
) -> None:
    west, east = (str(shop.warehouses[code].id) for code in ("west", "east"))
    assert order.total_minor == 3500
    assert told(order) == {west: ([2], 2333), east: ([2], 1167)}
    rows = open_dispatches(order.id)
    assert {each.state for each in rows} == {"waiting"}
    assert {each.order_number for each in rows} == {order.number}
    assert sorted(each.weight_g for each in rows) == [200, 200]


def test_handing_over_one_of_two_sends_part_of_the_order(shop: Shop, order: Order) -> None:
    first, second = open_dispatches(order.id)
    (parcel,) = hand_over(shop.boss, first.id, carrier="Swift", tracking="S1")
    order.refresh_from_db()
    assert (parcel.state, parcel.carrier, order.fulfilment_state, order.version) == (
        "handed_over", "Swift", "part_shipped", 3,
    )  # fmt: skip
    parcel.refresh_from_db()
    assert Dispatch.objects.get(id=first.id).state == "handed_over"
    with pytest.raises(DispatchMoved):
        hand_over(shop.boss, first.id)
    hand_over(shop.boss, second.id)
    order.refresh_from_db()
    assert (order.fulfilment_state, held_units(order.id)) == ("shipped", 0)
    assert {each.state for each in dispatches_of([order.id])[order.id]} == {"handed_over"}
    assert Parcel.objects.filter(order_id=order.id).count() == 2
    assert recount() == []


def test_some_lines_leave_and_the_rest_gets_a_document_of_its_own(shop: Shop) -> None:
    shop.goods("A", west=5)
    shop.goods("B", price=500, west=5)
    order = confirm_order(shop.boss, shop.place(("A", 1), ("B", 1)).id, version=1)
    (only,) = open_dispatches(order.id)
    line = order.lines.get(sku="A")
    hand_over(shop.boss, only.id, line_ids=[line.id])
    (rest,) = open_dispatches(order.id)
    gone = Dispatch.objects.get(id=only.id)
    assert [each.line_id for each in gone.lines.all()] == [line.id]
    assert [each.line_id for each in rest.lines.all()] == [order.lines.get(sku="B").id]
    assert (gone.cod_minor + rest.cod_minor, rest.state) == (order.total_minor, "waiting")


def test_a_gift_that_leaves_first_takes_no_cash_with_it(shop: Shop) -> None:
    shop.goods("GIFT", price=0, west=5)
    shop.goods("B", price=500, west=5)
    order = confirm_order(shop.boss, shop.place(("GIFT", 1), ("B", 1)).id, version=1)
    (only,) = open_dispatches(order.id)
    hand_over(shop.boss, only.id, line_ids=[order.lines.get(sku="GIFT").id])
    (rest,) = open_dispatches(order.id)
    assert (Dispatch.objects.get(id=only.id).cod_minor, rest.cod_minor) == (0, order.total_minor)


def test_of_packed_boxes_only_those_of_the_lines_named_leave(shop: Shop) -> None:
    for sku in ("A", "B", "C"):
        shop.goods(sku, west=5)
    order = confirm_order(shop.boss, shop.place(("A", 3), ("B", 1), ("C", 2)).id, version=1)
    (only,) = open_dispatches(order.id)
    a, b, c = (order.lines.get(sku=sku).id for sku in ("A", "B", "C"))
    boxes = []
    for inside in ({a: 2}, {b: 1, c: 1}):
        boxes.append(create_parcel(shop.boss, order.id, units=inside, carrier="Swift"))
        DispatchParcel.objects.create(dispatch=only, parcel=boxes[-1])
    for wanted in ([a, b], [c]):  # the second box would be torn apart
        with pytest.raises(BoxHoldsMore), transaction.atomic():
            hand_over(shop.boss, only.id, line_ids=wanted)
    assert (shop.stock("A"), shop.stock("B"), shop.stock("C")) == (
        {"west": (5, 3)},
        {"west": (5, 1)},
        {"west": (5, 2)},
    )
    packed, loose = hand_over(shop.boss, only.id, line_ids=[a])
    assert (packed.id, units_in([loose])[loose.id]) == (
        boxes[0].id,
        {a: 1},
    )  # what no box held has one of its own
    (rest,) = open_dispatches(order.id)
    assert [each.parcel_id for each in rest.boxes.all()] == [boxes[1].id]
    assert (Parcel.objects.get(id=boxes[1].id).state, held_units(order.id)) == ("packed", 3)
    gone = hand_over(shop.boss, rest.id)
    assert [units_in([each])[each.id] for each in gone] == [{b: 1, c: 1}, {c: 1}]
    assert held_units(order.id) == 0
    assert [str(each) for each in integrity.find_in("orders")] == []


def test_all_at_once_is_a_parcel_for_each_warehouse_without_one_tracking_number(
    shop: Shop, order: Order
) -> None:
    with pytest.raises(SeveralDispatches):
        ship_order(shop.boss, order.id, version=2, tracking="T1")
    assert Parcel.objects.count() == 0
    ship_order(shop.boss, order.id, version=2)
    assert Parcel.objects.filter(order_id=order.id).count() == 2
    order.refresh_from_db()
    assert axes_of([order])[order.id].fulfilment == "reserved"  # packed, the carriers have not reported


def test_cancelling_ends_the_documents_even_packed_ones(shop: Shop, order: Order) -> None:
    first, _second = open_dispatches(order.id)
    move_dispatch(shop.boss, first.id, DispatchState.PACKED)
    cancel_order(shop.boss, order.id, reason="changed my mind", version=2)
    rows = dispatches_of([order.id])[order.id]
    assert [(each.state, each.cancel_reason) for each in rows] == [("cancelled", "changed my mind")] * 2
    assert held_units(order.id) == 0
    with pytest.raises(WrongState):
        hand_over(shop.boss, first.id)


def test_a_prepaid_order_that_owes_again_does_not_leave(shop: Shop) -> None:
    shop.goods("A", west=5)
    order = shop.place(("A", 1), payment_method="prepaid")
    confirm_order(shop.boss, order.id, version=1)  # the boss may without the money: on trust
    order.refresh_from_db()
    assert order.goods_on_trust
    Order.objects.filter(id=order.id).update(goods_on_trust=False)
    (only,) = open_dispatches(order.id)
    with pytest.raises(NotPaid):
        hand_over(shop.boss, only.id)
    assert shop.stock("A") == {"west": (5, 1)}


def test_without_the_permission_nothing_leaves(shop: Shop, order: Order) -> None:
    first, _second = open_dispatches(order.id)
    with pytest.raises(PermissionDenied):
        hand_over(shop.staff("orders.view"), first.id)
    with pytest.raises(PermissionDenied):
        move_dispatch(shop.staff("orders.ship"), first.id, DispatchState.PICKING)
    with pytest.raises(NotFound):
        hand_over(shop.boss, new_id())
    assert Dispatch.objects.get(id=first.id).state == "waiting"
    assert shop.stock("A") == {"west": (5, 2)}


def test_the_recount_names_documents_that_are_off(shop: Shop, order: Order) -> None:
    assert integrity.find_in("orders") == []
    DispatchLine.objects.filter(dispatch__order_id=order.id, line_id=order.lines.get(sku="A").id).update(
        quantity=9
    )
    (found,) = integrity.find_in("orders")
    assert (found.what, found.found, found.expected) == (
        "units on an open dispatch document against units held there", "9", "2",
    )  # fmt: skip
    DispatchLine.objects.filter(quantity=9).update(quantity=2)
    Order.objects.filter(id=order.id).update(state="on_hold")
    assert {each.what for each in integrity.find_in("orders")} == {
        "an open dispatch document of an order that is not confirmed"
    }
