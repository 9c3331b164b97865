"""The inbox of one agent: telephone and written conversations together, what is due first. View models only; no verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.contact.conversations import comments
from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, Mention
from callcart.contact.messaging import public as messaging
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Offer
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.people.customers.public import mask_phone
from callcart.web import formats
from callcart.web.desk import labels, webcalling, written_labels
from callcart.web.desk.callbacks import Lines, callbacks_of
from callcart.web.desk.calls_to_make import CallToMake, calls_to_make
from callcart.web.desk.moments import is_today, near
from callcart.web.names import customer_names, queue_names, staff_names
from callcart.web.reader import reader

RECENT = 8
WAITING_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the inbox. `state` and `mark` say the same, one for colour, one for people. `due`: since when somebody waits for
    an answer."""

    id: UUID
    channel: str
    state: str
    icon: str
    who: str
    about: str
    since: datetime
    when: str = ""
    snippet: str = ""
    mark: labels.Mark = field(default_factory=lambda: labels.Mark(""))
    due: datetime | None = None
    offer_id: UUID | None = None
    expires_at: datetime | None = None
    rank: int = 5

    @property
    def written(self) -> bool:
        return self.channel != "voice"


@dataclass(frozen=True, slots=True)
class QueueLine:
    name: str
    waiting: int
    oldest: datetime | None


@dataclass(slots=True)
class Inbox:
    mine: list[Item] = field(default_factory=list)
    waiting: list[Item] = field(default_factory=list)
    aside: list[Item] = field(default_factory=list)
    named: list[Item] = field(default_factory=list)
    recent: list[Item] = field(default_factory=list)
    queues: list[QueueLine] = field(default_factory=list)
    calls: list[CallToMake] = field(default_factory=list)
    callbacks: Lines = field(default_factory=Lines)

    @property
    def waiting_count(self) -> int:
        return sum(each.waiting for each in self.queues)


def inbox(actor: Actor) -> Inbox:
    """Mine now, what waits, what I set aside, where I am named, and what I had today."""
    assert actor.id is not None
    talks = [each for each in conversations.open_of_agent(actor.id) if each.channel == "voice"]
    written = messaging.inbox(actor) if actor.can("conversations.view") else []
    recent = _recent(actor.id)
    named = comments.unread_mentions(actor)
    people = {each.customer_id for each in [*talks, *recent, *(row.conversation for row in named)]}
    names = customer_names(people | {each.customer_id for each in written})
    names |= _visitors([*written, *recent, *(row.conversation for row in named)])
    queues = queue_names({each.queue_id for each in talks} | {each.queue_id for each in written})
    found = Inbox(calls=calls_to_make(actor), callbacks=callbacks_of(actor))
    found.mine = [_call(each, names, queues) for each in talks]
    _sort_written(found, actor.id, written, names, queues)
    found.mine.sort(key=lambda each: (each.rank, each.due or each.since))
    found.recent = [_past(each, names) for each in recent]
    found.named = _named(named, names)
    found.queues = [
        QueueLine(each.name, each.waiting, each.longest_since)
        for each in routing.queues_now(reader().language)
    ]
    return found


def _visitors(talks: Sequence[messaging.Inboxed | Conversation]) -> dict[UUID, str]:
    """What those call themselves who chat and are no customers yet."""
    return messaging.visitors.names_of(
        each.peer for each in talks if each.channel == "chat" and not each.customer_id
    )


def _recent(staff_id: UUID) -> list[Conversation]:
    rows = Conversation.objects.filter(
        agent_id=staff_id, state="closed", closed_at__gte=now() - timedelta(hours=18)
    )
    return list(rows.exclude(answered_at=None).order_by("-started_at")[:RECENT])


# ---- calls ----


def _call(talk: Conversation, names: dict[UUID, str], queues: dict[UUID, str]) -> Item:
    held = _held_since(talk)
    badge = labels.mark(labels.CONVERSATION, "on_hold" if held else talk.state)
    where = queues.get(talk.queue_id, "") if talk.queue_id else ""
    about = " · ".join(part for part in (badge.text, where) if part)
    rank = 0 if talk.state == "offered" else 1
    return Item(
        talk.id,
        talk.channel,
        talk.state,
        badge.icon,
        _who(talk, names),
        about,
        held or _since(talk),
        rank=rank,
    )


def _held_since(talk: Conversation) -> datetime | None:
    """Since when the customer hears music; None where they talk, or nobody does."""
    if talk.state != "active" or voice.media_state(talk.id) is not voice.Media.HOLD:
        return None
    return conversations.held_since(talk.id)


def _since(talk: Conversation) -> datetime:
    moment = {"active": talk.answered_at, "wrap_up": talk.ended_at}.get(talk.state)
    return moment or talk.queued_at or talk.started_at


