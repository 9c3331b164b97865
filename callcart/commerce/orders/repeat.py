"""Order the same again: a draft from an earlier order, at today's prices, without what is no longer sold."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.catalog.public import variants
from callcart.commerce.orders.address import address_of
from callcart.commerce.orders.cart import unit_prices
from callcart.commerce.orders.drafts import DraftLine, OrderDraft
from callcart.commerce.orders.scope import visible
from callcart.commerce.orders.sets import grouped, sold_as
from callcart.commerce.pricing import public as pricing
from callcart.core.actor import Actor
from callcart.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Repeat:
    """The draft, and the names of lines that cannot be had any more."""

    draft: OrderDraft
    missing: tuple[str, ...]


def repeat_draft(actor: Actor, order_id: UUID, *, channel: str = "phone") -> Repeat:
    """Raises NotFound."""
    order = visible(actor, "orders.view").filter(id=order_id).first()
    if order is None:
        raise NotFound
    of_order = order.lines.select_related("sold_set").order_by("position")
    rows = [sold_as(group) for group in grouped(of_order)]
    found = variants(row.variant_id for row in rows)
    there = [row for row in rows if (hit := found.get(row.variant_id)) is not None and hit.on_sale]
    missing = [row.name_in(actor.language) for row in rows if row not in there]
    address = address_of(order)
    prices = unit_prices(
        {found[row.variant_id]: row.quantity for row in there},
        pricing.Buyer(
            order.customer_id, order.ship_phone, address.country, address.province, channel=channel
        ),
    )
    lines = [DraftLine(row.variant_id, row.quantity, prices[row.variant_id].minor) for row in there]
    draft = OrderDraft(
        lines=tuple(lines),
        channel=channel,
        address=address,
        delivery_method=order.delivery_method,
        payment_method=order.payment_method,
        instalments=order.instalment_count,
        customer_id=order.customer_id,
        language=order.language,
    )
    return Repeat(draft=draft, missing=tuple(missing))
