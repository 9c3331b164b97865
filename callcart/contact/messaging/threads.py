"""Which conversation a message belongs to. A mail: by our mark in its address or subject, else by the Message-IDs it answers to. An
SMS or a chat: the one that is open with that address on that line."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import id_of_number, locked
from callcart.contact.messaging.models import Line, Merge, Message
from callcart.contact.messaging.tokens import number_of
from callcart.contact.messaging.transport import Incoming
from callcart.core.prepared import Prepared

MOST_REFERENCES = 30
MOST_MERGES = 10
_OPEN_WITH = Prepared(Conversation, "", source="messaging_open_with(%s::uuid, %s, %s)")
_NEWEST_LINE = Prepared(
    Line,
    "it.id = (SELECT line_id FROM messaging_message WHERE conversation_id = %s::uuid ORDER BY place DESC LIMIT 1)",
)


def find(line: Line, incoming: Incoming) -> Conversation | None:
    """The conversation, ended or not, locked; None for a new one."""
    if line.channel == "mail":
        found = _by_mark(incoming.token) or _by_references(line, incoming)
        return locked(goes_on_in(found)) if found is not None else None
    if (found_open := _OPEN_WITH.first(line.id, line.channel, incoming.peer)) is not None:
        return found_open
    merged = _merged(line.channel, incoming.peer)
    return locked(merged) if merged is not None else None


def goes_on_in(conversation_id: UUID) -> UUID:
    """Where a conversation goes on that was merged into another one, or out of it again; else itself."""
    found = conversation_id
    for _step in range(MOST_MERGES):
        row = Merge.objects.filter(source_id=found).values_list("again_id", "target_id").first()
        if row is None:
            break
        found = row[0] or row[1]
    return found


def _merged(channel: str, peer: str) -> UUID | None:
    """The open conversation in which the newest one with an address goes on."""
    rows = Merge.objects.filter(channel=channel, peer=peer, again_id=None).order_by("-at")
    newest = rows.values_list("target_id", flat=True).first()
    return goes_on_in(newest) if newest is not None else None


def newest_line(conversation_id: UUID) -> Line | None:
    """The line a conversation goes by: that of its newest message."""
    return _NEWEST_LINE.first(conversation_id)


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
