"""A confirmed order is changed until it is packed; of one partly sent, the rest. Documents follow, money is shown before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcart.commerce.inventory.public import recount
from callcart.commerce.orders.handlers import on_parcel_changed, on_payment_changed
from callcart.commerce.orders.public import (
    AddLine,
    AllSent,
    AlreadySent,
    BeingPacked,
    NotPaid,
    Order,
    PartSent,
    RemoveLine,
    SetAddress,
    SetQuantity,
    WrongState,
    address_of,
    axes_of,
    cancel_order,
    cancel_rest,
    confirm_change,
    confirm_order,
    hand_over,
    order_detail,
    preview_cancel_rest,
    preview_change,
    queue_of,
)
from callcart.commerce.payments.public import Payment, Refund, receive
from callcart.commerce.shipping.public import (
    DispatchState,
    ParcelState,
    dispatches_of,
    move_dispatch,
    open_dispatches,
    set_parcel_state,
)
from callcart.core.errors import Invalid, PermissionDenied
from tests.commerce.orders.test_life import run_handlers
from tests.commerce.shop import Shop, held_units


@pytest.fixture
def order(shop: Shop) -> Order:
    """3 × A at 10.00 and 2 × B at 5.00, all in the west, confirmed, paid at the door."""
    shop.goods("A", west=9)
    shop.goods("B", price=500, west=9)
    return confirm_order(shop.boss, shop.place(("A", 3), ("B", 2)).id, version=1)


def line(order: Order, sku: str) -> object:
    return order.lines.get(sku=sku).id


def test_documents_are_made_again_and_the_cash_with_them(shop: Shop, order: Order) -> None:
    (before,) = open_dispatches(order.id)
    actions = [SetQuantity(line(order, "A"), 1), RemoveLine(line(order, "B"))]
    shown = preview_change(shop.boss, order.id, actions)
    assert shown.moves is not None
    assert (shown.moves.at_door_before.minor, shown.moves.at_door.minor) == (4500, 1500)
    done = confirm_change(shop.boss, order.id, actions, version=2, reason="too much")
    (after,) = open_dispatches(order.id)
    assert (done.state, done.total_minor, after.cod_minor) == ("confirmed", 1500, 1500)
    assert [each.quantity for each in after.lines.all()] == [1]
    assert {each.id: each.state for each in dispatches_of([order.id])[order.id]} == {
        before.id: "cancelled", after.id: "waiting",
    }  # fmt: skip
    assert shop.stock("A") == {"west": (9, 1)}
    assert recount() == []


def test_another_address_makes_another_document(shop: Shop, order: Order) -> None:
    (before,) = open_dispatches(order.id)
    moved = replace(address_of(order), street="99 Elm Street")
    confirm_change(shop.boss, order.id, [SetAddress(moved)], version=2)
    (after,) = open_dispatches(order.id)
    assert before.id != after.id


@pytest.mark.parametrize("state", [DispatchState.PICKING, DispatchState.PACKED])
def test_what_is_being_packed_is_not_changed(shop: Shop, order: Order, state: DispatchState) -> None:
    (only,) = open_dispatches(order.id)
    move_dispatch(shop.boss, only.id, state)
    for verb in (
        lambda: preview_change(shop.boss, order.id, [SetQuantity(line(order, "A"), 1)]),
        lambda: confirm_change(shop.boss, order.id, [SetQuantity(line(order, "A"), 1)], version=2),
    ):
        with pytest.raises(BeingPacked):
            verb()
    move_dispatch(shop.boss, only.id, DispatchState.WAITING)
    assert confirm_change(shop.boss, order.id, [SetQuantity(line(order, "A"), 1)], version=2).version == 3


def test_a_paid_order_that_grows_waits_for_the_difference_and_one_that_shrinks_gives_back(shop: Shop) -> None:
    shop.goods("A", west=9)
    order = shop.place(("A", 2), payment_method="prepaid")
    receive(shop.boss, order_id=order.id, method="cash", amount=order.total, idempotency_key="r1")
    confirm_order(shop.boss, order.id, version=1)
    first = line(order, "A")
    grown = [SetQuantity(first, 3)]
    assert preview_change(shop.boss, order.id, grown).moves.more.minor == 1000
    confirm_change(shop.boss, order.id, grown, version=2)
    assert queue_of(shop.boss, order.id) == "money"
    with pytest.raises(NotPaid):
        hand_over(shop.boss, open_dispatches(order.id)[0].id)
    less = [SetQuantity(first, 1)]
    moves = preview_change(shop.boss, order.id, less).moves
    assert (moves.more.minor, moves.back.minor) == (0, 1000)
    confirm_change(shop.boss, order.id, less, version=3)
    assert [each.amount_minor for each in Refund.objects.filter(state="due")] == [1000]
    hand_over(shop.boss, open_dispatches(order.id)[0].id)
    assert shop.stock("A") == {"west": (8, 0)}


def test_of_a_partly_sent_order_the_rest_may_change(shop: Shop, order: Order) -> None:
    (only,) = open_dispatches(order.id)
    hand_over(shop.boss, only.id, line_ids=[line(order, "A")])
    with pytest.raises(PartSent):
        preview_change(shop.boss, order.id, [SetAddress(address_of(order))])
    for action, field in (
        (SetQuantity(line(order, "A"), 2), "lines.0.quantity"),
        (RemoveLine(line(order, "A")), "lines"),
    ):
        with pytest.raises(Invalid) as refused:
            confirm_change(shop.boss, order.id, [action], version=3)
        assert field in refused.value.fields
    more = [
        SetQuantity(line(order, "A"), 4),
        AddLine(shop.variants["B"].id, 1),
        SetQuantity(line(order, "B"), 1),
    ]
    assert not preview_change(shop.boss, order.id, more).problems
    done = confirm_change(shop.boss, order.id, more, version=3)
    (rest,) = open_dispatches(order.id)
    assert sorted(each.quantity for each in rest.lines.all()) == [1, 1, 1]
    gone = sum(each.cod_minor for each in dispatches_of([order.id], states=["handed_over"])[order.id])
    assert gone + rest.cod_minor == done.total_minor == 5500
    assert shop.stock("A") == {"west": (6, 1)}
    hand_over(shop.boss, rest.id)
    with pytest.raises(AllSent):
        preview_change(shop.boss, order.id, [SetQuantity(line(order, "A"), 5)])
    assert recount() == []


def test_the_rest_of_a_partly_sent_order_is_cancelled(shop: Shop, order: Order) -> None:
    with pytest.raises(WrongState):
        cancel_rest(shop.boss, order.id, reason="x", version=2)
    (only,) = open_dispatches(order.id)
    hand_over(shop.boss, only.id, line_ids=[line(order, "A")])
    with pytest.raises(AlreadySent):
        cancel_order(shop.boss, order.id, reason="x", version=3)
    with pytest.raises(PermissionDenied):
        cancel_rest(shop.staff("orders.edit"), order.id, reason="x", version=3)
    with pytest.raises(Invalid):
        cancel_rest(shop.boss, order.id, reason=" ", version=3)
    move_dispatch(shop.boss, open_dispatches(order.id)[0].id, DispatchState.PACKED)
    assert "cancel_rest" in order_detail(shop.boss, order.id).allowed
    assert held_units(order.id) == 2
    (boxed,) = open_dispatches(order.id)
    move_dispatch(shop.boss, boxed.id, DispatchState.WAITING)
    assert preview_cancel_rest(shop.boss, order.id).total.minor == 3500
    move_dispatch(shop.boss, boxed.id, DispatchState.PACKED)
    done = cancel_rest(shop.boss, order.id, reason="sold out", version=3)
    assert (done.state, done.fulfilment_state, done.total_minor, held_units(order.id)) == (
        "confirmed", "shipped", 3500, 0,
    )  # fmt: skip
    assert Payment.objects.get(order_id=order.id).amount_minor == 3500
    assert shop.stock("B") == {"west": (9, 0)}
    with pytest.raises(AllSent):
        cancel_rest(shop.boss, order.id, reason="again", version=done.version)
    assert recount() == []


def test_refused_at_the_door_and_back_again_it_can_be_cancelled_and_nobody_owes(
    shop: Shop, order: Order
) -> None:
    (only,) = open_dispatches(order.id)
    (parcel,) = hand_over(shop.boss, only.id)
    set_parcel_state(shop.boss, parcel.id, ParcelState.RETURNED)
    run_handlers("parcel.changed", on_parcel_changed)
    assert queue_of(shop.boss, order.id) == "decision"
    cancel_order(shop.boss, order.id, reason="refused", version=3)
    order.refresh_from_db()
    assert (order.state, order.payment_state, order.fulfilment_state) == (
        "cancelled",
        "nothing_due",
        "returned",
    )
    assert queue_of(shop.boss, order.id) is None


def test_delivered_and_wholly_refunded_is_over(shop: Shop) -> None:
    shop.goods("A", west=9)
    order = shop.place(("A", 1), payment_method="prepaid")
    receive(shop.boss, order_id=order.id, method="cash", amount=order.total, idempotency_key="r1")
    confirm_order(shop.boss, order.id, version=1)
    (parcel,) = hand_over(shop.boss, open_dispatches(order.id)[0].id)
    Order.objects.filter(id=order.id).update(payment_state="refunded")
    from callcart.commerce.payments.public import request_refund

    request_refund(shop.boss, order.id, amount=order.total, reason="goodwill", idempotency_key="b1")
    Refund.objects.update(state="done")
    set_parcel_state(shop.boss, parcel.id, ParcelState.DELIVERED)
    run_handlers("parcel.changed", on_parcel_changed)
    run_handlers("payment.changed", on_payment_changed)
    order.refresh_from_db()
    assert axes_of([order])[order.id].payment == "refunded"
    assert order.state == "closed"
