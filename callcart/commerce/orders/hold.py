"""Stopping an order for a while, and letting it go on."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.orders.jobs import watch_unpaid_again
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.scope import locked
from callcart.commerce.orders.states import OrderState, WrongState, check_transition
from callcart.commerce.orders.steps import checked_reason, step
from callcart.commerce.payments.public import PaymentMethod
from callcart.core.actor import Actor


def hold_order(actor: Actor, order_id: UUID, *, reason: str, version: int) -> Order:
    """Stop an order until somebody lets it go on; its stock stays held. Raises Invalid without a reason."""
    order = locked(actor, "orders.hold", order_id, version=version)
    check_transition(order.state, OrderState.ON_HOLD)
    order.hold_reason = checked_reason(reason)
    return step(actor, order, OrderState.ON_HOLD, "held", reason=order.hold_reason)


def unhold_order(actor: Actor, order_id: UUID, *, version: int) -> Order:
    """Let an order on hold go on; one to be paid in advance has a day at least for it."""
    order = locked(actor, "orders.hold", order_id, version=version)
    if order.state != OrderState.ON_HOLD:
        raise WrongState(state=order.state)
    order.hold_reason = ""
    if order.payment_method != PaymentMethod.COD:
        watch_unpaid_again(order)
    return step(actor, order, OrderState.PLACED, "unheld")
