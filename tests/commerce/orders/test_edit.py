"""Changing an order before it is confirmed: previewed on a copy, confirmed by version; stock and money follow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcart.commerce.catalog.public import update_variant
from callcart.commerce.inventory.public import InsufficientStock, recount
from callcart.commerce.orders.asked import give_by_hand
from callcart.commerce.orders.models import Change, History
from callcart.commerce.orders.public import (
    Action,
    AddLine,
    Order,
    PriceChanged,
    RemoveLine,
    SetAddress,
    SetDelivery,
    SetNote,
    SetPrice,
    SetQuantity,
    StaleOrder,
    WrongState,
    cancel_order,
    confirm_change,
    preview_change,
)
from callcart.commerce.payments.public import Instalment, Payment
from callcart.core.actor import Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.people.approvals.public import NeedsApproval
from tests.commerce.shop import ADDRESS, Shop, held_units


@pytest.fixture
def order(shop: Shop) -> Order:
    shop.goods("A", price=1000, west=5)
    shop.goods("B", price=300, west=2)
    return shop.place(("A", 2), ("B", 1))


def state_of(shop: Shop, order: Order) -> tuple[object, ...]:
    fresh = Order.objects.get(id=order.id)
    lines = list(fresh.lines.order_by("position").values_list("sku", "quantity", "total_minor"))
    owed = Payment.objects.get(order_id=order.id).amount_minor
    return (
        fresh.version,
        fresh.total_minor,
        lines,
        owed,
        shop.stock("A"),
        shop.stock("B"),
        Change.objects.count(),
    )


def test_a_preview_changes_nothing(shop: Shop, order: Order) -> None:
    before = state_of(shop, order)
    line = order.lines.get(position=1)
    preview = preview_change(shop.boss, order.id, [SetQuantity(line.id, 4), SetNote("gift")])
    assert (preview.total_before.minor, preview.total.minor, preview.difference.minor) == (2800, 4800, 2000)
    assert preview.problems == {}
    assert state_of(shop, order) == before


def test_a_preview_says_what_is_not_there(shop: Shop, order: Order) -> None:
    line = order.lines.get(position=2)
    preview = preview_change(shop.boss, order.id, [SetQuantity(line.id, 3)])
    assert preview.problems == {"lines.1.quantity": "Not enough in stock."}


def test_lines_stock_and_money_move_together(shop: Shop, order: Order) -> None:
    first, second = order.lines.order_by("position")
    actions: list[Action] = [
        SetQuantity(first.id, 3),
        RemoveLine(second.id),
        AddLine(shop.variants["B"].id, 2, 300),
    ]
    changed = confirm_change(shop.boss, order.id, actions, version=1, reason="asked for more")
    assert state_of(shop, order)[:4] == (2, 4100, [("A", 3, 3000), ("B", 2, 600)], 4100)
    assert (shop.stock("A"), shop.stock("B")) == ({"west": (5, 3)}, {"west": (2, 2)})
    assert changed.fulfilment_state == "reserved"
    row = History.objects.filter(order=order).order_by("id").last()
    assert row is not None
    assert (row.kind, row.reason, row.data) == ("edited", "asked for more", {"before": 2800, "after": 4100})
    assert AuditEntry.objects.get(action="orders.edited").before == {"total_minor": 2800}
    assert recount() == []


def test_lines_that_stay_keep_their_price_and_added_ones_take_todays(shop: Shop, order: Order) -> None:
    update_variant(shop.boss, shop.variants["A"].id, price_minor=1500)
    confirm_change(shop.boss, order.id, [AddLine(shop.variants["A"].id, 1)], version=1)
    lines = order.lines.order_by("position").values_list("sku", "unit_minor")
    assert list(lines) == [("A", 1000), ("B", 300), ("A", 1500)]


def test_an_added_line_at_an_old_price_is_refused(shop: Shop, order: Order) -> None:
    before = state_of(shop, order)
    with pytest.raises(PriceChanged) as refused:
        confirm_change(shop.boss, order.id, [AddLine(shop.variants["A"].id, 1, 999)], version=1)
    assert set(refused.value.fields) == {"lines.2.price"}
    assert state_of(shop, order) == before


def test_too_much_is_refused_whole(shop: Shop, order: Order) -> None:
    before = state_of(shop, order)
    first, second = order.lines.order_by("position")
    with pytest.raises(InsufficientStock) as refused:
        confirm_change(shop.boss, order.id, [SetQuantity(first.id, 1), SetQuantity(second.id, 3)], version=1)
    assert refused.value.fields == {"lines.1.quantity": "Only 1 left in West."}
    assert state_of(shop, order) == before


@pytest.mark.parametrize("quantity", [0, -1, 10_000, 10**30])
def test_a_wrong_quantity_is_named(shop: Shop, order: Order, quantity: int) -> None:
    before = state_of(shop, order)
    line = order.lines.get(position=2)
    with pytest.raises(Invalid) as refused:
        confirm_change(shop.boss, order.id, [SetQuantity(line.id, quantity)], version=1)
    assert set(refused.value.fields) == {"lines.1.quantity"}
    assert state_of(shop, order) == before


def test_the_last_line_cannot_go(shop: Shop, order: Order) -> None:
    actions = [RemoveLine(line.id) for line in order.lines.all()]
    with pytest.raises(Invalid) as refused:
        confirm_change(shop.boss, order.id, actions, version=1)
    assert set(refused.value.fields) == {"lines"}


def test_nothing_to_change_and_lines_of_nobody(shop: Shop, order: Order) -> None:
    with pytest.raises(Invalid):
        confirm_change(shop.boss, order.id, [], version=1)
    for action in (RemoveLine(new_id()), SetQuantity(new_id(), 1)):
        with pytest.raises(NotFound):
            confirm_change(shop.boss, order.id, [action], version=1)


def test_a_new_address_prices_delivery_anew(shop: Shop, order: Order) -> None:
    moved = replace(ADDRESS, name="Bo Example", province="Ohio", city="Columbus")
    with pytest.raises(Invalid) as refused:
        confirm_change(shop.boss, order.id, [SetAddress(moved), SetDelivery("bike")], version=1)
    assert set(refused.value.fields) == {"delivery_method"}
    changed = confirm_change(shop.boss, order.id, [SetAddress(moved)], version=1)
    assert (changed.ship_name, changed.ship_province, changed.delivery_minor) == ("Bo Example", "Ohio", 500)


def test_another_way_of_delivery_must_take_the_cash(shop: Shop, order: Order) -> None:
    with pytest.raises(Invalid) as refused:
        confirm_change(shop.boss, order.id, [SetDelivery("air")], version=1)
    assert set(refused.value.fields) == {"payment_method"}
    changed = confirm_change(shop.boss, order.id, [SetDelivery("bike")], version=1)
    assert (changed.delivery_method, changed.total_minor) == ("bike", 2600)


def test_unpaid_instalments_share_the_new_total(shop: Shop) -> None:
    shop.goods("A", price=1000, west=9)
    order = shop.place(("A", 1), payment_method="instalments", instalments=3)
    confirm_change(shop.boss, order.id, [AddLine(shop.variants["A"].id, 1)], version=1)
    parts = Instalment.objects.filter(payment__order_id=order.id).values_list("amount_minor", flat=True)
    assert sorted(parts) == [833, 833, 834]


def test_an_outdated_version_and_a_cancelled_order_are_refused(shop: Shop, order: Order) -> None:
    confirm_change(shop.boss, order.id, [SetNote("one")], version=1)
    before = state_of(shop, order)
    with pytest.raises(StaleOrder):
        confirm_change(shop.boss, order.id, [SetNote("two")], version=1)
    assert state_of(shop, order) == before
    cancel_order(shop.boss, order.id, reason="no longer wanted", version=2)
    for change in (lambda: preview_change(shop.boss, order.id, [SetNote("x")]),
                   lambda: confirm_change(shop.boss, order.id, [SetNote("x")], version=3)):  # fmt: skip
        with pytest.raises(WrongState):
            change()


def test_without_permission_or_out_of_scope_nothing_changes(shop: Shop, order: Order) -> None:
    before = state_of(shop, order)
    with pytest.raises(PermissionDenied):
        confirm_change(shop.staff("orders.view"), order.id, [SetNote("x")], version=1)
    with pytest.raises(NotFound):
        confirm_change(shop.staff(orders__edit=Grant(scope="own")), order.id, [SetNote("x")], version=1)
    assert state_of(shop, order) == before
    assert held_units(order.id) == 3


@pytest.mark.parametrize("note", ["n" * 2001, "n" * 10_000])
def test_a_note_that_does_not_fit_is_refused(shop: Shop, order: Order, note: str) -> None:
    with pytest.raises(Invalid) as refused:
        confirm_change(shop.boss, order.id, [SetNote(note)], version=1)
    assert set(refused.value.fields) == {"note"}


def test_more_units_at_a_price_by_hand_need_the_right_to_that_price(shop: Shop, order: Order) -> None:
    line = order.lines.get(position=1)
    confirm_change(shop.boss, order.id, [SetPrice(line.id, 100, "friend")], version=1)
    clerk = shop.staff("orders.edit", orders__change_price=Grant(limit=5))
    before = state_of(shop, order)
    with pytest.raises(NeedsApproval):
        confirm_change(clerk, order.id, [SetQuantity(line.id, 3)], version=2)
    assert state_of(shop, order) == before
    confirm_change(clerk, order.id, [SetQuantity(line.id, 1)], version=2)
    assert order.lines.get(position=1).total_minor == 100


def test_what_is_approved_is_for_as_many_units_as_were_asked_for(shop: Shop, order: Order) -> None:
    line = order.lines.get(position=1)
    payload = {
        "order_id": str(order.id),
        "line_id": str(line.id),
        "reason": "friend",
        "unit_minor": 100,
        "units": 2,
    }
    confirm_change(shop.boss, order.id, [SetQuantity(line.id, 4)], version=1)
    before = state_of(shop, order)
    with pytest.raises(StaleOrder):
        give_by_hand(shop.boss, payload)
    assert state_of(shop, order) == before
    confirm_change(shop.boss, order.id, [SetQuantity(line.id, 2)], version=2)
    give_by_hand(shop.boss, payload)
    assert order.lines.get(position=1).total_minor == 200
