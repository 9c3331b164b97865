"""Where an agent stands: his own state, and the figures of the bar. View models only; no verb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.clock import midnight, now, today
from callcart.core.database import raw, sql
from callcart.web.desk import labels
from callcart.web.desk.writing import STILL_WRITING
from callcart.web.names import in_language
from callcart.web.reader import reader


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
