"""Twenty people talk with twenty agents while the voice process is killed, twice: all go on hearing each other, the next one
takes all of them up as they are, and each talk can then be ended from either side."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.journeys.agent import noted
from tests.journeys.caller import Telephone
from tests.journeys.phones import Lines
from tests.journeys.plain_agents import PlainAgents, seat
from tests.journeys.system import System, eventually
from tests.journeys.test_phone_faults import notes

pytestmark = [pytest.mark.journey, pytest.mark.kill, pytest.mark.timeout(900)]

PAIRS = 20
PROMISE = 5.0  # seconds until all calls are in hand again, for a process that has a core
TALKS = (
    "SELECT c.id, c.state, c.end_reason, c.agent_id, v.state AS call_state, v.customer_channel, v.agent_channel"
    " FROM voice_call v JOIN conversations_conversation c ON c.id = v.conversation_id"
    " WHERE c.agent_id = ANY(%(staff)s::uuid[]) AND v.started_at >= %(since)s ORDER BY c.id"
)
OFFERS = (
    "SELECT id, conversation_id, staff_id, state FROM routing_offer WHERE staff_id = ANY(%(staff)s::uuid[])"
    " AND made_at >= %(since)s ORDER BY id"
)


class Hall:
    """The pairs, and what is written down of them."""

    def __init__(
        self, system: System, agents: PlainAgents, callers: list[Telephone], since: datetime
    ) -> None:
        self.system, self.agents, self.callers, self.since = system, agents, callers, since

    def rows(self, query: str) -> list[dict[str, Any]]:
        return self.system.rows(query, {"staff": self.agents.staff_ids, "since": self.since})

    def all_hear(self, what: str) -> None:
        """Each caller the agents' tone, each agent the callers', from now on."""
        everybody = [(each, 880) for each in self.callers] + [(each, 440) for each in self.agents.telephones]
        for telephone, _hertz in everybody:
            telephone.heard.forget()
        for telephone, hertz in everybody:
            eventually(lambda: telephone.heard.tone(hertz) > 0.8, f"everybody is heard: {what}", timeout=60)  # noqa: B023

    def nobody_left(self) -> bool:
        return not any(each.other_side_left() for each in [*self.callers, *self.agents.telephones])


@pytest.fixture
def hall(system: System, dial_in: Lines, tmp_path: Path) -> Iterator[Hall]:
    """Everybody talks."""
    since = system.rows("SELECT clock_timestamp() AS now")[0]["now"]
    with ExitStack() as stack:
        agents = seat(system, tmp_path / "agents", PAIRS, stack)
        callers = [dial_in(f"+1202555{4000 + index}", answered=False) for index in range(PAIRS)]
        for caller in callers:
            caller.wait_answered(60)
            caller.press("10")
        agents.ready()
        # All at once: a telephone speaks once it is known to have answered, and one that is silent for long is lost.
        with ThreadPoolExecutor(PAIRS) as together:
            list(together.map(_talks, agents.telephones))
        made = Hall(system, agents, callers, since)
        eventually(
            lambda: [row["call_state"] for row in made.rows(TALKS)] == ["talking"] * PAIRS,
            "all of them talk",
            timeout=60,
        )
        yield made


def _talks(phone: Telephone) -> None:
    phone.wait_answered(120)
    noted(phone, "call")


def test_twenty_talks_outlive_the_voice_process(system: System, hall: Hall) -> None:
    hall.all_hear("before anything happens")
    before, offered = hall.rows(TALKS), hall.rows(OFFERS)
    assert [each["state"] for each in offered] == ["accepted"] * PAIRS
    _nobody_is_there_for_a_while(system, hall)
    assert _as_before(hall, before, offered)
    _adopt_again(system)
    assert _as_before(hall, before, offered)
    hall.all_hear("after the adoption")
    assert hall.nobody_left()
    _each_can_be_ended(hall)


def _nobody_is_there_for_a_while(system: System, hall: Hall) -> None:
    """Who would start the voice process again is held, so that it is dead while we listen."""
    place = len(system.said())
    os.kill(system.process.pid, signal.SIGSTOP)
    former = system.kill("voice")
    try:
        hall.all_hear("the voice process is dead")
        assert not _lives(former)
    finally:
        os.kill(system.process.pid, signal.SIGCONT)
    up = eventually(lambda: notes(system, "exchange.up", after=place), "the talks are adopted", timeout=60)[0]
    assert (up["calls"], up["restarted"]) == (PAIRS, False)


def _adopt_again(system: System) -> None:
    """Killed once more, started at once by the supervisor. A machine under tests has no even clock: what is held against the
    promise is the processor time that the next process has taken once all calls are in its hands."""
    place = len(system.said())
    killed = system.rows("SELECT clock_timestamp() AS now")[0]["now"]
    system.kill("voice")
    up = eventually(lambda: notes(system, "exchange.up", after=place), "the talks are adopted", timeout=60)[0]
    times = psutil.Process(system.pid("voice")).cpu_times()
    seconds = (datetime.fromisoformat(up["timestamp"]) - killed).total_seconds()
    print(
        f"{PAIRS} talks adopted {seconds:.2f} s after the kill, by {times.user + times.system:.2f} s of work"
    )
    assert up["calls"] == PAIRS
    assert times.user + times.system < PROMISE


def _lives(pid: int) -> bool:
    """Whether it is more than a name that its parent has not read yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _as_before(hall: Hall, talks: list[dict[str, Any]], offers: list[dict[str, Any]]) -> bool:
    """Not a state, a leg or an offer is another one."""
    assert hall.rows(TALKS) == talks
    assert hall.rows(OFFERS) == offers
    return True


def _each_can_be_ended(hall: Hall) -> None:
    """Ten by their callers, ten by their agents; the other side hears of it each time."""
    half = PAIRS // 2
    for caller in hall.callers[:half]:
        caller.hang_up()
    eventually(lambda: _left(hall.agents.telephones) == half, "their agents are let go", timeout=60)
    for phone in hall.agents.telephones:
        if not phone.other_side_left():
            phone.hang_up()
    eventually(lambda: _left(hall.callers) == half, "the other callers are let go", timeout=60)
    eventually(
        lambda: {row["call_state"] for row in hall.rows(TALKS)} == {"ended"},
        "all calls have ended",
        timeout=60,
    )
    ended = hall.rows(TALKS)
    assert len(ended) == PAIRS
    assert {row["end_reason"] for row in ended} == {"completed"}
    assert len(hall.rows(OFFERS)) == PAIRS


def _left(telephones: list[Telephone]) -> int:
    return sum(each.other_side_left() for each in telephones)
