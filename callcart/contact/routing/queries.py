"""Reading routing: an agent's own state, the queues, the place of a waiting customer. In `tenant_transaction`, except
`standing_in_queue` and `position_and_wait`, which are round trips of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callcart.contact.routing.calls import NoSuchQueue, NotAnAgent, row, tenant_or_current
from callcart.contact.routing.models import Agent, Offer, PauseReason, Queue, Skill
from callcart.contact.routing.states import Instead, Occasion
from callcart.core.database import raw, sql
from callcart.core.language import in_language


@dataclass(frozen=True, slots=True)
class AgentView:
    """An agent as his desk shows him. `state`: offline, ready, paused, ringing, talking, wrap_up; `choice` is what he chose
    (a pause asked for while talking shows after it)."""

    staff_id: UUID
    state: str
    choice: str
    reason: str
    since: datetime
    wrap_until: datetime | None
    wrap_conversation_id: UUID | None
    offer_id: UUID | None
    offer_expires_at: datetime | None
    conversation_id: UUID | None
    profile: str
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ColleagueView:
    """An agent at work, as others may ask him to join a talk."""

    staff_id: UUID
    state: str
    is_free: bool


@dataclass(frozen=True, slots=True)
class QueueView:
    """A queue as it stands now."""

    id: UUID
    name: str
    waiting: int
    longest_since: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one who waits stands. `seconds`: a guess, None where nothing honest can be said. `occasion`: why he should not go on waiting
    (nobody there, too late), and `action` what his queue does then (WAIT: nothing). `left`: seconds until a caller is too late."""

    place: int
    seconds: float | None
    occasion: Occasion | None = None
    action: Instead = Instead.WAIT
    to_queue: UUID | None = None
    left: float | None = None


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who could serve a queue: its agents, those at work (ready or paused), those ready (in a talk or not)."""

    agents: int = 0
    at_work: int = 0
    ready: int = 0


@dataclass(frozen=True, slots=True)
class Stranded:
    """So many wait in a queue with needs that nobody at work can serve, now or later."""

    queue_id: UUID
    needs: tuple[str, ...]
    waiting: int
    since: datetime


def agent_state(staff_id: UUID) -> AgentView:
    """One agent now, with what he is offered or has. Raises NotAnAgent."""
    found = raw.one(sql("callcart.contact.routing", "agent_state"), (staff_id,))
    if found is None:
        raise NotAnAgent
    return AgentView(*(staff_id, *found[:-1], tuple(found[-1])))


def is_agent(staff_id: UUID) -> bool:
    """Whether a staff member is set up as an agent."""
    return bool(raw.value("SELECT EXISTS (SELECT 1 FROM routing_agent WHERE staff_id = %s)", (staff_id,)))


def position_and_wait(
    conversation_id: UUID, *, tenant_id: int | None = None
) -> tuple[int | None, float | None]:
    """Place in the queue (1: next; None: not waiting), and an honest guess of the seconds still to wait, None where too little is known
    to say anything (`acd_place` tells how it is guessed)."""
    found = standing_in_queue(conversation_id, tenant_id=tenant_id)
    return (None, None) if found is None else (found.place, found.seconds)


def standing_in_queue(conversation_id: UUID, *, tenant_id: int | None = None) -> Standing | None:
    """Where one who waits stands, and what his queue does with him now; None: it does not wait. A round trip of its own."""
    place, seconds, occasion, action, to_queue, left = row(
        "SELECT place, seconds, occasion, action, to_queue, left_s FROM acd_place(%s::int, %s::uuid)",
        (tenant_or_current(tenant_id), conversation_id),
    )
    if place is None:
        return None
    found = Occasion(occasion) if occasion else None
    return Standing(place, seconds, found, Instead(action or Instead.WAIT), to_queue, left)


def queues() -> list[Queue]:
    """Queues in use, most urgent first."""
    return list(Queue.objects.filter(is_active=True).order_by("-priority", "code"))


def queue_in_use(queue_id: UUID | None) -> Queue:
    """This one. Raises NoSuchQueue, of one that was put away too."""
    found = None if queue_id is None else Queue.objects.filter(id=queue_id, is_active=True).first()
    if found is None:
        raise NoSuchQueue
    return found


def is_in_use(queue_id: UUID | None) -> bool:
    """Whether there is this queue, and it was not put away."""
    return queue_id is not None and Queue.objects.filter(id=queue_id, is_active=True).exists()


def most_general(among: Iterable[Queue]) -> Queue | None:
    """Who has what comes for no queue in particular: the least urgent one, as `voice_way` chooses for calls. None among none."""
    return min(among, key=lambda each: (each.priority, each.code), default=None)


def queues_now(language: str) -> list[QueueView]:
    """Each queue in use with how many wait and since when the longest does."""
    rows = raw.all(sql("callcart.contact.routing", "queues_now"))
    return [
        QueueView(id, in_language(language, name, name_zh), waiting, since)
        for id, name, name_zh, waiting, since in rows
    ]


def staffing() -> dict[UUID, Staffing]:
    """Of each queue in use, who could serve it."""
    rows = raw.all(sql("callcart.contact.routing", "staffing"))
    return {id: Staffing(*counts) for id, *counts in rows}


def stranded() -> list[Stranded]:
    """Who waits for nobody: the longest wait first."""
    rows = raw.all(sql("callcart.contact.routing", "stranded"))
    return [Stranded(queue_id, tuple(needs), waiting, since) for queue_id, needs, waiting, since in rows]


def colleagues(staff_id: UUID | None, *, limit: int = 200) -> list[ColleagueView]:
    """Agents at work but this one, those who could take a call first, the longest idle of them on top."""
    rows = (
        Agent.objects.exclude(state="offline")
        .exclude(staff_id__in=[] if staff_id is None else [staff_id])
        .order_by("-takes_voice", "free_since")
        .values_list("staff_id", "shown", "takes_voice")
    )
    return [ColleagueView(*row) for row in rows[:limit]]


def skills() -> list[Skill]:
    """The skills conversations may need."""
    return list(Skill.objects.order_by("code"))


def pause_reasons() -> list[PauseReason]:
    """Reasons to pause, in the order of their keys."""
    return list(PauseReason.objects.filter(is_active=True).order_by("position", "code"))


def offers_of(conversation_id: UUID) -> list[Offer]:
    """Every offer made of a conversation, in order."""
    return list(Offer.objects.filter(conversation_id=conversation_id).order_by("made_at"))


def live_offers() -> list[Offer]:
    """All offers ringing now: what a restarted voice process rings again."""
    return list(Offer.objects.filter(state="live").order_by("made_at"))