def _past(talk: Conversation, names: dict[UUID, str]) -> Item:
    icon, about = written_labels.icon(talk.channel), talk.title or written_labels.channel(talk.channel)
    if talk.channel == "voice":
        icon = "phone-outgoing" if talk.direction == "outbound" else "phone-incoming"
        ended, answered = talk.ended_at, talk.answered_at
        minutes = max(1, round((ended - answered).total_seconds() / 60)) if ended and answered else 1
        about = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return Item(
        talk.id,
        talk.channel,
        talk.state,
        icon,
        _who(talk, names),
        about,
        talk.started_at,
        _when(talk.started_at),
    )


def _when(moment: datetime) -> str:
    """The time of day, or the day if that was another one."""
    return formats.time(moment) if is_today(moment) else formats.date(moment)


def _who(talk: Conversation, names: dict[UUID, str]) -> str:
    if talk.customer_id and names.get(talk.customer_id):
        return names[talk.customer_id]
    if talk.channel != "voice":
        return written_labels.peer(talk.channel, talk.peer, names)
    if webcalling.is_by_page(talk.direction, talk.caller_raw):
        return webcalling.visitor_name(talk.caller_raw)
    if talk.caller_e164:
        return mask_phone(talk.caller_e164, reader().country)
    return _("Unknown caller") if talk.caller_raw else _("Hidden number")


# ---- written ones ----


def _sort_written(
    found: Inbox,
    staff_id: UUID,
    written: list[messaging.Inboxed],
    names: dict[UUID, str],
    queues: dict[UUID, str],
) -> None:
    offers = {
        row.conversation_id: row
        for row in Offer.objects.filter(staff_id=staff_id, state="live").exclude(channel=0)
    }
    owners = staff_names(each.owner_id for each in written)
    late = messaging.late_ones(written)
    for each in written:
        item = _written(each, offers.get(each.id), names, queues, owners, is_late=each.id in late)
        if each.agent_id == staff_id and each.state in ("offered", "active"):
            found.mine.append(item)
        elif each.state == "waiting":
            found.waiting.append(item)
        elif each.state == "pending":
            found.aside.append(item)
    del found.waiting[WAITING_SHOWN:]


def _written(
    row: messaging.Inboxed,
    offer: Offer | None,
    names: dict[UUID, str],
    queues: dict[UUID, str],
    owners: dict[UUID, str],
    *,
    is_late: bool,
) -> Item:
    who = (names.get(row.customer_id) if row.customer_id else "") or written_labels.peer(
        row.channel, row.peer, names
    )
    where = queues.get(row.queue_id, "") if row.queue_id else ""
    owner = owners.get(row.owner_id, "") if row.owner_id and row.state == "waiting" else ""
    parts = (row.title, where, _("with %(name)s before") % {"name": owner} if owner else "")
    mark = mark_of(row.state, row.due, row.wake_at, is_late=is_late)
    return Item(
        row.id, row.channel, row.state, written_labels.icon(row.channel), who,
        " · ".join(part for part in parts if part), row.due or row.started_at,
        snippet=" ".join(row.snippet.split()), mark=mark, due=row.due,
        offer_id=offer.id if offer else None, expires_at=offer.expires_at if offer else None,
        rank=0 if row.state == "offered" else 2 if row.due else 3,
    )  # fmt: skip


def mark_of(state: str, due: datetime | None, wake_at: datetime | None, *, is_late: bool) -> labels.Mark:
    """What a written conversation waits for, as a badge: in words, and a colour beside them."""
    if state == "offered":
        return labels.Mark(_("Offered to you"), "blue", "bell-ringing")
    if state == "pending" and wake_at is not None:
        return labels.Mark(_("Until %(time)s") % {"time": near(wake_at)}, "grey", "alarm")
    if due is None:
        if state == "closed":
            return labels.Mark(_("Ended"), "grey", "check")
        return labels.Mark(_("Customer's turn"), "grey", "clock")
    if is_late:
        return labels.Mark(_("Late"), "red", "alert-triangle")
    return labels.Mark(_("To answer"), "amber", "message-2")


# ---- where one is named ----


def _named(rows: list[Mention], names: dict[UUID, str]) -> list[Item]:
    """The newest of each conversation."""
    first = {row.conversation_id: row for row in reversed(rows)}
    writers = staff_names(row.note.staff_id for row in first.values())
    return [_mention(row, names, writers) for row in reversed(first.values())]


def _mention(row: Mention, names: dict[UUID, str], writers: dict[UUID, str]) -> Item:
    talk = row.conversation
    by = writers.get(row.note.staff_id, "") if row.note.staff_id else ""
    return Item(
        talk.id, talk.channel, talk.state, "at", _who(talk, names), by, row.at,
        snippet=" ".join(row.note.text[:160].split()),
    )  # fmt: skip
