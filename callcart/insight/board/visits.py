"""The day of the queues, counted from the paths of conversations: one visit for each time one began to wait. Every figure is counted by one
statement, and opens down to the visits it counts by the same text (`visits.sql`), so the two cannot differ. Times in seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.database import Row, raw, sql
from callcart.people.staff import public as staff
from callcart.people.tenants.public import get_tenant, settings_of

PACKAGE = "callcart.insight.board"
SHOWN = 50
MINUTES = (15, 30, 60)


class Which(StrEnum):
    """The figures that open down to a list."""

    OFFERED = "offered"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    IN_TIME = "in_time"
    LATE = "late"
    HANDLED = "handled"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of the visits of a time. `counted`: those that the service level is a share of; `handled`: those that the handle time is a
    mean of."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    in_time: int = 0
    counted: int = 0
    handled: int = 0
    answer_seconds: float | None = None
    handle_seconds: float | None = None
    longest_seconds: float | None = None

    @property
    def service_level(self) -> float | None:
        """The share answered within the queue's target; None before anything came of the first."""
        return self.in_time / self.counted if self.counted else None


def summed(parts: Iterable[Figures]) -> Figures:
    """The figures of several times together, means weighted by what they are means of."""
    parts = list(parts)
    return Figures(
        offered=sum(each.offered for each in parts),
        answered=sum(each.answered for each in parts),
        abandoned=sum(each.abandoned for each in parts),
        in_time=sum(each.in_time for each in parts),
        counted=sum(each.counted for each in parts),
        handled=sum(each.handled for each in parts),
        answer_seconds=_mean((each.answer_seconds, each.answered) for each in parts),
        handle_seconds=_mean((each.handle_seconds, each.handled) for each in parts),
        longest_seconds=max(
            (each.longest_seconds for each in parts if each.longest_seconds is not None), default=None
        ),
    )


def _mean(parts: Iterable[tuple[float | None, int]]) -> float | None:
    known = [(value, weight) for value, weight in parts if value is not None and weight]
    total = sum(weight for _value, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


@dataclass(frozen=True, slots=True)
class Visit:
    """One conversation in one queue. `outcome`: answered, abandoned, lost, moved, waiting."""

    id: int
    conversation_id: UUID
    entered_at: datetime
    queue_id: UUID
    number: str
    channel: str
    outcome: str
    wait_seconds: float
    agent_id: UUID | None
    handle_seconds: float | None
    in_time: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which visits: from one moment to another, of one queue or all, of one channel or all."""

    since: datetime
    until: datetime
    queue_id: UUID | None = None
    channel: str = ""


def by_queue(actor: Actor, asked: Asked) -> dict[UUID, Figures]:
    """Of each queue in which anything was. Needs `board.view`."""
    return {row[0]: _figures(row[1:]) for row in raw.all(sql(PACKAGE, "by_queue"), _values(actor, asked))}


def by_interval(actor: Actor, asked: Asked, *, minutes: int) -> dict[int, Figures]:
    """Of each interval in which anything was, numbered from the start. Needs `board.view`."""
    values = _values(actor, asked) | {"seconds": minutes * 60}
    return {row[0]: _figures(row[1:]) for row in raw.all(sql(PACKAGE, "by_interval"), values)}


def counted(
    actor: Actor,
    asked: Asked,
    which: Which,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = SHOWN,
) -> list[Visit]:
    """The visits that a figure counts, newest first; `before` pages on from the `entered_at` and `id` of one. Of LONGEST the longest waits,
    one page of them. Needs `board.view`."""
    moment, visit_id = before or (None, None)
    values = _values(actor, asked) | {
        "which": str(which),
        "before": moment,
        "before_id": visit_id,
        "limit": limit,
    }
    return [Visit(*row) for row in raw.all(sql(PACKAGE, "counted"), values)]


def queues_within(reached: Collection[UUID] | None) -> list[UUID] | None:
    """The queues that a reader of so far a reach sees; None for all."""
    return None if reached is None else sorted(routing.queues_served(reached))


def _values(actor: Actor, asked: Asked) -> dict[str, Any]:
    reached = staff.staff_within(actor, "board.view")
    return {
        "tenant": actor.tenant_id,
        "since": asked.since,
        "until": asked.until,
        "queue": asked.queue_id,
        "channel": asked.channel,
        "queues": queues_within(reached),
        "agents": None if reached is None else sorted(reached),
        "short": settings_of(get_tenant(actor.tenant_id)).short_abandon_seconds,
    }


def _figures(row: Row) -> Figures:
    offered, answered, abandoned, in_time, counted_, handled, speed, handle, longest = row
    return Figures(
        offered, answered, abandoned, in_time, counted_, handled, _seconds(speed), _seconds(handle), _seconds(longest)
    )  # fmt: skip


def _seconds(value: object) -> float | None:
    return None if value is None else float(str(value))
