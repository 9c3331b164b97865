"""The blows: each waits for a conversation that is just where the plan wants it, strikes, waits until the process is back, and then until
something is routed again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from chaos.plan import Blow, Moment
from tests.journeys.system import NotInTime, System

MOMENT_WITHIN = 20.0  # seconds to find a conversation that is where it is wanted; else whatever there is
ROUTED_WITHIN = 20.0
LOOK_SECONDS = 0.01
_VICTIMS = {
    Moment.WAIT: "SELECT conversation_id, channel FROM routing_ticket WHERE state = 'waiting'",
    Moment.OFFER: "SELECT conversation_id, channel FROM routing_offer WHERE state = 'live' AND purpose = 'serve'",
    Moment.ANSWER: """SELECT conversation_id, channel FROM routing_offer
                       WHERE state = 'accepted' AND ended_at > clock_timestamp() - interval '0.25 s'""",
    Moment.TALK: "SELECT conversation_id, channel FROM routing_ticket WHERE state = 'active' AND helper_id IS NULL",
    Moment.TRANSFER: """SELECT conversation_id, channel FROM routing_ticket WHERE helper_id IS NOT NULL UNION ALL
                        SELECT s.conversation_id, 9 FROM conversations_step s WHERE s.at > clock_timestamp() - interval '0.25 s'
                           AND (s.kind LIKE 'transfer%' OR s.kind = 'handed_over')""",
    Moment.WRAP_UP: "SELECT wrap_conversation_id, 0 AS channel FROM routing_agent WHERE wrap_until > clock_timestamp()",
}
_ROUTED = "SELECT extract(epoch FROM min(made_at))::float8 AS at FROM routing_offer WHERE made_at > to_timestamp(%(after)s)"


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill as it was. Times are the database's, in seconds; `routed` is from the return to the next offer to anybody."""

    process: str
    moment: Moment
    victim: str
    killed_at: float
    back_at: float
    routed: float | None

    @property
    def away(self) -> float:
        return self.back_at - self.killed_at


def strike(system: System, blow: Blow, *, after: Callable[[Blow], None]) -> Kill:
    """One blow. `after` is told at once. Raises NotInTime where something does not come back."""
    time.sleep(blow.pause)
    moment, victim = _victim(system, blow)
    killed_at = time.time()
    former = system.kill(blow.process)
    after(blow)
    system.wait_back(blow.process, former)
    if blow.process == "postgres":
        _wait_database(system)
    elif blow.process == "web":
        _wait_web(system)
    back_at = time.time()
    return Kill(blow.process, moment, victim, killed_at, back_at, _wait_routed(system, back_at))


def _victim(system: System, blow: Blow) -> tuple[Moment, str]:
    """A conversation at the moment, of the telephone first where its processes are meant."""
    if blow.moment is Moment.ANY:
        return Moment.ANY, ""
    calls_first = "channel IN (0, 9) DESC," if blow.process in ("voice", "asterisk") else ""
    query = f"SELECT * FROM ({_VICTIMS[blow.moment]}) v ORDER BY {calls_first} random() LIMIT 1"
    end = time.monotonic() + MOMENT_WITHIN
    with psycopg.connect(
        host="127.0.0.1", port=system.port("postgres"), dbname="callcart", user="callcart_system",
        password=system.secret("postgres_system"), autocommit=True,
    ) as connection:  # fmt: skip
        while time.monotonic() < end:
            found: tuple[Any, ...] | None = connection.execute(query.encode()).fetchone()
            if found is not None:
                return blow.moment, str(found[0])
            time.sleep(LOOK_SECONDS)
    return Moment.ANY, ""


def _wait_routed(system: System, since: float) -> float | None:
    """Seconds until something was offered to somebody; None where nothing was for long."""
    end = time.monotonic() + ROUTED_WITHIN
    while time.monotonic() < end:
        at = system.rows(_ROUTED, {"after": since})[0]["at"]
        if at is not None:
            return max(0.0, float(at) - since)
        time.sleep(0.02)
    return None


def _wait_database(system: System) -> None:
    _until(lambda: bool(system.rows("SELECT 1")), "the database did not come back")


def _wait_web(system: System) -> None:
    """Back is a web process that answers; the pages wait as long as it starts."""

    def answers() -> bool:
        url = f"https://127.0.0.1:{system.port('web')}/readyz"
        return httpx.get(url, verify=False, timeout=2).status_code == 200

    _until(answers, "no page is answered")


def _until(look: Callable[[], bool], otherwise: str) -> None:
    for _attempt in range(900):
        try:
            if look():
                return
        except (psycopg.Error, httpx.HTTPError):
            pass
        time.sleep(0.05)
    raise NotInTime(otherwise)
