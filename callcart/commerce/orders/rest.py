"""Cancelling what was not sent yet of an order of which part has left: the ordinary change of an order, to just what was sent."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.inventory.public import retrying
from callcart.commerce.orders.dispatches import end_all
from callcart.commerce.orders.edit import change_locked, try_change
from callcart.commerce.orders.edit_actions import Action, ChangePreview, RemoveLine, SetQuantity
from callcart.commerce.orders.editable import AllSent, sent_units
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.scope import locked, visible
from callcart.commerce.orders.states import OrderState, WrongState
from callcart.commerce.orders.steps import checked_reason
from callcart.core.actor import Actor
from callcart.core.errors import NotFound


def preview_cancel_rest(actor: Actor, order_id: UUID) -> ChangePreview:
    """The order as it would be, and the money that moves. Raises NotFound, WrongState, AllSent, BeingPacked."""
    order = visible(actor, "orders.cancel").filter(id=order_id).first()
    if order is None:
        raise NotFound
    return try_change(order, _actions(order))


def cancel_rest(actor: Actor, order_id: UUID, *, reason: str, version: int) -> Order:
    """Keep what was sent, give the rest back to stock, and ask for no more than what was sent comes to. Documents end even
    where packing has begun: the warehouse is told. Raises NotFound, StaleOrder, Invalid without a reason, WrongState where
    nothing was sent (then the order is cancelled), AllSent."""

    def work() -> Order:
        order = locked(actor, "orders.cancel", order_id, version=version)
        said, actions = checked_reason(reason), _actions(order)
        end_all(actor, order, reason=said)
        return change_locked(actor, order, actions, said, kind="rest_cancelled")

    return retrying(work)


def _actions(order: Order) -> list[Action]:
    sent = sent_units(order.id)
    if order.state != OrderState.CONFIRMED or not sent:
        raise WrongState(state=order.state)
    lines = list(order.lines.order_by("position"))
    actions: list[Action] = []
    for line in lines:
        if not sent[line.id]:
            actions.append(RemoveLine(line.id))
        elif sent[line.id] < line.quantity:
            actions.append(SetQuantity(line.id, sent[line.id]))
    if not actions:
        raise AllSent
    return actions
