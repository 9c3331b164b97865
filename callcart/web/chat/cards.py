"""What an agent shows the visitor in the chat: an order, with what it contains and costs, and where it can be paid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from callcart.commerce.orders.public import Order
from callcart.commerce.payments.public import pay_token
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.web import formats
from callcart.web.jinja import url
from callcart.web.reader import reader

MOST_LINES = 6
_PAYABLE = ("due", "part_paid")


def card(what: tuple[str, UUID], tenant_id: int) -> dict[str, Any] | None:
    """A card's words, ready to be shown; None for something that is gone, or of a kind this page does not know."""
    kind, object_id = what
    order = Order.objects.prefetch_related("lines").filter(id=object_id).first() if kind == "order" else None
    if order is None:
        return None
    lines = [each for each in order.lines.all() if each.quantity > 0]
    payable = order.payment_state in _PAYABLE and order.state not in ("draft", "cancelled")
    return {
        "kind": kind,
        "number": order.number,
        "total": str(formats.money(Money(order.total_minor, order.currency))),
        "lines": [f"{each.quantity} × {_name(each)}" for each in lines[:MOST_LINES]],
        "more": max(0, len(lines) - MOST_LINES),
        "pay": url("shop:pay", token=pay_token(Actor.system(tenant_id), order.id)) if payable else "",
    }


def _name(line: Any) -> str:
    chinese = reader().language == "zh-hans" and line.name_zh
    return str(line.name_zh if chinese else line.name)
