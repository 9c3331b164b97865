"""The visitor of a chat is sent what was said, by mail: to an address he names, once for each time he asks. Only of a chat that somebody has
answered, and only so often, so that nobody can have our mail server write to strangers. What is in it is what he saw: never a note.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from callcart.contact.conversations.public import add_step
from callcart.contact.messaging.models import Message, Transcript, Visitor
from callcart.contact.messaging.states import Author
from callcart.core import events, throttle
from callcart.core.errors import Conflict
from callcart.core.fields import Fields
from callcart.core.throttle import Limit, TriedTooOften

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OF_A_VISITOR, OF_A_NETWORK, TO_AN_ADDRESS = 3, 10, 5  # an hour, an hour, a day
MOST_MESSAGES = 500


class NothingSaid(Conflict):
    """Nobody has answered yet. What was said can be sent once somebody has."""

    code = "chat.nothing_said"


class AskedTooOften(TriedTooOften):
    """It was sent a few times already. Ask again in %(wait)s."""

    code = "chat.transcripts"


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it stands in a transcript. `staff_id`: who of ours said it; None for the visitor and for the shop itself."""

    at: datetime
    mine: bool
    staff_id: UUID | None
    text: str
    card: tuple[str, UUID] | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be sent, and where. `left_out`: earlier messages that are too many."""

    address: str
    conversation_id: UUID
    name: str
    language: str
    said: tuple[Said, ...]
    left_out: int


def ask(visitor: Visitor, *, email: str, key: str, network: str = "") -> Transcript:
    """Have it sent. Asked twice by the same `key` is asked once. Raises Invalid (email, key), NothingSaid, AskedTooOften."""
    fields = Fields()
    address = fields.email("email", email, required=True)
    key = fields.line("key", key, most=64, required=True)
    fields.done()
    found = Transcript.objects.filter(visitor=visitor, key=key).first()
    if found is not None:
        return found
    if visitor.conversation_id is None:
        raise NothingSaid
    rows = Message.objects.filter(conversation_id=visitor.conversation_id)
    if not rows.filter(author=Author.STAFF).exists():
        raise NothingSaid
    limits = [
        Limit("chat.transcript", str(visitor.id), OF_A_VISITOR, HOUR),
        Limit("chat.transcript_from", network, OF_A_NETWORK, HOUR),
        Limit("chat.transcript_to", address, TO_AN_ADDRESS, DAY),
    ]
    throttle.count(visitor.tenant_id, limits, refusal=AskedTooOften)
    place = rows.order_by("-place").values_list("place", flat=True)[0]
    row, made = Transcript.objects.get_or_create(
        visitor=visitor,
        key=key,
        defaults={"conversation_id": visitor.conversation_id, "address": address, "place": place},
    )
    if made:
        add_step(row.conversation_id, "transcript.asked", data={"transcript_id": str(row.id)})
        events.emit(
            "chat.transcript_wanted",
            subject=("conversation", row.conversation_id),
            data={"conversation_id": row.conversation_id, "transcript_id": row.id},
        )
    return row


def wanted(transcript_id: UUID) -> Wanted | None:
    """What somebody asked for; None where there is no such."""
    row = Transcript.objects.select_related("visitor").filter(id=transcript_id).first()
    if row is None:
        return None
    rows = Message.objects.filter(conversation_id=row.conversation_id, place__lte=row.place)
    newest = list(rows.prefetch_related("files").order_by("-place")[:MOST_MESSAGES])
    return Wanted(
        address=row.address,
        conversation_id=row.conversation_id,
        name=row.visitor.name,
        language=row.visitor.language,
        said=tuple(_said(each) for each in reversed(newest)),
        left_out=max(0, row.place - len(newest)),
    )


def _said(row: Message) -> Said:
    mine = row.author == Author.CUSTOMER
    card = (str(row.data["kind"]), UUID(str(row.data["id"]))) if row.data.get("id") else None
    files = tuple(each.name for each in row.files.all())
    return Said(row.at, mine, None if mine else row.staff_id, row.text, card, files)
