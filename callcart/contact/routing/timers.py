"""Time passes: offers ring out, wrap-up ends, needs relax, desks vanish; and once a second a sweep repairs what a dead
process left. One loop serves all tenants. The system role only finds what is due; each thing found is handled in a
transaction of its own as its tenant, which tests again under lock, so a late or double timer does no harm. A clock that is set forward or
back is noticed by one that only rises, and no wait, ring or wrap-up becomes longer or shorter by it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import structlog
from prometheus_client import Counter, Histogram

from callcart.contact.routing.calls import act, row
from callcart.core.database import sql
from callcart.core.errors import AppError
from callcart.core.leader import lead

POLL_SECONDS = 0.1
SWEEP_SECONDS = 1.0
GONE_AFTER = 20
SET_SECONDS = 5.0  # less than that is the work of whoever keeps the clock right all the time
_LEADER = 7102

log = structlog.get_logger(__name__)
_clock_set = Counter("callcart_routing_clock_set_total", "How often the database's clock was set")
_handled = Counter("callcart_routing_timers_total", "Routing timers handled, by kind", ["kind"])
_swept = Counter("callcart_routing_swept_total", "Offers that only the sweeper made")
_lateness = Histogram(
    "callcart_routing_timer_round_seconds",
    "Duration of one round of routing timers",
    buckets=(0.005, 0.02, 0.1, 0.5, 2),
)

_CALLS = {
    "offer": "acd_unoffer(%s::int, %s::uuid, 'timed_out', true)",
    "wrap": "acd_agent_wrap_done(%s::int, %s::uuid, NULL, true)",
    "relax": "acd_relax(%s::int, %s::uuid)",
    "gone": "acd_agent_offline(%s::int, %s::uuid, 'desk_gone', %s::int)",
}


def sweep(tenant_id: int) -> int:
    """Match whatever could be matched and is not; the number of offers made (0 in a healthy system)."""
    made = int(row("SELECT acd_sweep(%s::int)", (tenant_id,))[0])
    if made:
        _swept.inc(made)
    return made


class ClockWatch:
    """Compares the database's clock with one that only rises, from look to look."""

    def __init__(self, rising: Callable[[], float] = time.monotonic) -> None:
        self._rising = rising
        self._before: tuple[float, float] | None = None

    def look(self, connection: psycopg.Connection[Any]) -> float:
        """Seconds by which the clock was set since the last look; 0 for none. Then everything is moved along."""
        found = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
        there, here = float(found[0]) if found else 0.0, self._rising()
        before, self._before = self._before, (there, here)
        if before is None:
            return 0.0
        passed = here - before[1]
        moved = there - before[0] - passed
        # By less, what was written meanwhile could not be told from what was before.
        if abs(moved) < SET_SECONDS + passed:
            return 0.0
        log.warning("routing.clock_set", seconds=round(moved, 1))
        _clock_set.inc()
        clock_moved(connection, moved, within=passed + 1.0)
        return moved


def clock_moved(connection: psycopg.Connection[Any], moved: float, *, within: float) -> None:
    """Move along whatever routing has written down, but what was written `within` so many seconds of the new time."""
    connection.execute(sql("callcart.contact.routing", "clock_moved"), {"moved": moved, "within": within})


def run_timers(stop: threading.Event) -> None:
    """The loop, until told to stop. Any number of processes may run it: one leads, the others stand by."""
    next_sweep, clock = 0.0, ClockWatch()

    def round_(connection: psycopg.Connection[Any]) -> None:
        nonlocal next_sweep
        begun = time.monotonic()
        clock.look(connection)
        sweeping = begun >= next_sweep
        if sweeping:
            next_sweep = begun + SWEEP_SECONDS
        run_once(connection, sweeping=sweeping)
        _lateness.observe(time.monotonic() - begun)

    lead("routing.timers", _LEADER, POLL_SECONDS, round_, stop)


def run_once(connection: psycopg.Connection[Any], *, sweeping: bool = True) -> int:
    """One round: everything due now, over all tenants. The number of timers handled."""
    count = 0
    for kind, tenant_id, subject in connection.execute(sql("callcart.contact.routing", "due")).fetchall():
        count += _handle(kind, tenant_id, subject)
    if sweeping:
        gone = connection.execute(sql("callcart.contact.routing", "gone"), {"seconds": GONE_AFTER}).fetchall()
        for tenant_id, subject in gone:
            count += _handle("gone", tenant_id, subject, GONE_AFTER)
        for (tenant_id,) in connection.execute(sql("callcart.contact.routing", "crowded")).fetchall():
            sweep(tenant_id)
    return count


def _handle(kind: str, tenant_id: int, subject: UUID, *arguments: Any) -> int:
    try:
        act(tenant_id, _CALLS[kind], (tenant_id, subject, *arguments))
    except AppError as error:
        # Busy, or an agent just removed: still due, or not, at the next round.
        log.warning("routing.timer", kind=kind, tenant=tenant_id, code=error.code)
        return 0
    _handled.labels(kind).inc()
    return 1
