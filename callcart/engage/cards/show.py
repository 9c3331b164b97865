"""An agent shows the visitor of a chat an order. It is a message like any other, said once; the conversation is linked to the order. Only
orders within the agent's reach are shown, and only the visitor's own unless the agent may show those of others.
"""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Order
from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import link, to_handle
from callcart.contact.messaging.models import Message
from callcart.contact.messaging.public import Words, reply
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, NotFound, PermissionDenied

ORDER = "order"
OTHERS = "cards.others"
MOST_OFFERED = 12


class OnlyInChats(Conflict):
    """An order is shown in a chat only. Here, send the link to pay, or write it."""

    code = "cards.only_in_chats"


class AlreadyShown(Conflict):
    """Something else was sent by this press already. Choose the order again."""

    code = "cards.already_shown"


def orders_to_show(actor: Actor, conversation_id: UUID) -> list[Order]:
    """The person's orders that the actor may show in this conversation, newest first, and those it is linked to. Raises NotFound,
    PermissionDenied."""
    conversation = to_handle(actor, conversation_id)
    rows = orders.visible(actor, "orders.view").exclude(state=orders.OrderState.DRAFT)
    found: dict[UUID, Order] = {}
    if conversation.customer_id is not None:
        theirs = rows.filter(customer_id=conversation.customer_id).order_by("-placed_at")
        found = {row.id: row for row in theirs[:MOST_OFFERED]}
    if actor.can(OTHERS):
        linked = conversation.links.filter(kind=ORDER).values_list("object_id", flat=True)[:MOST_OFFERED]
        found |= {row.id: row for row in rows.filter(id__in=list(linked))}
    return sorted(found.values(), key=lambda each: each.placed_at, reverse=True)


def show_order(
    actor: Actor, conversation_id: UUID, order_id: UUID, *, message_id: UUID, text: str = ""
) -> Message:
    """Show an order in a chat, once by `message_id`. Raises NotFound (also for an order out of reach), PermissionDenied (somebody
    else's), OnlyInChats, AlreadyShown (by this id went something else), and what `reply` does."""
    actor.require("messaging.write")
    conversation = to_handle(actor, conversation_id)
    if conversation.channel != "chat":
        raise OnlyInChats
    order = orders.visible(actor, "orders.view").filter(id=order_id).exclude(state="draft").first()
    if order is None:
        raise NotFound
    _check_whose(actor, conversation, order)
    words = Words(text, card=(ORDER, order.id), asks=actor.can("orders.confirm"))
    message = reply(actor, conversation_id, words, message_id=message_id)
    if message.data.get("id") != str(order.id):
        raise AlreadyShown
    link(conversation_id, ORDER, order.id)
    return message


def _check_whose(actor: Actor, conversation: Conversation, order: Order) -> None:
    theirs = order.customer_id is not None and order.customer_id == conversation.customer_id
    if not theirs and not actor.can(OTHERS):
        raise PermissionDenied(permission=OTHERS)
