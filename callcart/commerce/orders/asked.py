"""Asking for a price or a discount by hand that is above one's limit, and giving it once it is approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from callcart.commerce.orders.by_hand import DISCOUNT, PRICE, percent_below
from callcart.commerce.orders.edit import confirm_change
from callcart.commerce.orders.edit_actions import Action, SetDiscount, SetPrice
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.scope import StaleOrder, visible
from callcart.commerce.orders.sets import sold_row
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.people.approvals import public as approvals


@approvals.action(DISCOUNT, label=_("Discount on an order"), link="office:order")
@approvals.action(PRICE, label=_("Another price on an order"), link="office:order")
def give_by_hand(actor: Actor, payload: Mapping[str, Any]) -> None:
    """What somebody with a higher limit approved: done on the order as it is then, under the approver's own limit. Raises
    NotFound, StaleOrder where the line has more units than was asked for."""
    order = Order.objects.filter(id=payload["order_id"]).first()
    if order is None:
        raise NotFound
    line_id, reason = UUID(payload["line_id"]), str(payload["reason"])
    most = payload.get("units")
    row = sold_row(order, line_id)
    if most is not None and row is not None and row.quantity > int(most):
        raise StaleOrder(version=order.version)  # more units than the approver was asked about
    action: Action = (
        SetPrice(line_id, int(payload["unit_minor"]), reason)
        if "unit_minor" in payload
        else SetDiscount(line_id, int(payload["discount_bp"]), reason)
    )
    confirm_change(actor, order.id, [action], version=order.version, reason=reason)


def ask_by_hand(
    actor: Actor, order_id: UUID, action: SetPrice | SetDiscount, *, reason: str
) -> approvals.Approval:
    """Ask somebody with a higher limit to give a line of a placed order this price or discount. Raises NotFound and as
    `approvals.ask`."""
    order = visible(actor, "orders.edit").filter(id=order_id).first()
    line = sold_row(order, action.line_id) if order else None
    if order is None or line is None:
        raise NotFound
    listed = line.unit_minor if line.list_minor is None else line.list_minor
    payload: dict[str, Any] = {
        "order_id": str(order.id), "line_id": str(line.id), "reason": action.reason, "units": line.quantity
    }  # fmt: skip
    if isinstance(action, SetPrice):
        payload["unit_minor"], permission = action.unit_minor, PRICE
        percent = percent_below(action.unit_minor, listed)
    else:
        payload["discount_bp"], permission = action.discount_bp, DISCOUNT
        percent = -(-action.discount_bp // 100)
    return approvals.ask(
        actor,
        action=permission,
        permission=permission,
        subject=("order", order.id),
        label=order.number,
        percent=percent,
        payload=payload,
        reason=reason,
    )
