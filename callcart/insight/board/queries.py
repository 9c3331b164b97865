"""The live board, read from the rows themselves at every look: no second copy that could differ. Times in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from callcart.core.actor import Actor
from callcart.core.clock import midnight, today
from callcart.core.database import raw, sql
from callcart.people.tenants.public import get_tenant

PACKAGE = "callcart.insight.board"


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent as the floor sees him. `state`: offline, ready, paused, ringing, talking, on_hold,
    wrap_up."""

    staff_id: UUID
    name: str
    name_zh: str
    state: str
    reason: str
    since: datetime
    profile: str
    profile_zh: str
    conversation_id: UUID | None
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
    answered: int
    abandoned: int
    in_time: int
    counted: int
    answer_seconds: float | None
    handle_seconds: float | None

    @property
    def service_level(self) -> float | None:
        """The share answered within the target; None before the first call."""
        return self.in_time / self.counted if self.counted else None


@dataclass(frozen=True, slots=True)
class Floor:
    """All queues together."""

    waiting: int
    waiting_since: datetime | None
    answered: int
    abandoned: int
    service_level: float | None
    answer_seconds: float | None
    handle_seconds: float | None


def day_start(tenant_id: int) -> datetime:
    """Midnight of the shop's present day."""
    zone = get_tenant(tenant_id).timezone
    return midnight(today(zone), ZoneInfo(zone))


def agents_now(actor: Actor) -> list[AgentNow]:
    """Everybody on the floor, busiest states first. Needs `board.view`."""
    actor.require("board.view")
    values = {"tenant": actor.tenant_id, "since": day_start(actor.tenant_id)}
    rows = raw.all(sql(PACKAGE, "agents_now"), values)
    return [AgentNow(*(*row[:-1], _seconds(row[-1]))) for row in rows]


def queues_today(actor: Actor) -> list[QueueToday]:
    """Each queue in use. Needs `board.view`."""
    actor.require("board.view")
    values = {"tenant": actor.tenant_id, "since": day_start(actor.tenant_id)}
    rows = raw.all(sql(PACKAGE, "queues_today"), values)
    return [QueueToday(*(*row[:-2], _seconds(row[-2]), _seconds(row[-1]))) for row in rows]


def floor(queues: list[QueueToday]) -> Floor:
    """The sum of queues; means are weighted by their calls."""
    counted = sum(each.counted for each in queues)
    return Floor(
        waiting=sum(each.waiting for each in queues),
        waiting_since=min((each.waiting_since for each in queues if each.waiting_since), default=None),
        answered=sum(each.answered for each in queues),
        abandoned=sum(each.abandoned for each in queues),
        service_level=sum(each.in_time for each in queues) / counted if counted else None,
        answer_seconds=_mean([(each.answer_seconds, each.answered) for each in queues]),
        handle_seconds=_mean([(each.handle_seconds, each.answered) for each in queues]),
    )


def _seconds(value: object) -> float | None:
    return None if value is None else float(str(value))


def _mean(parts: list[tuple[float | None, int]]) -> float | None:
    known = [(value, weight) for value, weight in parts if value is not None and weight]
    total = sum(weight for _value, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None
