"""A written conversation as the desk shows it: what was said, what happened between, notes of colleagues, in one line of time; and who
it is with. View models only; no verb. Nothing in here is unmasked but what the customer wrote himself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations import tags as tagging
from callcart.contact.conversations import together
from callcart.contact.conversations.models import Conversation, Note, Step, Tag
from callcart.contact.conversations.reply_drafts import DraftFile, files_of, reply_draft_of
from callcart.contact.messaging import merging
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Attachment, BlockedPeer, Message
from callcart.contact.routing import public as routing
from callcart.contact.voicemail import public as voicemail
from callcart.core.actor import Actor
from callcart.engage.cards import public as showable
from callcart.web import formats
from callcart.web.desk import inbox, written_labels
from callcart.web.desk.labels import Mark
from callcart.web.desk.showing import Shown
from callcart.web.names import queue_names, staff_names
from callcart.web.players import Player, of_conversation
from callcart.web.reader import reader

MOST_STEPS, MOST_MERGED = 200, 100
ENDED = ("closed", "wrap_up")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a message. Pictures are shown small; what does something when it is opened is warned of."""

    id: UUID
    name: str
    size: int
    is_picture: bool
    is_active: bool


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message. `side`: them, us, machine (of theirs), bounce, shop (our own machine)."""

    id: UUID
    place: int
    side: str
    who: str
    at: datetime
    text: str
    quoted: str = ""
    has_html: bool = False
    subject: str = ""
    files: tuple[Attached, ...] = ()
    delivery: Mark | None = None
    why: str = ""
    may_again: bool = False
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seen_at: datetime | None = None
    card: Shown | None = None
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class Between:
    """A step of the path, or a colleague's note (`kind` note)."""

    at: datetime
    text: str
    who: str
    icon: str = ""
    tone: str = ""
    kind: str = "step"


@dataclass(frozen=True, slots=True)
class Other:
    name: str
    writes: bool


@dataclass(slots=True)
class Talk:
    """What the strip, the thread and the reply box of a written conversation show."""

    id: UUID
    number: str
    channel: str
    channel_label: str
    icon: str
    phase: str
    title: str
    peer: str
    address: str  # of the other side, as it is
    language: str
    mark: Mark
    mine: bool
    agent_id: UUID | None
    with_whom: str
    queue: str
    due: datetime | None
    offer_id: UUID | None = None
    expires_at: datetime | None = None
    thread: list[Bubble | Between] = field(default_factory=list)
    earlier: int = 0
    seen: int = 0
    draft: str = ""
    serial: int = 0
    files: list[DraftFile] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    may_write: bool = False
    is_spam: bool = False
    line_name: str = ""
    sounds: list[Player] = field(default_factory=list)
    may_call_back: bool = False
    peer_known: bool = True
    called: str = ""  # what a visitor calls himself
    merged: list[tuple[UUID, str]] = field(default_factory=list)

    @property
    def may_merge(self) -> bool:
        """Whether others of the same person can be taken into it."""
        return self.may_write and not self.ended and self.channel in merging.CHANNELS

    @property
    def is_voicemail(self) -> bool:
        """Spoken: heard, not answered in writing."""
        return self.channel == voicemail.CHANNEL

    @property
    def ended(self) -> bool:
        return self.phase in ENDED

    @property
    def may_reply(self) -> bool:
        """Whether the box is open: in one's own talk, a colleague's, or one that nobody has at the moment."""
        return self.may_write and self.phase in ("active", "pending") and not self.is_voicemail

    @property
    def may_end(self) -> bool:
        """Whether a spoken one may be put off or ended here."""
        return self.may_write and self.is_voicemail and self.phase in ("active", "pending")

    @property
    def may_take(self) -> bool:
        return self.may_write and self.phase == "waiting"


