"""Chats on a page: who the visitor is (a token that only his browser has), what he says and reads, how long he waits. He sees his own
conversation and nothing else of the shop: its messages, never notes, and a first name of whoever answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations.public import (
    ConversationState,
    WrongState,
    add_step,
    get_conversation,
    open_with,
)
from callcart.contact.messaging.arrive import receive
from callcart.contact.messaging.models import Attachment, Delivery, Line, Message, Visitor
from callcart.contact.messaging.states import Author, DeliveryState, MessageKind
from callcart.contact.messaging.transport import File, Incoming
from callcart.contact.routing import public as routing
from callcart.core import events, files, throttle
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import NotFound, NotSignedIn
from callcart.core.fields import Fields
from callcart.core.prepared import Prepared
from callcart.core.throttle import Limit, TriedTooOften
from callcart.core.tokens import digest

CHANNEL = "chat"
MOST_TEXT = 4000
MOST_FILE = 10 * 1024 * 1024
MOST_SHOWN = 200
MOST_CARDS = 30
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
A_MINUTE, AN_HOUR = 40, 600  # messages of one visitor
NEW_AN_HOUR = 20  # chats begun from one network address
NEW_OF_SHOP = 3000  # chats begun in a shop within a minute: more are no customers
FILES_AN_HOUR = 30  # of one visitor: three hundred megabytes at most
FILES_OF_NETWORK = 90  # of all visitors at one network address, who may begin twenty chats meanwhile
TYPING_SECONDS = 3
_BY_TOKEN = Prepared(Visitor, "it.token = %s", along="line")
# By hand: it is asked with every word of every chat, by both sides' pages.
_HEARD = """
SELECT c.state, m.place, m.at, m.author, m.staff_id, m.text, m.data::json, m.seen_at, f.files
  FROM conversations_conversation c
  LEFT JOIN LATERAL (SELECT * FROM messaging_message WHERE conversation_id = c.id AND place > %s::int ORDER BY place LIMIT %s::int) m ON true
  LEFT JOIN LATERAL (SELECT json_agg(json_build_object('id', a.id, 'name', a.name, 'type', a.type, 'size', a.size) ORDER BY a.id) AS files
                       FROM messaging_attachment a WHERE a.message_id = m.id) f ON true
 WHERE c.id = %s::uuid ORDER BY m.place"""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Flood(TriedTooOften):
    """That is more than we can read. Go on in %(wait)s."""

    code = "chat.flood"


class NoChat(NotFound):
    """There is no chat here just now."""

    code = "chat.none"


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as the visitor sees it. `size`: bytes."""

    id: UUID
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as the visitor sees it."""

    place: int
    at: datetime
    mine: bool
    who: UUID | None
    text: str
    card: tuple[str, UUID] | None
    asks: bool
    agreed_at: str
    files: tuple[ShownFile, ...]
    read: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How the visitor's chat stands. `place`: 1 is next; `wait`: seconds, where enough is known to say so."""

    conversation_id: UUID | None
    state: str
    place: int | None = None
    wait: float | None = None


def chat_line(line_id: UUID) -> Line:
    """A chat that is in use. Raises NoChat."""
    found = Line.objects.filter(id=line_id, channel=CHANNEL, is_active=True).first()
    if found is None:
        raise NoChat
    return found


def read_origins(text: str) -> tuple[str, ...]:
    """The origins (scheme, host, port) of pages that may show the chat, as their browsers name them. Raises ValueError."""
    found = []
    for each in text.replace(",", " ").split():
        parts = urlsplit(each)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise ValueError(each)
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1"):
            raise ValueError(each)
        if parts.path not in ("", "/") or parts.query or parts.fragment or "*" in each:
            raise ValueError(each)
        port = f":{parts.port}" if parts.port else ""
        found.append(f"{parts.scheme}://{parts.hostname}{port}")
    return tuple(dict.fromkeys(found))


def shop_chat() -> Line | None:
    """The chat that the shop's own pages show: the first one in use."""
    return Line.objects.filter(channel=CHANNEL, is_active=True).order_by("id").first()


