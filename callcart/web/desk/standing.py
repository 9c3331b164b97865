"""Where an agent stands: his own state, the figures of the bar, and the inbox. View models only; no verb."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.clock import midnight, now, today
from callcart.core.database import raw, sql
from callcart.web import formats
from callcart.web.desk import labels
from callcart.web.desk.calls_to_make import CallToMake, calls_to_make
from callcart.web.desk.writing import STILL_WRITING
from callcart.web.names import customer_names, in_language, queue_names
from callcart.web.reader import reader

RECENT = 8


@dataclass(frozen=True, slots=True)
class AgentBox:
    """The state button: what is shown, since when. `state` none: this person is not set up as an agent."""

    state: str
    reason: str
    label: str
    tone: str
    since: datetime | None
    conversation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The bar: what waits now, and this agent's day. `service_level` is the shop's, of today."""

    waiting: int
    waiting_since: datetime | None
    handled: int
    handle_seconds: float | None
    service_level: float | None
    target_seconds: int = 20

    @property
    def longest_seconds(self) -> float:
        return (now() - self.waiting_since).total_seconds() if self.waiting_since else 0.0


@dataclass(frozen=True, slots=True)
class Item:
    id: UUID
    state: str
    icon: str
    who: str
    about: str
    since: datetime
    when: str = ""


@dataclass(slots=True)
class Inbox:
    mine: list[Item] = field(default_factory=list)
    recent: list[Item] = field(default_factory=list)
    queues: list[QueueLine] = field(default_factory=list)
    calls: list[CallToMake] = field(default_factory=list)

    @property
    def waiting_count(self) -> int:
        return sum(each.waiting for each in self.queues)


@dataclass(frozen=True, slots=True)
class QueueLine:
    name: str
    waiting: int
    oldest: datetime | None


def agent_box(actor: Actor) -> AgentBox:
    """The agent's own state, with the words of a pause reason, a missed call, a lost phone."""
    assert actor.id is not None
    try:
        view = routing.agent_state(actor.id)
    except routing.NotAnAgent:
        return AgentBox("none", "", _("Not in a queue"), "grey", None)
    badge = labels.mark(labels.AGENT, view.state)
    label = badge.text
    if view.state == "paused":
        label = pause_label(view.reason) or label
    talk = view.conversation_id or view.wrap_conversation_id
    return AgentBox(view.state, view.reason, label, badge.tone, view.since, talk)


def pause_label(code: str) -> str:
    """A pause in words: the tenant's own reasons, and those the system sets."""
    known = {
        "no_answer": _("Paused: call missed"),
        "rejected": _("Paused: call declined"),
        "unreachable": _("Paused: phone not reached"),
        "agent_lost": _("Paused: sound lost"),
        STILL_WRITING: _("Paused: still writing"),
        "supervisor": _("Paused by the supervisor"),
    }
    if code in known:
        return known[code]
    found = next((each for each in routing.pause_reasons() if each.code == code), None)
    return in_language(found.name, found.name_zh) if found else ""


def pause_reasons() -> list[Reason]:
    return [Reason(each.code, in_language(each.name, each.name_zh)) for each in routing.pause_reasons()]


def figures(actor: Actor) -> Figures:
    """What waits, and the agent's calls of his own calendar day."""
    start = _midnight(actor)
    row = raw.one(sql("callcart.web.desk", "bar_figures"), {"staff": actor.id, "since": start})
    assert row is not None
    waiting, oldest, handled, handle, answered_in_time, counted, target = row
    level = answered_in_time / counted if counted else None
    return Figures(waiting, oldest, handled, None if handle is None else float(handle), level, target or 20)


def _midnight(actor: Actor) -> datetime:
    zone = reader().tz
    return midnight(today(str(zone)), zone)


def inbox(actor: Actor) -> Inbox:
    """Mine now, what waits by queue, and what I had today."""
    assert actor.id is not None
    mine = conversations.open_of_agent(actor.id)
    recent = list(
        Conversation.objects.filter(
            agent_id=actor.id, state="closed", closed_at__gte=now() - timedelta(hours=18)
        )
        .exclude(answered_at=None)
        .order_by("-started_at")[:RECENT]
    )
    names = customer_names(each.customer_id for each in [*mine, *recent])
    queues = queue_names(each.queue_id for each in mine)
    found = Inbox(calls=calls_to_make(actor))
    for talk in mine:
        held = _held_since(talk)
        badge = labels.mark(labels.CONVERSATION, "on_hold" if held else talk.state)
        where = queues.get(talk.queue_id, "") if talk.queue_id else ""
        about = " · ".join(part for part in (badge.text, where) if part)
        since = held or _since(talk)
        found.mine.append(Item(talk.id, talk.state, badge.icon, _who(talk, names), about, since))
    for talk in recent:
        seconds = (
            (talk.ended_at - talk.answered_at).total_seconds() if talk.ended_at and talk.answered_at else 0
        )
        minutes = max(1, round(seconds / 60))
        about = ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
        icon = "phone-outgoing" if talk.direction == "outbound" else "phone-incoming"
        found.recent.append(
            Item(talk.id, talk.state, icon, _who(talk, names), about, talk.started_at, _when(talk.started_at))
        )
    if routing.is_agent(actor.id):
        found.queues = [
            QueueLine(each.name, each.waiting, each.longest_since)
            for each in routing.queues_now(reader().language)
        ]
    return found


def _when(moment: datetime) -> str:
    """The time of day, or the day if that was another one."""
    zone = reader().tz
    today = moment.astimezone(zone).date() == now().astimezone(zone).date()
    return formats.time(moment) if today else formats.date(moment)


def _held_since(talk: Conversation) -> datetime | None:
    """Since when the customer hears music; None where they talk, or nobody does."""
    if talk.state != "active" or voice.media_state(talk.id) is not voice.Media.HOLD:
        return None
    return conversations.held_since(talk.id)


def _since(talk: Conversation) -> datetime:
    moment = {"active": talk.answered_at, "wrap_up": talk.ended_at}.get(talk.state)
    return moment or talk.queued_at or talk.started_at


def _who(talk: Conversation, names: dict[UUID, str]) -> str:
    from callcart.people.customers.public import mask_phone

    if talk.customer_id and names.get(talk.customer_id):
        return names[talk.customer_id]
    if talk.caller_e164:
        return mask_phone(talk.caller_e164, reader().country)
    return _("Unknown caller") if talk.caller_raw else _("Hidden number")
