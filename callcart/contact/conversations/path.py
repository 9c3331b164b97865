"""A conversation's path (steps to the millisecond), its notes, and its links to things of other rooms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Conversation, Link, Note, Step
from callcart.contact.conversations.scope import to_handle
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.text import mask_cards

MAX_NOTE = 20_000


def add_step(
    conversation_id: UUID,
    kind: str,
    *,
    at: datetime | None = None,
    staff_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Add a step in the transaction in hand. `kind` is a dotted word (`prompt.played`, `key.pressed`); `at` is now
    unless the network knows better."""
    when = {} if at is None else {"at": at}
    Step.objects.create(
        conversation_id=conversation_id, kind=kind, staff_id=staff_id, data=dict(data or {}), **when
    )


def link(conversation_id: UUID, kind: str, object_id: UUID) -> None:
    """This conversation belongs to that thing. Saying it twice is saying it once."""
    if not Conversation.objects.filter(id=conversation_id).exists():
        raise NotFound
    row, made = Link.objects.get_or_create(conversation_id=conversation_id, kind=kind, object_id=object_id)
    if made:
        add_step(conversation_id, "linked", data={"kind": row.kind, "id": str(row.object_id)})
        events.emit(
            "conversation.linked",
            subject=("conversation", conversation_id),
            data={"conversation_id": conversation_id, "kind": kind, "id": object_id},
        )


def linked_to(kind: str, object_id: UUID) -> list[Conversation]:
    """The conversations that belong to a thing, newest first."""
    return list(
        Conversation.objects.filter(links__kind=kind, links__object_id=object_id).order_by("-started_at")[:50]
    )


def write_note(actor: Actor, conversation_id: UUID, *, text: str) -> Note:
    """Write a note on a conversation that the actor may see. Raises Invalid (text), NotFound, PermissionDenied."""
    actor.require("conversations.handle")
    text = clean_text(text, field="text")
    if not text:
        raise Invalid(fields={"text": _("Write something first.")})
    to_handle(actor, conversation_id)
    note = Note.objects.create(conversation_id=conversation_id, staff_id=actor.id, text=text)
    events.emit(
        "conversation.noted",
        subject=("conversation", conversation_id),
        staff_id=actor.id,
        data={"conversation_id": conversation_id, "note_id": note.id},
    )
    return note


def clean_text(text: str, *, field: str) -> str:
    """A note as it is kept: PostgreSQL knows no NUL character, no card number is kept, and nothing is cut without saying so."""
    text = mask_cards(text.replace("\x00", "").strip())
    if len(text) > MAX_NOTE:
        raise Invalid(fields={field: _("At most %(count)s characters, please.") % {"count": MAX_NOTE}})
    return text