def begin(
    line: Line,
    *,
    token: str,
    name: str,
    email: str,
    language: str,
    address: str,
    customer_id: UUID | None = None,
) -> Visitor:
    """A new visitor, known by a token that his page has chosen (32 random bytes): beginning twice, because the answer did not come, is
    beginning once. `address`: of the network, for counting only. Raises Invalid, Flood."""
    fields = Fields()
    name = fields.line("name", name, most=80)
    email = fields.email("email", email)
    if not _TOKEN.fullmatch(token):
        fields.refuse("token", _("This cannot be right."))
    fields.done()
    known = Visitor.objects.select_related("line").filter(token=digest(token), line=line).first()
    if known is not None:
        return known
    limits = [
        Limit("chat.begin", address, NEW_AN_HOUR, HOUR),
        Limit("chat.shop", str(line.tenant_id), NEW_OF_SHOP, MINUTE),
    ]
    throttle.count(line.tenant_id, limits, refusal=Flood)
    visitor, _made = Visitor.objects.get_or_create(
        token=digest(token),
        defaults={
            "line": line,
            "name": name,
            "email": email,
            "language": language,
            "customer_id": customer_id,
        },
    )
    return visitor


def visitor_of(token: str) -> Visitor:
    """The visitor with a token. Raises NotSignedIn."""
    found = None
    if token and len(token) <= 200:
        found = _BY_TOKEN.first(digest(token))
    if found is None or not found.line.is_active:
        raise NotSignedIn
    return found


def says(
    visitor: Visitor, text: str, *, key: str, file: File | None = None, address: str = ""
) -> Message | None:
    """The visitor says something, perhaps with a file; once for each `key`. `address`: of the network, for counting only. Raises Invalid,
    Flood."""
    fields = Fields()
    plain = fields.block("text", text, most=MOST_TEXT, required=file is None)
    key = fields.line("key", key, most=64, required=True)
    if file is not None and len(file.content) > MOST_FILE:
        fields.refuse("file", too_large())
    fields.done()
    limits = [
        Limit("chat.minute", str(visitor.id), A_MINUTE, MINUTE),
        Limit("chat.hour", str(visitor.id), AN_HOUR, HOUR),
        Limit("chat.files", str(visitor.id) if file is not None else "", FILES_AN_HOUR, HOUR),
        Limit("chat.files_of", address if file is not None else "", FILES_OF_NETWORK, HOUR),
    ]
    throttle.count(visitor.tenant_id, limits, refusal=Flood)
    message = receive(
        visitor.line,
        Incoming(
            external_id=f"{visitor.id}/{key}",
            peer=str(visitor.id),
            peer_name=visitor.name,
            text=plain,
            language=visitor.language,
            files=(file,) if file is not None else (),
        ),
    )
    if message is not None and message.conversation_id != visitor.conversation_id:
        visitor.conversation_id, visitor.read_place = message.conversation_id, 0
        visitor.save(update_fields=["conversation_id", "read_place"])
    return message


def heard(visitor: Visitor, *, after: int = 0) -> tuple[list[Shown], Standing]:
    """What has been said in the visitor's conversation since a place, oldest first, and how it stands. In the tenant's transaction, but for
    a look at the queue of one who waits, which is its own round trip."""
    talk = visitor.conversation_id
    if talk is None:
        return [], Standing(None, "")
    rows = raw.all_prepared(_HEARD, (after, MOST_SHOWN, talk))
    if not rows:
        raise NotFound
    said = [_shown(*row[1:]) for row in rows if row[1] is not None]
    state = rows[0][0]
    if state not in (ConversationState.WAITING, ConversationState.OFFERED):
        return said, Standing(talk, state)
    place, wait = routing.position_and_wait(talk, tenant_id=visitor.tenant_id)
    return said, Standing(talk, state, place, wait)


def cards(visitor: Visitor) -> list[Shown]:
    """The things of the shop that were shown in the visitor's conversation, the newest ones."""
    if visitor.conversation_id is None:
        return []
    rows = Message.objects.filter(conversation_id=visitor.conversation_id, kind=MessageKind.CARD)
    columns = ("place", "at", "author", "staff_id", "text", "data", "seen_at")
    return [_shown(*row) for row in rows.order_by("-place").values_list(*columns)[:MOST_CARDS]]


def shown_in(conversation_id: UUID | None) -> frozenset[UUID]:
    """The ids of what the newest cards of a conversation show."""
    if conversation_id is None:
        return frozenset()
    rows = Message.objects.filter(conversation_id=conversation_id, kind=MessageKind.CARD)
    newest = rows.order_by("-place").values_list("data__id", flat=True)[:MOST_CARDS]
    return frozenset(UUID(str(each)) for each in newest if each)


def card_at(visitor: Visitor, place: int) -> tuple[str, UUID, Message]:
    """The card at a place of the visitor's conversation, locked: its kind, what it shows, the message. Raises NotFound."""
    if visitor.conversation_id is None:
        raise NotFound
    rows = Message.objects.select_for_update(no_key=True).filter(kind=MessageKind.CARD)
    found = rows.filter(conversation_id=visitor.conversation_id, place=place).first()
    if found is None:
        raise NotFound
    return str(found.data["kind"]), UUID(str(found.data["id"])), found


