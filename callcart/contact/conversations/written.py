"""What written channels (mail, SMS, chat) need beyond a call: who is to answer, since when the customer waits for one, and until
when a conversation sleeps. Whose turn it is stays routing's.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from callcart.contact.conversations.models import Conversation
from callcart.core.database import raw

_HEARD = """
UPDATE conversations_conversation SET heard_at = %s::timestamptz, wake_at = NULL, forget_at = NULL WHERE id = %s::uuid"""
_ANSWERED = """
UPDATE conversations_conversation SET heard_at = NULL, owner_id = %s::uuid, answered_at = %s::timestamptz WHERE id = %s::uuid"""


def open_with(channel: str, peer: str) -> UUID | None:
    """The newest conversation that is open with an address on a channel."""
    rows = Conversation.objects.filter(closed_at=None, channel=channel, peer=peer)
    return rows.order_by("-started_at").values_list("id", flat=True).first()


def id_of_number(number: str, channel: str) -> UUID | None:
    """The conversation of a channel with that number, ended or not."""
    return Conversation.objects.filter(number=number, channel=channel).values_list("id", flat=True).first()


def heard(conversation: Conversation, at: datetime) -> None:
    """The customer has written: somebody is to answer. One that sleeps wakes."""
    if conversation.heard_at and not conversation.wake_at and not conversation.forget_at:
        return
    conversation.heard_at = conversation.heard_at or at
    conversation.wake_at = conversation.forget_at = None
    raw.run_prepared(_HEARD, (conversation.heard_at, conversation.id))


def answered(conversation: Conversation, staff_id: UUID | None, at: datetime) -> None:
    """We have written: nobody waits for us. Whoever wrote owns the conversation from then on."""
    conversation.heard_at = None
    conversation.owner_id = staff_id or conversation.owner_id
    conversation.answered_at = conversation.answered_at or at
    raw.run_prepared(_ANSWERED, (conversation.owner_id, conversation.answered_at, conversation.id))


def given_to(conversation_id: UUID, staff_id: UUID | None) -> None:
    """Who owns it: whom it waits for first when it waits again."""
    Conversation.objects.filter(id=conversation_id).update(owner_id=staff_id)


def asleep(conversation_id: UUID, *, until: datetime | None, forget: datetime | None) -> None:
    """Nobody waits for us. It waits again at `until` or when the customer writes; else it is closed at `forget`."""
    Conversation.objects.filter(id=conversation_id).update(heard_at=None, wake_at=until, forget_at=forget)
