"""Cash that was to be collected for goods nobody took: what an order owes follows what was delivered of it."""

from __future__ import annotations

from collections import defaultdict

from callcart.commerce.orders.dispatches import worth
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.states import OrderState
from callcart.commerce.payments.public import PaymentMethod, relieve
from callcart.commerce.shipping.public import (
    Dispatch,
    DispatchParcel,
    DispatchState,
    Parcel,
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
    over = all(each.state in NOT_TAKEN for each in parcels) and not open_dispatches(order.id)
    if settled or not over or ever_delivered(parcels):
        relieve(actor, order.id, not_collected=cash_not_collected(order))


def cash_not_collected(order: Order) -> Money:
    """The cash that carriers were to collect for parcels which nobody took. A document's cash is shared over its parcels by what
    lies in them (largest remainder)."""
    boxes: dict[Dispatch, list[Parcel]] = defaultdict(list)
    rows = DispatchParcel.objects.filter(
        dispatch__order_id=order.id, dispatch__state=DispatchState.HANDED_OVER
    ).select_related("dispatch", "parcel")
    for each in rows.order_by("id"):
        boxes[each.dispatch].append(each.parcel)
    parcels = [parcel for each in boxes.values() for parcel in each]
    delivered, inside = ever_delivered(parcels), units_in(parcels)
    lines = {line.id: line for line in order.lines.all()}
    total = Money.zero(order.currency)
    for dispatch, its in boxes.items():
        weights = [
            sum(worth(lines[line_id], count) for line_id, count in inside.get(each.id, {}).items())
            for each in its
        ]
        shares = dispatch.cod.allocate(weights if any(weights) else [1] * len(its))
        for parcel, cash in zip(its, shares, strict=True):
            if parcel.state in NOT_TAKEN and parcel.id not in delivered:
                total += cash
    return total
