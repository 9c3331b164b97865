"""Processes are killed under live calls: what can go on goes on, and what cannot ends with its reason."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import psycopg
import pytest

from tests.journeys.caller import Caller
from tests.journeys.phones import Lines, hears_something, in_state, latest
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.kill, pytest.mark.timeout(900)]

CALLS = 20
LIVE = (
    "SELECT c.id, c.state, v.state AS call_state FROM voice_call v"
    " JOIN conversations_conversation c ON c.id = v.conversation_id WHERE v.ended_at IS NULL ORDER BY c.id"
)


def notes(system: System, event: str, *, after: int = 0) -> list[dict[str, Any]]:
    """Log entries of the voice process, from a place in the log on."""
    lines = [
        line.partition("| ")[2] for line in system.said()[after:].splitlines() if line.startswith("voice")
    ]
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [entry for entry in found if entry.get("event") == event]


def crowd(system: System, dial_in: Lines) -> list[Caller]:
    """Callers in the menu and in the queue."""
    callers = [dial_in(f"+12025550{300 + index}", answered=False) for index in range(CALLS)]
    for caller in callers:
        caller.wait_answered(60)
    for caller in callers[::2]:
        caller.press("1")
    eventually(lambda: len(system.rows(LIVE)) == CALLS, "all calls are open", timeout=60)
    eventually(
        lambda: sum(row["state"] == "waiting" for row in system.rows(LIVE)) >= CALLS // 2,
        "half of them wait",
        timeout=60,
    )
    return callers


def test_calls_outlive_the_voice_process(system: System, dial_in: Lines) -> None:
    callers = crowd(system, dial_in)
    before = {row["id"] for row in system.rows(LIVE)}
    place = len(system.said())
    former = system.kill("voice")
    system.wait_back("voice", former)
    up = eventually(lambda: notes(system, "exchange.up", after=place), "the calls are adopted", timeout=60)[0]
    assert up["calls"] == CALLS
    assert up["restarted"] is False
    assert up["seconds"] < 5
    assert {row["id"] for row in system.rows(LIVE)} == before
    assert not any(caller.other_side_left() for caller in callers)
    # They are in hand again: one who waits hears music, one in the menu is put through.
    hears_something(callers[0], "music after the restart")
    eventually(
        lambda: all(row["state"] == "waiting" for row in system.rows(LIVE)), "the menu goes on", timeout=90
    )
    for caller in callers:
        caller.hang_up()
    eventually(lambda: not system.rows(LIVE), "all calls have ended", timeout=30)
    ended = system.rows(
        "SELECT end_reason, count(*) AS n FROM conversations_conversation WHERE id = ANY(%(ids)s) GROUP BY 1",
        {"ids": list(before)},
    )
    assert ended == [{"end_reason": "abandoned", "n": CALLS}]


def test_a_caller_who_leaves_while_the_voice_process_is_dead_is_not_waited_for(
    system: System, dial_in: Lines
) -> None:
    caller = dial_in()
    hears_something(caller, "the greeting")
    caller.press("1")
    in_state(system, "waiting")
    former = system.kill("voice")
    caller.hang_up()
    system.wait_back("voice", former)
    ended = in_state(system, "closed", timeout=60)
    assert ended["end_reason"] in ("abandoned", "telephony_lost")


def test_a_caller_who_comes_while_the_voice_process_is_dead_is_answered_by_the_next_one(
    system: System, dial_in: Lines
) -> None:
    former = system.kill("voice")
    caller = dial_in(answered=False)
    system.wait_back("voice", former)
    caller.wait_answered(60)
    hears_something(caller, "the greeting")
    caller.hang_up()
    in_state(system, "closed")


def test_asterisk_dies_and_comes_back(system: System, dial_in: Lines) -> None:
    first, second = dial_in("+12025550301"), dial_in("+12025550302")
    for caller in (first, second):
        hears_something(caller, "the greeting")
    second.press("1")
    in_state(system, "waiting")
    lost = [row["id"] for row in system.rows(LIVE)]
    assert len(lost) == 2
    place = len(system.said())
    # Who would start it again is held, so that it is away for longer than a moment.
    keeper = system.command_pid("asterisk")
    os.kill(keeper, signal.SIGSTOP)
    former = system.kill("asterisk")
    try:
        eventually(lambda: notes(system, "exchange.down", after=place), "the loss is noticed", timeout=30)
        eventually(lambda: system.rows("SELECT up FROM voice_exchange") == [{"up": False}], "desks are told")
    finally:
        os.kill(keeper, signal.SIGCONT)
    system.wait_back("asterisk", former)
    up = eventually(lambda: notes(system, "exchange.up", after=place), "the exchange is back", timeout=60)[-1]
    assert up["restarted"] is True
    eventually(lambda: not system.rows(LIVE), "the lost calls are ended")
    reasons = system.rows(
        "SELECT state, end_reason FROM conversations_conversation WHERE id = ANY(%(ids)s)", {"ids": lost}
    )
    assert reasons == [{"state": "closed", "end_reason": "telephony_lost"}] * 2
    eventually(lambda: system.rows("SELECT up FROM voice_exchange") == [{"up": True}], "health is good again")
    again = dial_in("+12025550303")
    hears_something(again, "the greeting of a new call")
    again.hang_up()
    assert in_state(system, "closed")["end_reason"] == "hung_up_in_menu"
    assert latest(system)["caller_e164"] == "+12025550303"


@pytest.mark.parametrize("name", ["worker", "web"])
def test_other_processes_may_die_under_a_call(system: System, dial_in: Lines, name: str) -> None:
    caller = dial_in()
    hears_something(caller, "the greeting")
    former = system.kill(name)
    caller.press("1")
    in_state(system, "waiting", timeout=60)
    hears_something(caller, "what is said to the waiting")
    system.wait_back(name, former)
    assert not caller.other_side_left()
    caller.hang_up()
    assert in_state(system, "closed")["end_reason"] == "abandoned"


def test_the_database_is_away_for_a_moment_under_a_call(system: System, dial_in: Lines) -> None:
    caller = dial_in()
    hears_something(caller, "the greeting")
    former = system.kill("postgres")
    assert not caller.other_side_left()
    system.wait_back("postgres", former, timeout=120)
    caller.press("1")

    def waits() -> bool:
        try:
            return bool(latest(system)["state"] == "waiting")
        except psycopg.OperationalError:
            return False

    eventually(waits, "the call goes on", timeout=120)
    hears_something(caller, "music")
    caller.hang_up()
    in_state(system, "closed")
