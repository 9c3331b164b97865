"""The steps of an order's life after placing: confirm, cancel, send out, close (hold: `hold`). Each locks the order first, then
stock, then money, always in this order.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders import history
from callcart.commerce.orders.axes import axes_of
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.scope import locked
from callcart.commerce.orders.states import (
    EDITABLE,
    Fulfilment,
    OrderState,
    PaymentAxis,
    WrongState,
    check_transition,
)
from callcart.commerce.orders.steps import bump, checked_reason, step
from callcart.commerce.payments.public import PaymentMethod, cancel_payment
from callcart.commerce.shipping.public import Parcel, create_parcel, parcels_of
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import Conflict

_SETTLED = frozenset(
    {PaymentAxis.PAID, PaymentAxis.REMITTED, PaymentAxis.NOTHING_DUE, PaymentAxis.PART_REFUNDED}
)


class NotPaid(Conflict):
    """This order is paid in advance and the money has not come yet."""

    code = "order.not_paid"


class AlreadySent(Conflict):
    """Part of this order was already sent out; it cannot be cancelled any more."""

    code = "order.already_sent"


def confirm_order(actor: Actor, order_id: UUID, *, version: int) -> Order:
    """Release an order to the warehouse. A prepaid one needs its money (instalments: the first), or an actor who may
    confirm without. Raises NotFound, StaleOrder, WrongState, NotPaid."""
    order = locked(actor, "orders.confirm", order_id, version=version)
    check_transition(order.state, OrderState.CONFIRMED)
    if not _may_go(order) and not actor.can("orders.confirm_unpaid"):
        raise NotPaid
    order.confirmed_at = now()
    return step(actor, order, OrderState.CONFIRMED, "confirmed")


def _may_go(order: Order) -> bool:
    paid = axes_of([order])[order.id].payment
    if order.payment_method == PaymentMethod.INSTALMENTS and paid == PaymentAxis.PART_PAID:
        return True
    return paid in _SETTLED or order.payment_method == PaymentMethod.COD


def cancel_order(actor: Actor, order_id: UUID, *, reason: str, version: int) -> Order:
    """Cancel: the stock goes back, nothing is owed any more, and what was paid is noted as a refund due. A customer may until
    it is confirmed. Raises NotFound, Invalid without a reason, StaleOrder, WrongState, AlreadySent."""
    return inventory.retrying(lambda: _cancel(actor, order_id, reason, version))


def _cancel(actor: Actor, order_id: UUID, reason: str, version: int | None) -> Order:
    order = locked(actor, "orders.cancel", order_id, version=version)
    check_transition(order.state, OrderState.CANCELLED)
    if actor.kind is ActorKind.CUSTOMER and order.state not in EDITABLE:
        raise WrongState(state=order.state, wanted=OrderState.CANCELLED)  # from here on, a person decides
    if parcels_of([order.id]):
        raise AlreadySent
    order.cancel_reason = checked_reason(reason)
    order.cancelled_at = now()
    inventory.release(actor, order.id, reason=order.cancel_reason)
    cancel_payment(actor, order.id, reason=order.cancel_reason)
    return step(actor, order, OrderState.CANCELLED, "cancelled", reason=order.cancel_reason)


def ship_order(
    actor: Actor,
    order_id: UUID,
    *,
    version: int,
    carrier: str = "",
    tracking: str = "",
    line_ids: Collection[UUID] | None = None,
) -> Parcel:
    """Take a confirmed order's goods (all that is held, or some lines) out of stock into a parcel. Raises NotFound,
    StaleOrder, WrongState, InsufficientStock for goods ordered back that have not come."""
    return inventory.retrying(lambda: _ship(actor, order_id, version, carrier, tracking, line_ids))


def _ship(
    actor: Actor,
    order_id: UUID,
    version: int,
    carrier: str,
    tracking: str,
    line_ids: Collection[UUID] | None,
) -> Parcel:
    order = locked(actor, "orders.ship", order_id, version=version)
    if order.state != OrderState.CONFIRMED:
        raise WrongState(state=order.state)
    units = inventory.ship(actor, order.id, line_ids=line_ids)
    if not units:
        raise WrongState(state=order.state)
    parcel = create_parcel(actor, order.id, units=units, carrier=carrier, tracking=tracking)
    bump(order)
    history.record(
        actor,
        order,
        "shipped",
        after={"parcel": parcel.number},
        data={"carrier": parcel.carrier, "tracking": parcel.tracking, "parcel": parcel.number},
    )
    return parcel


def close_if_done(actor: Actor, order: Order) -> bool:
    """Close a confirmed order whose goods have arrived and whose money is in. The caller holds its lock."""
    done = order.fulfilment_state == Fulfilment.DELIVERED and order.payment_state in _SETTLED
    if order.state != OrderState.CONFIRMED or not done:
        return False
    order.closed_at = now()
    step(actor, order, OrderState.CLOSED, "closed")
    return True
