"""Which conversation a message belongs to. A mail: by our mark in its address or subject, else by the Message-IDs it answers to. An
SMS or a chat: the one that is open with that address on that line."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.public import id_of_number, open_with
from callcart.contact.messaging.models import Line, Message
from callcart.contact.messaging.tokens import number_of
from callcart.contact.messaging.transport import Incoming

MOST_REFERENCES = 30


def find(line: Line, incoming: Incoming) -> UUID | None:
    """The conversation, ended or not; None for a new one."""
    if line.channel == "mail":
        return _by_mark(incoming.token) or _by_references(line, incoming)
    return open_with(line.channel, incoming.peer)


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
