"""Which conversation a message belongs to. A mail: by our mark in its address or subject, else by the Message-IDs it answers to. An
SMS or a chat: the one that is open with that address on that line."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.public import id_of_number, open_with
from callcart.contact.messaging.models import Line, Message
from callcart.contact.messaging.tokens import number_of
from callcart.contact.messaging.transport import Incoming
from callcart.core.database import raw

MOST_REFERENCES = 30
_SPACE = 7106  # of the advisory locks


def find(line: Line, incoming: Incoming) -> UUID | None:
    """The conversation, ended or not; None for a new one."""
    if line.channel == "mail":
        return _by_mark(incoming.token) or _by_references(line, incoming)
    # Two that come in at one moment are one conversation: the second looks once the first is written.
    raw.run("SELECT pg_advisory_xact_lock(%s::int, hashtext(%s))", (_SPACE, f"{line.id}/{incoming.peer}"))
    return open_with(line.channel, incoming.peer)


def newest_line(conversation_id: UUID) -> Line | None:
    """The line a conversation goes by: that of its newest message."""
    rows = Message.objects.filter(conversation_id=conversation_id).select_related("line")
    newest = rows.order_by("-place").first()
    return newest.line if newest is not None else None


def _by_mark(token: str) -> UUID | None:
    number = number_of(token) if token else ""
    return id_of_number(number, "mail") if number else None


def _by_references(line: Line, incoming: Incoming) -> UUID | None:
    names = [*([incoming.bounce_of] if incoming.bounce_of else []), *incoming.references][:MOST_REFERENCES]
    if not names:
        return None
    found = dict(
        Message.objects.filter(line=line, external_id__in=names).values_list("external_id", "conversation_id")
    )
    return next((found[name] for name in names if name in found), None)
