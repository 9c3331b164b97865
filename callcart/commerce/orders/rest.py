"""Cancelling what was not sent yet of an order of which part has left: the ordinary change of an order, to just what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from callcart.commerce.inventory.public import retrying
from callcart.commerce.orders.dispatches import end_all
from callcart.commerce.orders.edit import change_locked, try_change
from callcart.commerce.orders.edit_actions import Action, ChangePreview, RemoveLine, SetQuantity, TakeApart
from callcart.commerce.orders.editable import AllSent, sent_units
from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.scope import locked, visible
from callcart.commerce.orders.sets import grouped
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
    actions: list[Action] = []
    for lines in grouped(order.lines.order_by("position")):
        actions += _of_set(lines, sent) if lines[0].sold_set_id else _of_line(lines[0], sent)
    if not actions:
        raise AllSent
    return actions


def _of_line(line: Line, sent: Mapping[UUID, int]) -> list[Action]:
    units = sent.get(line.id, 0)
    if not units:
        return [RemoveLine(line.id)]
    return [SetQuantity(line.id, units)] if units < line.quantity else []


def _of_set(lines: Sequence[Line], sent: Mapping[UUID, int]) -> list[Action]:
    """Whole sets stay sets; of one that left in part only, what left stays at its share of the price."""
    set_id = lines[0].sold_set_id
    if set_id is None or all(sent.get(line.id, 0) == line.quantity for line in lines):
        return []
    if not any(sent.get(line.id, 0) for line in lines):
        return [RemoveLine(set_id)]
    whole = {divmod(sent.get(line.id, 0), line.set_units or 1) for line in lines}
    if len(whole) == 1 and not (only := next(iter(whole)))[1]:
        return [SetQuantity(set_id, only[0])]
    return [TakeApart(set_id), *(action for line in lines for action in _of_line(line, sent))]
