"""Where an order's money and goods stand: reads the ledgers, asks the pure functions, and keeps the answer for lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.inventory.public import Held, units_held
from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.states import (
    Back,
    Fulfilment,
    MoneyFacts,
    OrderState,
    ParcelFact,
    PaymentAxis,
    derive_fulfilment,
    derive_payment,
)
from callcart.commerce.payments.public import PaymentMethod, Sums, sums_of
from callcart.commerce.shipping.public import Parcel, parcels_of, units_in
from callcart.core.clock import now


@dataclass(frozen=True, slots=True)
class Axes:
    payment: PaymentAxis
    fulfilment: Fulfilment


def axes_of(orders: Sequence[Order]) -> dict[UUID, Axes]:
    """Both axes of orders as the ledgers say now."""
    ids = [order.id for order in orders]
    sums, held, parcels = sums_of(ids), units_held(ids), parcels_of(ids)
    units = units_in([parcel for each in parcels.values() for parcel in each])
    ordered: dict[UUID, dict[UUID, int]] = {order_id: {} for order_id in ids}
    back: dict[UUID, Back] = {}
    for line in Line.objects.filter(order__in=ids).only("order_id", "quantity", "returning", "returned"):
        ordered[line.order_id][line.id] = line.quantity
        known = back.get(line.order_id, Back())
        back[line.order_id] = Back(known.returning + line.returning, known.returned + line.returned)
    return {
        order.id: Axes(
            payment=_payment(order, sums.get(order.id)),
            fulfilment=_fulfilment(
                order,
                ordered[order.id],
                held.get(order.id, {}),
                parcels.get(order.id, []),
                units,
                back.get(order.id, Back()),
            ),
        )
        for order in orders
    }


def axes_of_new(order: Order, lines: Iterable[Line], held: Iterable[Held]) -> tuple[PaymentAxis, Fulfilment]:
    """Both axes of an order just made, whose ledgers hold nothing yet but its debt and what was held for it."""
    owed = MoneyFacts(owed=order.total_minor, on_delivery=order.payment_method == PaymentMethod.COD)
    units: Counter[UUID] = Counter()
    for each in held:
        units[each.line_id] += each.quantity
    return derive_payment(owed), derive_fulfilment({line.id: line.quantity for line in lines}, units, [])


def _payment(order: Order, sums: Sums | None) -> PaymentAxis:
    if sums is None:
        return derive_payment(
            MoneyFacts(owed=order.total_minor, cancelled=order.state == OrderState.CANCELLED)
        )
    return derive_payment(
        MoneyFacts(
            owed=sums.owed,
            captured=sums.captured,
            refund_open=sums.refund_open,
            refunded=sums.refunded,
            on_delivery=sums.on_delivery,
            collected=sums.collected,
            cancelled=sums.cancelled,
        )
    )


def _fulfilment(
    order: Order,
    ordered: Mapping[UUID, int],
    held: Mapping[UUID, int],
    parcels: Sequence[Parcel],
    units: Mapping[UUID, Mapping[UUID, int]],
    back: Back,
) -> Fulfilment:
    facts = [ParcelFact(parcel.state, units.get(parcel.id, {})) for parcel in parcels]
    return derive_fulfilment(ordered, held, facts, cancelled=order.state == OrderState.CANCELLED, back=back)


def refresh(order: Order) -> bool:
    """Keep the order's axes as they are now; whether one has moved. The caller holds the order's lock."""
    axes = axes_of([order])[order.id]
    if (order.payment_state, order.fulfilment_state) == (axes.payment, axes.fulfilment):
        return False
    order.payment_state, order.fulfilment_state = axes.payment, axes.fulfilment
    order.waits_since = now()
    order.save(update_fields=["payment_state", "fulfilment_state", "waits_since"])
    return True