def talk_of(actor: Actor, row: Conversation, *, before: int | None = None) -> Talk:
    """A conversation within reach, with its newest messages, or those before a place. Raises NotFound, PermissionDenied."""
    messages = messaging.messages_of(actor, row.id, before=before)
    offer = next((each for each in routing.offers_of(row.id) if each.state == "live"), None)
    offered = offer is not None and offer.staff_id == actor.id
    holder = row.agent_id or row.owner_id
    draft = reply_draft_of(actor, row.id)
    talk = Talk(
        id=row.id,
        number=row.number,
        channel=row.channel,
        channel_label=written_labels.channel(row.channel),
        icon=written_labels.icon(row.channel),
        phase=row.state,
        title=row.title,
        peer=written_labels.peer(row.channel, row.peer),
        called=_called(row),
        address=row.peer,
        language=row.language,
        mark=inbox.mark_of(
            row.state,
            row.heard_at,
            row.wake_at,
            is_late=messaging.is_late(row.channel, row.heard_at, row.queue_id),
        ),
        mine=row.agent_id == actor.id and row.state in ("offered", "active"),
        agent_id=row.agent_id,
        with_whom=staff_names([holder]).get(holder, "") if holder and holder != actor.id else "",
        queue=queue_names([row.queue_id]).get(row.queue_id, "") if row.queue_id else "",
        due=row.heard_at,
        offer_id=offer.id if offer and offered else None,
        expires_at=offer.expires_at if offer and offered else None,
        seen=max((each.place for each in messages), default=0),
        draft=draft.text if draft else "",
        serial=draft.serial if draft else 0,
        files=files_of(draft),
        others=_others(actor, row.id),
        tags=tagging.tags_of([row.id])[row.id],
        may_write=actor.can("messaging.write"),
        is_spam=BlockedPeer.objects.filter(channel=row.channel, peer=row.peer).exists(),
        line_name=messages[-1].line.name if messages else "",
    )
    if talk.is_voicemail:
        talk.sounds = of_conversation(actor, row.id, address="desk:recording")
        talk.peer_known = bool(row.caller_e164)
        talk.may_call_back = talk.peer_known and actor.can("voice.dial_out") and actor.can("routing.work")
    talk.earlier = messages[0].place if messages and messages[0].place > 1 else 0
    since = messages[0].at if talk.earlier and messages else None
    if before is None:
        talk.merged = _merged(row.id)
    talk.thread = _thread(talk, messages, since, until=messages[-1].at if before and messages else None)
    return talk


def _merged(conversation_id: UUID) -> list[tuple[UUID, str]]:
    """What was merged into it, with its number."""
    sources = [each.source_id for each in merging.merged_into(conversation_id)]
    numbers = dict(Conversation.objects.filter(id__in=sources).values_list("id", "number")) if sources else {}
    return [(each, numbers[each]) for each in sources if each in numbers]


def _said_before(talk: Talk) -> list[Message]:
    """The messages of what was merged into it, which stand where they were said."""
    if not talk.merged:
        return []
    rows = Message.objects.filter(conversation_id__in=[each for each, _number in talk.merged])
    return list(
        rows.select_related("delivery", "line").prefetch_related("files").order_by("-at")[:MOST_MERGED]
    )


def _called(row: Conversation) -> str:
    if row.channel != "chat" or row.customer_id:
        return ""
    return next(iter(messaging.visitors.names_of([row.peer]).values()), "")


def _others(actor: Actor, conversation_id: UUID) -> list[Other]:
    found = together.others(actor, conversation_id)
    names = staff_names(each.staff_id for each in found)
    return [Other(names.get(each.staff_id, ""), each.writes) for each in found if each.staff_id in names]


def _thread(
    talk: Talk, messages: list[Message], since: datetime | None, until: datetime | None
) -> list[Bubble | Between]:
    steps = Step.objects.filter(conversation_id=talk.id).exclude(kind__startswith="message.")
    notes = Note.objects.filter(conversation_id=talk.id)
    if since is not None:
        steps, notes = steps.filter(at__gte=since), notes.filter(at__gte=since)
    if until is not None:
        steps, notes = steps.filter(at__lte=until), notes.filter(at__lte=until)
    happened, said = list(steps.order_by("-id")[:MOST_STEPS]), list(notes.order_by("-at")[:MOST_STEPS])
    merged = _said_before(talk)
    names = staff_names(
        {each.staff_id for each in (*messages, *merged)}
        | {each.staff_id for each in happened}
        | {each.staff_id for each in said}
    )
    tags = {each.id: each for each in tagging.all_tags(active=False)} if _speak_of_tags(happened) else {}
    cards = _cards(messages)
    found: list[Bubble | Between] = [_bubble(each, names, talk, cards.get(each.id)) for each in messages]
    found.extend(replace(_bubble(each, names, talk, None), place=0) for each in merged)
    shown = {str(each.face.order_id) for each in cards.values()}
    for step in happened:
        if step.kind == "linked" and step.data.get("id") in shown:
            continue  # the card says it
        if (between := _between(step, names, tags)) is not None:
            found.append(between)
    found.extend(
        Between(each.at, each.text, _name(names, each.staff_id), "note", kind="note") for each in said
    )
    found.sort(key=lambda each: each.at)
    return found


