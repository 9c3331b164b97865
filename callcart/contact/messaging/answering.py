"""Answering from a desk, and letting go: both say what their writer has seen. Where the customer has written meanwhile nothing is sent or
set aside, and whoever wrote decides again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from callcart.contact.conversations.public import (
    ConversationState,
    add_step,
    asleep,
    locked,
    to_handle,
    to_handle_locked,
)
from callcart.contact.messaging.life import HeardMeanwhile, checked_sleep, heard_after, set_aside
from callcart.contact.messaging.models import Message
from callcart.contact.messaging.write import MOST_TEXT, Words, reply_in, sent_as
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.fields import Fields
from callcart.core.tenancy import tenant_transaction


class AlreadySent(Conflict):
    """This answer was sent already, as it stood then. What you changed since has not been sent."""

    code = "messaging.already_sent"


def answer(actor: Actor, conversation_id: UUID, words: Words, *, message_id: UUID, seen: int) -> Message:
    """Reply once, by `message_id`, having read the messages up to the place `seen`. Raises HeardMeanwhile, AlreadySent (by this id went
    another text), and what `reply` does."""
    actor.require("messaging.write")
    conversation = to_handle_locked(actor, conversation_id)
    said = sent_as(message_id, conversation_id)
    if said is None:
        if heard_after(conversation_id, seen):
            raise HeardMeanwhile
        return reply_in(conversation, actor, words, message_id=message_id)
    if said.text != Fields().block("text", words.text, most=MOST_TEXT):
        raise AlreadySent
    return said


def put_aside(actor: Actor, conversation_id: UUID, *, seen: int, until: datetime | None) -> None:
    """With nobody until the customer writes, or until a time; one that nobody has already sleeps until then. Outside of the request's
    transaction. Raises what `set_aside` does."""
    with tenant_transaction(actor.tenant_id):
        actor.require("messaging.write")
        to_handle(actor, conversation_id)
        row = locked(conversation_id)
        if row.state == ConversationState.PENDING:
            if until is not None:
                checked_sleep(until)
                asleep(conversation_id, until=until, forget=None)
                add_step(conversation_id, "snoozed", staff_id=actor.id)
                _tell(actor, conversation_id)
            return
    set_aside(actor, conversation_id, seen=seen, until=until)


def _tell(actor: Actor, conversation_id: UUID) -> None:
    events.emit(
        "conversation.state",
        subject=("conversation", conversation_id),
        staff_id=actor.id,
        data={
            "conversation_id": conversation_id,
            "state": ConversationState.PENDING,
            "staff_id": str(actor.id),
        },
    )
