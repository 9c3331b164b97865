"""The live board, read from the rows themselves at every look: no second copy that could differ. Times in seconds. A reader whose
`board.view` reaches his team only sees its agents, the queues they serve, and what they answered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from callcart.core.actor import Actor
from callcart.core.clock import midnight, now, today
from callcart.core.database import raw, sql
from callcart.insight.board.visits import Asked, Figures, by_queue, queues_within, summed
from callcart.people.staff import public as staff
from callcart.people.tenants.public import get_tenant

PACKAGE = "callcart.insight.board"
NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent as the floor sees him. `state`: offline, ready, paused, ringing, talking, on_hold, wrap_up. `conversation_id`: his talk, else the
    oldest written one in his hands; `on_the_phone`: it can be listened to."""

    staff_id: UUID
    name: str
    name_zh: str
    state: str
    reason: str
    since: datetime
    profile: str
    profile_zh: str
    conversation_id: UUID | None
    on_the_phone: bool
    team_id: UUID | None
    chats: int
    mails: int
    texts: int
    handled: int
    handle_seconds: float | None


@dataclass(frozen=True, slots=True)
class QueueToday:
    """A queue now and over the shop's calendar day."""

    id: UUID
    name: str
    name_zh: str
    target_seconds: int
    waiting: int
    waiting_since: datetime | None
    at_work: int
    ready: int
    day: Figures = NOTHING

    @property
    def longest_wait(self) -> float | None:
        """Seconds that the first one waits; None where nobody does."""
        return (now() - self.waiting_since).total_seconds() if self.waiting_since else None


@dataclass(frozen=True, slots=True)
class ChannelNow:
    """A channel: who waits, and how many are in somebody's hands."""

    channel: str
    waiting: int
    waiting_since: datetime | None
    in_hand: int


@dataclass(frozen=True, slots=True)
class Floor:
    """All queues together."""

    waiting: int
    waiting_since: datetime | None
    day: Figures


def day_start(tenant_id: int) -> datetime:
    """Midnight of the shop's present day."""
    zone = get_tenant(tenant_id).timezone
    return midnight(today(zone), ZoneInfo(zone))


def agents_now(actor: Actor) -> list[AgentNow]:
    """Everybody on the floor, busiest states first. Needs `board.view`."""
    reached = staff.staff_within(actor, "board.view")
    values = {
        "tenant": actor.tenant_id,
        "since": day_start(actor.tenant_id),
        "agents": None if reached is None else sorted(reached),
    }
    rows = raw.all(sql(PACKAGE, "agents_now"), values)
    return [AgentNow(*(*row[:-1], _seconds(row[-1]))) for row in rows]


def queues_now(actor: Actor) -> list[QueueToday]:
    """Each queue in use as it stands, without its day. Needs `board.view`."""
    values = {"tenant": actor.tenant_id, "queues": queues_within(staff.staff_within(actor, "board.view"))}
    return [QueueToday(*row) for row in raw.all(sql(PACKAGE, "queues_today"), values)]


def with_day(queues: list[QueueToday], day: dict[UUID, Figures]) -> list[QueueToday]:
    """The queues with what came of their day."""
    return [replace(each, day=day.get(each.id, NOTHING)) for each in queues]


def queues_today(actor: Actor) -> list[QueueToday]:
    """Each queue in use, now and over the day. Needs `board.view`."""
    return with_day(queues_now(actor), by_queue(actor, Asked(day_start(actor.tenant_id), now())))


def channels_now(actor: Actor) -> list[ChannelNow]:
    """Each channel in which anybody waits or is served. Needs `board.view`."""
    values = {"tenant": actor.tenant_id, "queues": queues_within(staff.staff_within(actor, "board.view"))}
    found = {row[0]: ChannelNow(*row) for row in raw.all(sql(PACKAGE, "channels_now"), values)}
    return [found[each] for each in ("voice", "chat", "mail", "sms") if each in found]


def floor(queues: list[QueueToday]) -> Floor:
    """All queues together."""
    return Floor(
        waiting=sum(each.waiting for each in queues),
        waiting_since=min((each.waiting_since for each in queues if each.waiting_since), default=None),
        day=summed(each.day for each in queues),
    )


def _seconds(value: object) -> float | None:
    return None if value is None else float(str(value))