def _speak_of_tags(steps: Iterable[Step]) -> bool:
    return any(step.kind in ("tagged", "untagged") for step in steps)


def _name(names: Mapping[UUID, str], staff_id: UUID | None) -> str:
    return names.get(staff_id, "") if staff_id else ""


def _between(step: Step, names: Mapping[UUID, str], tags: Mapping[UUID, Tag]) -> Between | None:
    data: dict[str, Any] = step.data or {}
    if step.kind.startswith("recording."):  # of a message: it is what is heard above
        return None
    mark = written_labels.step(step.kind, data)
    if mark is None:
        return None
    text = mark.text
    if step.kind in ("tagged", "untagged"):
        tag = next((each for each in tags.values() if str(each.id) == data.get("tag_id")), None)
        text = f"{text}: {tag.name_in(reader().language)}" if tag else text
    return Between(step.at, text, _name(names, step.staff_id), mark.icon, mark.tone)


def _cards(messages: Iterable[Message]) -> dict[UUID, Shown]:
    """The cards among messages, as they stand now."""
    wanted = {each.id: UUID(str(each.data["id"])) for each in messages if each.kind == "card"}
    faces = showable.faces(wanted.values(), language=reader().language) if wanted else {}
    rows = {each.id: each for each in messages}
    return {
        message_id: Shown(faces[order_id], agreed=bool(rows[message_id].data.get("agreed_at")))
        for message_id, order_id in wanted.items()
        if order_id in faces
    }


def _bubble(message: Message, names: Mapping[UUID, str], talk: Talk, card: Shown | None) -> Bubble:
    delivery = getattr(message, "delivery", None)
    ours = message.author != "customer"
    return Bubble(
        id=message.id,
        place=message.place,
        side=_side(message),
        who=_speaker(message, names, talk),
        at=message.at,
        text=message.text,
        quoted=message.quoted,
        has_html=bool(message.html) and not ours,
        subject="" if talk.title and message.subject.endswith(talk.title) else message.subject,
        files=tuple(_attached(each) for each in message.files.all()),
        delivery=written_labels.delivery(delivery) if delivery is not None else None,
        why=delivery.words if delivery is not None and delivery.state != "delivered" else "",
        may_again=delivery is not None and delivery.state in ("failed", "in_doubt") and talk.may_write,
        others=tuple(written_labels.peer("mail", each) for each in message.others),
        notes=(*_elsewhere(message, talk), *(_left_out(each) for each in message.notes)),
        seen_at=message.seen_at,
        card=card,
    )


def _side(message: Message) -> str:
    if message.author == "customer":
        return {"automatic": "machine", "bounce": "bounce"}.get(message.kind, "them")
    return "us" if message.author == "staff" else "shop"


def _speaker(message: Message, names: Mapping[UUID, str], talk: Talk) -> str:
    if message.author == "staff":
        return _name(names, message.staff_id) or _("The shop")
    if message.author == "system":
        return _("The shop, by itself")
    return message.peer_name or (talk.peer if not _is_elsewhere(message, talk) else _from(message, talk))


def _is_elsewhere(message: Message, talk: Talk) -> bool:
    """Whether a message came from another address than the conversation is with: whoever was sent a mail of ours can answer it."""
    return message.author == "customer" and bool(message.peer) and message.peer != talk.address


def _from(message: Message, talk: Talk) -> str:
    return written_labels.peer(talk.channel, message.peer)


def _elsewhere(message: Message, talk: Talk) -> tuple[str, ...]:
    if not _is_elsewhere(message, talk):
        return ()
    said = _("It came from another address: %(address)s. Answers here go to %(peer)s.")
    return (said % {"address": _from(message, talk), "peer": talk.peer},)


def _left_out(note: str) -> str:
    """What a channel left out, in words; our own marks are put into them."""
    kind, _colon, rest = note.partition(":")
    if kind == "text" and rest.isdecimal():
        return _("Cut off: the message had %(count)s characters.") % {"count": formats.number(int(rest))}
    return note


def _attached(row: Attachment) -> Attached:
    return Attached(row.id, row.name, row.size, row.type in messaging.PICTURES, messaging.is_active(row.name))


def choices_of_sleep() -> list[tuple[str, str]]:
    """When a conversation can be looked at again: the value that is sent, and its words."""
    return [
        ("60", _("In an hour")),
        ("180", _("In three hours")),
        ("tomorrow", _("Tomorrow morning, 9:00")),
        ("monday", _("Monday morning, 9:00")),
    ]
