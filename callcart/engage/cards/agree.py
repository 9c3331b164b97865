"""The visitor says yes to an order that was shown to him: kept with the message and on the path, once. What it takes to release the order
is still the order's to decide: one with doubts, or still to be paid, waits for whoever decides about it, who reads that the customer agreed.
"""

from __future__ import annotations

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Order
from callcart.contact.messaging.models import Visitor
from callcart.contact.messaging.public import visitors
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, NotFound
from callcart.engage.cards.face import waits
from callcart.engage.cards.show import ORDER


class NothingToAgree(Conflict):
    """This order does not wait for your word any more."""

    code = "cards.nothing_to_agree"


def agree(visitor: Visitor, place: int, *, version: int) -> bool:
    """The visitor agrees to the order shown at a place of his conversation, as it stood at `version`. True: the order is confirmed by it.
    Twice is once. Raises NotFound, NothingToAgree, StaleOrder (it was changed after it was shown)."""
    kind, order_id, message = visitors.card_at(visitor, place)
    if kind != ORDER or not message.data.get("asks"):
        raise NotFound
    if message.data.get("agreed_at"):
        return Order.objects.filter(id=order_id, state=orders.OrderState.CONFIRMED).exists()
    order = Order.objects.select_for_update(no_key=True).filter(id=order_id).first()
    if order is None:
        raise NotFound
    if order.version != version:
        raise orders.StaleOrder(version=order.version)
    if not waits(order):
        raise NothingToAgree
    visitors.agrees(visitor, message)
    if order.flags:
        return False
    orders.confirm_order(Actor.system(visitor.tenant_id, "chat", channel="chat"), order.id, version=version)
    return True
