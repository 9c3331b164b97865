"""What an order's page shows of approval and sending: doubts, dispatch documents, tags, and what may be done."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders import public as orders
from callcart.commerce.shipping import public as shipping
from callcart.core.actor import Actor


def beside_order(actor: Actor, detail: orders.OrderDetail) -> dict[str, Any]:
    """Values for the partial templates of the orders desk on the page of an order."""
    order = detail.order
    can = {name for name in ("tag",) if actor.can(f"orders.{name}")}
    return {
        "doubts": orders.say_doubts(order, actor.language),
        "dispatches": shipping.open_dispatches(order.id),
        "places": {each.id: each for each in inventory.list_warehouses()},
        "dispatch_words": dispatch_words(),
        "why_here": inventory.why_here(order.id) if any(each.held for each in detail.lines) else "",
        "known_tags": orders.tags_of_orders() if "tag" in can else [],
        "can": can,
    }


def dispatch_words() -> dict[str, tuple[str, str]]:
    """The states of a dispatch document with their colours."""
    return {
        "waiting": (_("Waits to be picked"), "blue"),
        "picking": (_("Being picked"), "violet"),
        "packed": (_("Packed"), "violet"),
        "handed_over": (_("With the carrier"), "green"),
        "cancelled": (_("Cancelled"), "red"),
    }
