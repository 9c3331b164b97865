"""How the line of a talk stands, on virtual time: sound that does not come is told, mute is told, a parked talk is picked up or comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.parking import PARKED_SECONDS
from callcart.contact.voice.sounding import SELDOM, SOON
from callcart.contact.voice.states import CallState, Request, Silent
from callcart.contact.voice.talking import GRACE_SECONDS
from callcart.core import clock
from tests.contact.voice.hall import Hall, settle


def steps(hall: Hall, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    return [(step, data) for step, data in hall.talk.steps if step.startswith(kinds)]


# ---- sound ----


async def test_a_caller_who_is_never_heard_is_told_of_within_seconds(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    hall.engine.legs[caller].media = False
    await hall.pick_up(agent)
    await settle(SOON + 0.5)
    assert steps(hall, "sound.") == [("sound.missing", {"side": "caller"})]
    assert hall.talk.row.line.silent is Silent.CALLER
    await settle(60)
    assert len(steps(hall, "sound.")) == 1, "once, not every few seconds"
    hall.engine.legs[caller].media = True
    await settle(2 * SOON)
    assert steps(hall, "sound.")[1:] == [("sound.back", {"side": "caller"})]
    assert hall.talk.row.line.silent is Silent.NOBODY
    assert hall.hears(caller) is Hears.PEOPLE, "nobody was moved"


async def test_an_agent_whose_sound_stops_in_the_middle(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    await settle(2 * SOON + 0.5)
    assert steps(hall, "sound.") == []
    hall.engine.legs[hall.leg_of(agent)].media = False
    await settle(2 * SELDOM)
    assert steps(hall, "sound.") == [("sound.missing", {"side": "agent"})]
    assert hall.talk.row.state is CallState.TALKING


async def test_nobody_need_be_heard_on_hold(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.HOLD)
    hall.engine.legs[caller].media = False
    await settle(5 * SELDOM)
    assert steps(hall, "sound.") == []


async def test_a_restart_of_our_process_tells_nothing_twice(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    hall.engine.legs[caller].media = False
    await hall.pick_up(agent)
    await settle(SOON + 0.5)
    await hall.restart()
    await settle(3 * SOON)
    assert len(steps(hall, "sound.")) == 1


# ---- mute ----


async def test_mute_is_told_once_and_ends_with_the_agent(hall: Hall) -> None:
    _caller, first, second = await hall.consulting(passing=True)
    await hall.ask(Request.MUTE)
    await hall.ask(Request.MUTE)
    assert hall.talk.row.line.muted
    await hall.pick_up(second)
    assert not hall.talk.row.line.muted, "that was the first one's microphone"
    assert [step for step, _data in steps(hall, "mute.")] == ["mute.started", "mute.ended"]
    assert first.state != "talking"


# ---- parking ----


async def test_parked_it_has_a_number_and_music(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.PARK)
    await hall.ask(Request.PARK)
    assert (hall.talk.row.line.orbit, hall.talk.row.state) == (701, CallState.HELD)
    assert hall.hears(caller) is Hears.MUSIC
    assert [step for step, _data in steps(hall, "call.parked")] == ["call.parked"]


async def test_a_colleague_picks_it_up(hall: Hall) -> None:
    caller, first = await hall.talking()
    second = await hall.agent()
    await hall.ask(Request.PARK)
    await hall.ask(Request.PICK_UP, staff_id=str(second.staff_id))
    assert hall.rings(second) == 1 and hall.hears(caller) is Hears.MUSIC
    await hall.pick_up(second)
    assert hall.hears(caller) is hall.hears(hall.leg_of(second)) is Hears.PEOPLE
    assert (hall.talk.staff_id, hall.talk.row.line.orbit) == (second.staff_id, None)
    assert first.state == "wrap_up"
    assert steps(hall, "park.") == [("park.taken", {"orbit": 701})]
    await settle(PARKED_SECONDS + 5)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_of_two_who_want_it_one_has_it(hall: Hall) -> None:
    _caller, _first = await hall.talking()
    second, third = await hall.agent(), await hall.agent()
    await hall.ask(Request.PARK)
    await hall.ask(Request.PICK_UP, staff_id=str(second.staff_id))
    await hall.ask(Request.PICK_UP, staff_id=str(third.staff_id))
    assert (hall.rings(second), hall.rings(third)) == (1, 0)


async def test_nobody_comes_and_it_is_back(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.ask(Request.PARK)
    await settle(PARKED_SECONDS - 2)
    assert hall.hears(caller) is Hears.MUSIC
    await settle(3)
    assert hall.hears(caller) is hall.hears(hall.leg_of(agent)) is Hears.PEOPLE
    assert (hall.talk.row.line.orbit, hall.talk.row.state) == (None, CallState.TALKING)
    assert steps(hall, "park.") == [("park.over", {"orbit": 701})]


async def test_who_wants_it_and_does_not_answer_leaves_it_parked(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    second = await hall.agent()
    await hall.ask(Request.PARK)
    await hall.ask(Request.PICK_UP, staff_id=str(second.staff_id))
    hall.engine.decline(second.username or "")
    await settle()
    assert (hall.talk.row.line.orbit, hall.hears(caller)) == (701, Hears.MUSIC)


@pytest.mark.parametrize("by_desk", [True, False])
async def test_who_parked_it_puts_down_his_phone(hall: Hall, by_desk: bool) -> None:
    caller, agent = await hall.talking()
    second = await hall.agent()
    await hall.ask(Request.PARK)
    if by_desk:
        await hall.ask(Request.HANG_UP)
    else:
        await hall.hang_up(hall.leg_of(agent))
    assert hall.talk.row.line.orbit == 701, "others may still have it"
    await hall.ask(Request.PICK_UP, staff_id=str(second.staff_id))
    await hall.pick_up(second)
    assert hall.hears(caller) is Hears.PEOPLE and hall.talk.staff_id == second.staff_id


async def test_nobody_has_it_and_it_waits_in_its_queue(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    await hall.ask(Request.PARK)
    await hall.hang_up(hall.leg_of(agent))
    await settle(GRACE_SECONDS + 1)
    assert hall.talk.row.line.orbit is None
    assert hall.talk.row.state in (CallState.WAITING, CallState.RINGING)


async def test_the_agent_takes_it_back_himself(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.PARK)
    await hall.ask(Request.UNHOLD)
    assert (hall.talk.row.line.orbit, hall.hears(caller)) == (None, Hears.PEOPLE)


async def test_our_process_dies_while_it_is_parked(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.PARK)
    await settle(30)
    await hall.restart()
    assert (hall.talk.row.line.orbit, hall.hears(caller)) == (701, Hears.MUSIC)
    await settle(PARKED_SECONDS)
    assert (hall.talk.row.line.orbit, hall.hears(caller)) == (None, Hears.PEOPLE)


async def test_the_customer_hangs_up_while_parked(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.PARK)
    await hall.hang_up(caller)
    assert hall.talk.row.state is CallState.ENDED and hall.talk.finishes == 1


# ---- the clock is moved ----


async def test_a_clock_set_back_by_an_hour_makes_nobody_wait_longer(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    _caller, agent = await hall.talking()
    hall.engine.lose(hall.leg_of(agent))
    await settle()
    assert hall.talk.row.state is CallState.AGENT_LOST
    await hall.stop()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() - timedelta(hours=1))
    await hall.restart()
    await settle(GRACE_SECONDS + 1)
    assert hall.talk.row.state in (CallState.WAITING, CallState.RINGING)


async def test_a_clock_set_forward_ends_no_talk(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    caller, _agent = await hall.talking()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=400))
    await settle(30)
    await hall.restart()
    await settle(30)
    assert hall.hears(caller) is Hears.PEOPLE


# ---- keys told twice ----


async def test_a_key_that_the_line_tells_twice_counts_once(hall: Hall) -> None:
    """In band and as an event: within less than a finger needs."""
    caller = await hall.caller()
    hall.engine.press(caller, "2")
    await settle(0.05)
    hall.engine.press(caller, "2")
    await settle()
    assert [data for step, data in hall.talk.steps if step == "key.pressed"] == [{"digits": "2"}]
    hall.engine.press(caller, "2")
    await settle()
    assert len([step for step, _data in hall.talk.steps if step == "key.pressed"]) == 2, (
        "a finger presses again"
    )
