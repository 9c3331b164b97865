"""Reading written conversations: their messages with what became of them, and the inbox of one agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callcart.contact.conversations.public import visible
from callcart.contact.messaging.models import Attachment, Message
from callcart.core import files
from callcart.core.actor import Actor
from callcart.core.database import raw, sql
from callcart.core.errors import NotFound

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Inboxed:
    """One conversation as an inbox lists it. `due`: since when somebody waits for an answer."""

    id: UUID
    number: str
    channel: str
    state: str
    title: str
    peer: str
    customer_id: UUID | None
    queue_id: UUID | None
    agent_id: UUID | None
    owner_id: UUID | None
    started_at: datetime
    due: datetime | None
    wake_at: datetime | None
    snippet: str


def messages_of(actor: Actor, conversation_id: UUID, *, before: int | None = None) -> list[Message]:
    """The newest messages of a conversation within reach, oldest of them first; `before` (a place) pages back. Raises NotFound,
    PermissionDenied."""
    if not visible(actor).filter(id=conversation_id).exists():
        raise NotFound
    rows = Message.objects.filter(conversation_id=conversation_id).select_related("delivery", "line")
    rows = rows if before is None else rows.filter(place__lt=before)
    return list(reversed(rows.prefetch_related("files").order_by("-place")[:MOST_SHOWN]))


def inbox(actor: Actor) -> list[Inboxed]:
    """What concerns an agent: what he is offered or has, what of his sleeps or waits for the customer, and what waits in his
    queues; what is due first. Raises PermissionDenied."""
    actor.require("conversations.view")
    return [Inboxed(*row) for row in raw.all(sql("callcart.contact.messaging", "inbox"), {"staff": actor.id})]


def open_attachment(actor: Actor, attachment_id: UUID) -> tuple[Attachment, bytes]:
    """A file of a message within reach. Raises NotFound, PermissionDenied."""
    found = Attachment.objects.select_related("message").filter(id=attachment_id).first()
    if found is None or not visible(actor).filter(id=found.message.conversation_id).exists():
        raise NotFound
    return found, files.path(found.file_key).read_bytes()
