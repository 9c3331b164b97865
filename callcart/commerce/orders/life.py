"""The steps of an order's life after placing: confirm, cancel, close (hold: `hold`, sending: `send`). Each locks the order first, then
stock, then money, always in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders.axes import axes_of
from callcart.commerce.orders.dispatches import Carriage, align, end_all
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.paid import SETTLED, NotPaid, money_is_missing
from callcart.commerce.orders.scope import locked
from callcart.commerce.orders.states import (
    EDITABLE,
    Fulfilment,
    OrderState,
    PaymentAxis,
    WrongState,
    check_transition,
)
from callcart.commerce.orders.steps import checked_reason, step
from callcart.commerce.payments.public import cancel_payment
from callcart.commerce.pricing.public import release_uses
from callcart.commerce.shipping.public import parcels_of
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import Conflict, PermissionDenied

_GIVEN_BACK = frozenset({PaymentAxis.REFUNDED, PaymentAxis.NOTHING_DUE})
_CAME_BACK = frozenset({Fulfilment.RETURNED, Fulfilment.LOST})


class Doubtful(PermissionDenied):
    """Something about this order has to be looked at first: an approver decides about it."""

    code = "order.doubtful"


class AlreadySent(Conflict):
    """Part of this order was already sent out. Cancel the rest of it; what was sent comes back by a return."""

    code = "order.already_sent"


def confirm_order(actor: Actor, order_id: UUID, *, version: int) -> Order:
    """Release an order to the warehouse: confirmed, with its dispatch documents. A prepaid one needs its money (instalments: the
    first), or an actor who may confirm without; one with doubts needs an approver (`approve_order`). Raises NotFound,
    StaleOrder, WrongState, NotPaid, Doubtful."""
    order = locked(actor, "orders.confirm", order_id, version=version)
    check_transition(order.state, OrderState.CONFIRMED)
    if order.flags and not actor.can("orders.approve"):
        raise Doubtful
    return release(actor, order)


def release(
    actor: Actor, order: Order, *, chosen: Mapping[UUID, Carriage] | None = None, reason: str = ""
) -> Order:
    """The step itself, for whoever has checked the permission and holds the lock; `chosen` are carriers by warehouse."""
    check_transition(order.state, OrderState.CONFIRMED)
    if money_is_missing(order, axes_of([order])[order.id].payment):
        if not actor.can("orders.confirm_unpaid"):
            raise NotPaid
        order.goods_on_trust = True
    order.confirmed_at = now()
    step(actor, order, OrderState.CONFIRMED, "confirmed", reason=reason)
    align(actor, order, chosen=chosen)
    return order


def cancel_order(actor: Actor, order_id: UUID, *, reason: str, version: int) -> Order:
    """Cancel: the stock goes back, nothing is owed any more, and what was paid is noted as a refund due. A customer may until
    it is confirmed. One whose parcels have all come back or were lost may be cancelled too. Raises NotFound, Invalid without
    a reason, StaleOrder, WrongState, AlreadySent."""
    return inventory.retrying(lambda: cancel_locked(actor, order_id, reason, version))


def cancel_locked(
    actor: Actor,
    order_id: UUID,
    reason: str,
    version: int | None,
    *,
    permission: str = "orders.cancel",
    kind: str = "cancelled",
) -> Order:
    """The same under the order's lock, for other verbs that end an order: `kind` is what its history says."""
    order = locked(actor, permission, order_id, version=version)
    check_transition(order.state, OrderState.CANCELLED)
    if actor.kind is ActorKind.CUSTOMER and order.state not in EDITABLE:
        raise WrongState(state=order.state, wanted=OrderState.CANCELLED)  # from here on, a person decides
    if any(each.state not in _CAME_BACK for each in parcels_of([order.id]).get(order.id, [])):
        raise AlreadySent
    order.cancel_reason = checked_reason(reason)
    order.cancelled_at = now()
    inventory.release(actor, order.id, reason=order.cancel_reason)
    end_all(actor, order, reason=order.cancel_reason)
    cancel_payment(actor, order.id, reason=order.cancel_reason)
    release_uses(order.id)
    return step(actor, order, OrderState.CANCELLED, kind, reason=order.cancel_reason)


def _arrived(order: Order) -> bool:
    """Its goods were at the door, also where the customer gave them back afterwards: what follows of that is decided by then."""
    if order.fulfilment_state in {Fulfilment.DELIVERED, Fulfilment.PART_RETURNED}:
        return True
    return order.fulfilment_state == Fulfilment.RETURNED and order.lines.filter(returned__gt=0).exists()


def close_if_done(actor: Actor, order: Order) -> bool:
    """Close a confirmed order whose goods have arrived and whose money is in, or given back; also one of which nothing is left:
    goods and money have both gone back. The caller holds its lock."""
    arrived, money = _arrived(order), order.payment_state
    done = (arrived and money in SETTLED | _GIVEN_BACK) or (
        order.fulfilment_state in _CAME_BACK and money in _GIVEN_BACK
    )
    if order.state != OrderState.CONFIRMED or not done:
        return False
    order.closed_at = now()
    step(actor, order, OrderState.CLOSED, "closed")
    return True
