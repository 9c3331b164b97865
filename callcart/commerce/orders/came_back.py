"""Cash that was to be collected for goods nobody took: what an order owes follows what was delivered of it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from callcart.commerce.orders.dispatches import worth
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.states import OrderState
from callcart.commerce.payments.public import PaymentMethod, relieve, sums_of
from callcart.commerce.shipping.public import (
    DispatchParcel,
    DispatchState,
    ParcelState,
    ever_delivered,
    open_dispatches,
    parcels_of,
    units_in,
)
from callcart.core.actor import Actor
from callcart.core.money import Money

NOT_TAKEN = frozenset({ParcelState.RETURNED, ParcelState.LOST})


def follow_deliveries(actor: Actor, order: Order, *, settled: bool = False) -> None:
    """Let go the cash of parcels that are back with us, or lost, without having been delivered. An order of which nothing arrived and
    nothing is to come keeps its debt until somebody has decided on it (`settled`): most are cancelled then. The caller holds the
    order's lock; a second call changes nothing."""
    if order.payment_method != PaymentMethod.COD or order.state == OrderState.CANCELLED:
        return
    parcels = parcels_of([order.id]).get(order.id, [])
    if not any(each.state in NOT_TAKEN for each in parcels) and not _was_relieved(order):
        return  # nearly every scan of nearly every parcel
    over = all(each.state in NOT_TAKEN for each in parcels) and not open_dispatches(order.id)
    if settled or not over or ever_delivered(parcels):
        relieve(actor, order.id, not_collected=cash_not_collected(order))


def _was_relieved(order: Order) -> bool:
    sums = sums_of([order.id]).get(order.id)
    return sums is not None and sums.relieved > 0


def cash_not_collected(order: Order) -> Money:
    """The cash that carriers were to collect for parcels which nobody took. A document's cash is shared over its parcels by what
    lies in them (largest remainder)."""
    boxes = _boxes(order)
    worths = _worths(order, boxes)
    total = Money.zero(order.currency)
    for dispatch in {each.dispatch_id: each.dispatch for each in boxes}.values():
        its = [each for each in boxes if each.dispatch_id == dispatch.id]
        weights = [worths[each.parcel_id] for each in its]
        shares = dispatch.cod.allocate(weights if any(weights) else [1] * len(its))
        total += _sum(zip(its, shares, strict=True))
    return total


def worth_not_taken(order: Order) -> Money:
    """What of the order's total parcels come to that nobody took, with their shares of delivery and tax."""
    boxes = _boxes(order)
    worths = _worths(order, boxes)
    weights = [worths[each.parcel_id] for each in boxes]
    rest = max(order.goods_minor - sum(weights), 0)
    if not any(weights):
        return Money.zero(order.currency)
    shares = order.total.allocate([*weights, rest])[:-1]
    return _sum(zip(boxes, shares, strict=True))


def _sum(shares: Iterable[tuple[DispatchParcel, Money]]) -> Money:
    pairs = list(shares)
    delivered = ever_delivered([each.parcel for each, _share in pairs])
    total = Money.zero(pairs[0][1].currency)
    for each, share in pairs:
        if each.parcel.state in NOT_TAKEN and each.parcel_id not in delivered:
            total += share
    return total


def _boxes(order: Order) -> list[DispatchParcel]:
    rows = DispatchParcel.objects.filter(
        dispatch__order_id=order.id, dispatch__state=DispatchState.HANDED_OVER
    )
    return list(rows.select_related("dispatch", "parcel").order_by("id"))


def _worths(order: Order, boxes: Iterable[DispatchParcel]) -> dict[UUID, int]:
    """What the goods in each parcel come to."""
    inside = units_in([each.parcel for each in boxes])
    lines = {line.id: line for line in order.lines.all()}
    return {
        each.parcel_id: sum(
            worth(lines[line_id], count) for line_id, count in inside.get(each.parcel_id, {}).items()
        )
        for each in boxes
    }
