"""The agent has hung up first, or passes the caller on to a survey: the agent is free, the caller hears the flow once more."""

from __future__ import annotations

from typing import Any

from callcart.contact.voice.states import CallState, Request
from tests.contact.voice.hall import Hall, settle


async def test_by_rule_the_caller_stays_and_the_agent_has_wrap_up(hall: Hall) -> None:
    hall.flow.follows = "survey"
    caller, agent = await hall.talking()
    await hall.hang_up(hall.leg_of(agent))
    assert hall.engine.played[-1] == (caller, ("a key for survey",))
    assert (hall.talk.row.state, agent.state) == (CallState.AFTER, "wrap_up")
    assert not hall.engine.bridges.get(f"call-{hall.talk.row.facts.conversation_id}")
    hall.engine.press(caller, "5")
    await settle(3)
    assert (hall.talk.reason, hall.talk.finishes) == ("completed", 1)
    assert not hall.engine.legs


async def test_without_a_rule_the_call_ends_with_the_agent(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.hang_up(hall.leg_of(agent))
    assert caller not in hall.engine.legs
    assert (hall.talk.reason, hall.talk.finishes) == ("completed", 1)


async def test_the_desk_passes_the_caller_on(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.ask(Request.SURVEY)
    assert hall.engine.played[-1] == (caller, ("a key for survey",))
    assert not hall.engine.talking(agent.username or "")
    await hall.ask(Request.SURVEY)  # twice is once
    assert hall.talk.row.state is CallState.AFTER


async def test_on_hold_too(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.HOLD)
    await hall.ask(Request.SURVEY)
    assert hall.engine.played[-1] == (caller, ("a key for survey",))


async def test_a_question_that_fails_ends_the_call(hall: Hall, monkeypatch: Any) -> None:
    caller, agent = await hall.talking()
    monkeypatch.setattr(hall.flow, "look_up", lambda *_: 1 / 0)
    await hall.hang_up(hall.leg_of(agent))
    assert (caller in hall.engine.legs, hall.talk.finishes) == (False, 1)


async def test_a_caller_who_hangs_up_meanwhile_ends_once(hall: Hall) -> None:
    hall.flow.follows = "survey"
    caller, agent = await hall.talking()
    await hall.hang_up(hall.leg_of(agent))
    await hall.hang_up(caller)
    assert (hall.talk.reason, hall.talk.finishes) == ("completed", 1)


async def test_both_hang_up_at_one_moment(hall: Hall) -> None:
    hall.flow.follows = "survey"
    caller, agent = await hall.talking()
    hall.engine.hang_up_far(hall.leg_of(agent))
    hall.engine.hang_up_far(caller)
    await settle()
    assert hall.talk.finishes == 1 and not hall.engine.legs


async def test_a_restart_in_the_middle_goes_on(hall: Hall) -> None:
    hall.flow.follows = "survey"
    caller, agent = await hall.talking()
    await hall.hang_up(hall.leg_of(agent))
    await hall.restart()
    assert hall.talk.row.state is CallState.AFTER
    assert hall.engine.played[-1] == (caller, ("goodbye",)), "the silence of the restart"
    await settle(3)
    assert hall.talk.finishes == 1


async def test_the_agent_gets_the_next_caller_after_his_wrap_up(hall: Hall) -> None:
    hall.flow.follows = "survey"
    _caller, agent = await hall.talking()
    second = await hall.waiting()
    await hall.hang_up(hall.leg_of(agent))
    hall.records.get_ready(agent)
    await settle()
    assert hall.rings(agent) == 1
    await hall.pick_up(agent)
    assert second in hall.engine.legs
