"""A caller who hangs up at every step: the end is written down once, nobody is left on a line."""

from __future__ import annotations

from callcart.contact.voice.engine import HangUp
from callcart.contact.voice.fake import FakeEngine
from callcart.contact.voice.states import CallState, Request
from tests.contact.voice.hall import Hall, settle


def ended(hall: Hall, reason: str) -> bool:
    engine: FakeEngine = hall.engine
    assert not engine.legs and not engine.bridges
    assert (hall.talk.reason, hall.talk.finishes) == (reason, 1)
    return hall.talk.row.state is CallState.ENDED


async def test_before_it_is_answered(hall: Hall) -> None:
    caller = hall.engine.call_in("+12025550100")
    await hall.hang_up(caller)
    assert ended(hall, "hung_up_in_menu")


async def test_during_the_greeting(hall: Hall) -> None:
    await hall.hang_up(await hall.caller())
    assert ended(hall, "hung_up_in_menu")


async def test_in_the_silence_of_the_menu(hall: Hall) -> None:
    caller = await hall.caller()
    await settle(3)
    await hall.hang_up(caller)
    assert ended(hall, "hung_up_in_menu")


async def test_while_the_business_is_asked(hall: Hall) -> None:
    caller = await hall.caller()
    hall.engine.press(caller, "1")
    await settle(2.001)
    await hall.hang_up(caller)
    assert ended(hall, "hung_up_in_menu")


async def test_after_what_was_asked_for_was_said(hall: Hall) -> None:
    caller = await hall.caller()
    hall.engine.press(caller, "1")
    await settle(3)
    await hall.hang_up(caller)
    assert ended(hall, "self_served")


async def test_while_waiting(hall: Hall) -> None:
    await hall.hang_up(await hall.waiting())
    assert ended(hall, "abandoned")


async def test_during_an_announcement(hall: Hall) -> None:
    caller = await hall.waiting()
    await settle(2.5)
    assert hall.engine.legs[caller].playbacks
    await hall.hang_up(caller)
    assert ended(hall, "abandoned")


async def test_while_it_rings(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    assert hall.rings(agent) == 1
    await hall.hang_up(caller)
    assert ended(hall, "abandoned")
    assert agent.state == "ready"


async def test_just_as_the_agent_answers(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    hall.engine.pick_up(agent.username or "")
    hall.engine.hang_up_far(caller)
    await settle()
    assert ended(hall, "completed")  # the answer came first
    assert agent.state == "wrap_up"


async def test_and_the_agent_answers_just_after(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    hall.engine.hang_up_far(caller)
    hall.engine.pick_up(agent.username or "")
    await settle()
    assert ended(hall, "abandoned")
    assert agent.state == "ready"


async def test_an_answer_of_an_offer_that_is_gone_is_refused_quietly(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    (leg,) = hall.engine.ringing(agent.username or "")
    hall.records.decline(agent)  # routing has ended it, the news is on its way
    hall.engine.pick_up(agent.username or "")
    await settle()
    assert (leg.channel, HangUp.ANSWERED_ELSEWHERE) in hall.engine.hang_ups
    assert hall.talk.row.state is CallState.WAITING and hall.hears(caller) == "music"


async def test_while_talking(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.hang_up(caller)
    assert ended(hall, "completed")
    assert agent.state == "wrap_up"


async def test_on_hold(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.HOLD)
    await hall.hang_up(caller)
    assert ended(hall, "completed")


async def test_while_the_agent_is_lost(hall: Hall) -> None:
    caller, agent = await hall.talking()
    hall.engine.lose(hall.leg_of(agent))
    await settle()
    await hall.hang_up(caller)
    assert ended(hall, "completed")


async def test_the_agent_hangs_up(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    await hall.hang_up(hall.leg_of(agent))
    assert ended(hall, "completed")


async def test_the_desk_hangs_up_by_both_ways_at_once(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    hall.engine.hang_up_far(hall.leg_of(agent))
    await hall.ask(Request.HANG_UP)
    assert ended(hall, "completed")


async def test_the_desk_hangs_up_while_the_agent_is_lost(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    hall.engine.lose(hall.leg_of(agent))
    await settle()
    await hall.ask(Request.HANG_UP)
    assert ended(hall, "completed")


async def test_the_database_is_away_at_the_end(hall: Hall) -> None:
    caller = await hall.waiting()
    finish, failures = hall.records.finish, 3

    async def sometimes(*arguments: object) -> object:
        nonlocal failures
        if failures:
            failures -= 1
            raise ConnectionError
        return await finish(*arguments)  # type: ignore[arg-type]

    hall.records.finish = sometimes  # type: ignore[method-assign,assignment]
    await hall.hang_up(caller)
    await settle(5)
    assert ended(hall, "abandoned")
