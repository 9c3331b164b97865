"""Whether somebody has bought here before: by their customer, or a guest by the telephone number it goes to."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.orders.models import Order
from callcart.commerce.orders.states import OrderState
from callcart.commerce.pricing.public import Buyer


def is_first_order(buyer: Buyer, *, besides: UUID | None = None) -> bool:
    """No order of theirs stands `besides` this one; for somebody nobody knows yet it is taken to be the first."""
    rows = Order.objects.exclude(state__in=[OrderState.CANCELLED, OrderState.DRAFT])
    if besides is not None:
        rows = rows.exclude(id=besides)
    if buyer.customer_id is not None:
        return not rows.filter(customer_id=buyer.customer_id).exists()
    return not buyer.phone or not rows.filter(ship_phone=buyer.phone).exists()
