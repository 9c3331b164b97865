"""Answering from a desk: a reply that says what its writer has seen. Where the customer has written meanwhile it is not sent, and
whoever wrote it decides again.
"""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.public import locked, to_handle
from callcart.contact.messaging.life import HeardMeanwhile
from callcart.contact.messaging.models import Message
from callcart.contact.messaging.states import Author
from callcart.contact.messaging.write import Words, reply
from callcart.core.actor import Actor


def answer(actor: Actor, conversation_id: UUID, words: Words, *, message_id: UUID, seen: int) -> Message:
    """Reply once, by `message_id`, having read the messages up to the place `seen`. Raises HeardMeanwhile, and what `reply` does."""
    actor.require("messaging.write")
    to_handle(actor, conversation_id)
    locked(conversation_id)
    said = Message.objects.filter(id=message_id, conversation_id=conversation_id).exists()
    if not said and heard_after(conversation_id, seen):
        raise HeardMeanwhile
    return reply(actor, conversation_id, words, message_id=message_id)


def heard_after(conversation_id: UUID, place: int) -> bool:
    """Whether the customer has written after a place."""
    rows = Message.objects.filter(conversation_id=conversation_id, place__gt=place, author=Author.CUSTOMER)
    return rows.exists()
