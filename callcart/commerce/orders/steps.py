"""One step in an order's life: what all of them do. The caller holds the order's lock."""

from __future__ import annotations

from callcart.commerce.orders import history
from callcart.commerce.orders.axes import refresh
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.states import OrderState, check_transition
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid
from callcart.core.text import clean, problem


def checked_reason(reason: str) -> str:
    """A reason as it is kept; Invalid where there is none, or it is too long."""
    reason = clean(reason)
    if said := problem(reason, longest=500, required=True):
        raise Invalid(fields={"reason": said})
    return reason


def step(actor: Actor, order: Order, state: OrderState, kind: str, *, reason: str = "") -> Order:
    """Move an order to a state, and write it down as `kind`. Raises WrongState."""
    check_transition(order.state, state)
    before, order.state = order.state, state
    order.waits_since = now()
    bump(order)
    history.record(actor, order, kind, before={"state": before}, after={"state": state}, reason=reason)
    return order


def bump(order: Order) -> None:
    """Save an order that was changed, at its next version."""
    order.version += 1
    order.save()
    refresh(order)