def agrees(visitor: Visitor, message: Message) -> None:
    """The visitor says yes to a card (locked by `card_at`): kept with it, and on the path."""
    message.data = {**message.data, "agreed_at": now().isoformat()}
    message.save(update_fields=["data"])
    data = {key: str(message.data[key]) for key in ("kind", "id")}
    add_step(message.conversation_id, "card.agreed", data={**data, "visitor": str(visitor.id)})
    _tell("message.delivery", message.conversation_id)


def has_read(visitor: Visitor, place: int) -> None:
    """The page has shown everything up to a place: what we sent has arrived."""
    talk = visitor.conversation_id
    if talk is None or place <= visitor.read_place:
        return
    Visitor.objects.filter(id=visitor.id).update(read_place=place, seen_at=now())
    ours = Message.objects.filter(conversation_id=talk, place__lte=place, seen_at=None).exclude(
        author=Author.CUSTOMER
    )
    if ours.update(seen_at=now()):
        Delivery.objects.filter(
            conversation_id=talk, message__place__lte=place, state=DeliveryState.SENT
        ).update(state=DeliveryState.DELIVERED, ended_at=now())
        _tell("message.delivery", talk)


def is_typing(visitor: Visitor) -> None:
    """The visitor writes: told at most every few seconds, kept nowhere."""
    talk = open_with(CHANNEL, str(visitor.id))
    if talk is None:
        return
    try:
        throttle.count(
            visitor.tenant_id,
            [Limit("chat.typing", str(visitor.id), 1, timedelta(seconds=TYPING_SECONDS))],
        )
    except TriedTooOften:
        return
    _tell("chat.typing", talk)


def agent_types(actor: Actor, conversation_id: UUID) -> None:
    """Somebody at a desk writes to the visitor: his page may say so for a moment. The reader has the conversation."""
    row = get_conversation(conversation_id)
    if row.channel == CHANNEL and row.state == ConversationState.ACTIVE and actor.can("messaging.write"):
        _tell("agent.typing", conversation_id)


def goes(visitor: Visitor) -> None:
    """The visitor ends the chat. Outside of the request's transaction."""
    talk = open_with(CHANNEL, str(visitor.id))
    if talk is not None:
        try:
            routing.finish(talk, wrap_seconds=0, tenant_id=visitor.tenant_id)
        except WrongState:
            return  # ended by the agent at the same moment


def id_of(address: str) -> UUID | None:
    """The visitor behind the address of a chat; None where it came from another system."""
    try:
        return UUID(address)
    except ValueError:
        return None


def names_of(addresses: Iterable[str]) -> dict[UUID, str]:
    """What visitors call themselves, by who they are: of those who said it."""
    wanted = {found for each in addresses if (found := id_of(each))}
    if not wanted:
        return {}
    return dict(Visitor.objects.filter(id__in=wanted).exclude(name="").values_list("id", "name"))


def talk_of(visitor_id: UUID) -> UUID | None:
    """The newest conversation of a visitor."""
    return Visitor.objects.filter(id=visitor_id).values_list("conversation_id", flat=True).first()


def too_large() -> str:
    """What is said of a file that is larger than MOST_FILE."""
    return _("At most 10 MB, please.")


def file_of(visitor: Visitor, attachment_id: UUID) -> tuple[Attachment, bytes]:
    """A file of the visitor's own conversation. Raises NotFound."""
    found = Attachment.objects.select_related("message").filter(id=attachment_id).first()
    if found is None or found.message.conversation_id != visitor.conversation_id:
        raise NotFound
    return found, files.path(found.file_key).read_bytes()


def _shown(
    place: int, at: datetime, author: str, staff_id: UUID | None, text: str, data: dict[str, Any],
    seen_at: datetime | None, files: Sequence[dict[str, Any]] | None = None,
) -> Shown:  # fmt: skip
    mine = author == Author.CUSTOMER
    return Shown(
        place=place,
        at=at,
        mine=mine,
        who=None if mine else staff_id,
        text=text,
        card=(str(data["kind"]), UUID(str(data["id"]))) if data.get("id") else None,
        asks=bool(data.get("asks")),
        agreed_at=str(data.get("agreed_at", "")),
        files=tuple(
            ShownFile(UUID(each["id"]), each["name"], each["type"], each["size"]) for each in files or ()
        ),
        read=seen_at is not None,
    )


def _tell(kind: str, conversation_id: UUID) -> None:
    events.emit(kind, subject=("conversation", conversation_id), data={"conversation_id": conversation_id})
