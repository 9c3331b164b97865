"""Our process, or the way to the engine, goes and comes back: each call goes on from where it was."""

from __future__ import annotations

from dataclasses import replace

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.states import CallState, Request
from tests.contact.voice.hall import NUMBER, Hall, settle


async def test_in_the_menu(hall: Hall) -> None:
    caller = await hall.caller()
    await hall.restart()
    assert hall.hears(caller) is Hears.PROMPT
    hall.engine.press(caller, "0")
    await settle()
    assert hall.hears(caller) is Hears.MUSIC


async def test_a_call_that_came_while_we_were_away(hall: Hall) -> None:
    await hall.stop()
    caller = hall.engine.call_in(NUMBER)
    await settle(1)
    await hall.restart()
    assert hall.hears(caller) is Hears.PROMPT
    assert len(hall.records.talks) == 1


async def test_waiting(hall: Hall) -> None:
    caller = await hall.waiting()
    await hall.restart()
    assert hall.hears(caller) is Hears.MUSIC
    agent = await hall.agent(ready=False)
    hall.records.get_ready(agent)
    await settle()
    await hall.pick_up(agent)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_an_offer_made_while_we_were_away_is_rung(hall: Hall) -> None:
    await hall.waiting()
    agent = await hall.agent(ready=False)
    await hall.stop()
    hall.records.get_ready(agent)
    await settle(1)
    await hall.restart()
    assert hall.rings(agent) == 1


async def test_ringing_goes_on_ringing(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    (leg,) = hall.engine.ringing(agent.username or "")
    await hall.restart()
    assert hall.engine.ringing(agent.username or "") == [leg]
    await hall.pick_up(agent)
    assert (hall.hears(caller), agent.offers) == (Hears.PEOPLE, 1)


async def test_answered_while_we_were_away(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    await hall.stop()
    hall.engine.pick_up(agent.username or "")
    await settle(1)
    await hall.restart()
    assert (hall.hears(caller), agent.state) == (Hears.PEOPLE, "talking")


async def test_rung_out_while_we_were_away(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    await hall.stop()
    await settle(25)
    await hall.restart()
    assert (hall.rings(agent), hall.hears(caller)) == (0, Hears.MUSIC)
    assert hall.talk.row.state is CallState.WAITING


async def test_killed_between_the_accept_and_the_bridge(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    await hall.stop()
    hall.engine.pick_up(agent.username or "")
    await hall.records.accept(replace(hall.talk.row, state=CallState.TALKING))
    await hall.restart()
    assert hall.hears(caller) is Hears.PEOPLE
    assert hall.talk.row.state is CallState.TALKING
    assert not hall.engine.legs[caller].music


async def test_talking_goes_on_talking(hall: Hall) -> None:
    caller, agent = await hall.talking()
    legs, bridges = dict(hall.engine.legs), {name: set(who) for name, who in hall.engine.bridges.items()}
    await hall.restart()
    assert (hall.engine.legs, hall.engine.bridges, hall.engine.hang_ups) == (legs, bridges, [])
    await hall.hang_up(hall.leg_of(agent))
    assert (caller in hall.engine.legs, hall.talk.finishes, agent.state) == (False, 1, "wrap_up")


async def test_on_hold_stays_on_hold(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.ask(Request.HOLD)
    await hall.restart()
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.HELD, Hears.MUSIC)
    await hall.ask(Request.UNHOLD)
    assert hall.hears(hall.leg_of(agent)) is Hears.PEOPLE


async def test_an_agent_lost_while_we_were_away(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.stop()
    hall.engine.lose(hall.leg_of(agent))
    await hall.restart()
    assert hall.talk.row.state is CallState.AGENT_LOST
    await hall.ask(Request.REJOIN)
    await hall.pick_up(agent)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_an_agent_lost_before_we_went_is_still_awaited(hall: Hall) -> None:
    caller, agent = await hall.talking()
    hall.engine.lose(hall.leg_of(agent))
    await settle(4)
    await hall.restart()
    assert hall.hears(caller) is Hears.MUSIC
    await settle(61)
    assert (hall.talk.row.state, agent.reason) == (CallState.WAITING, "agent_lost")


async def test_a_caller_who_left_while_we_were_away(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.stop()
    hall.engine.hang_up_far(caller)
    await hall.restart()
    assert not hall.engine.legs and not hall.engine.bridges
    assert (hall.talk.reason, hall.talk.finishes, agent.state) == ("telephony_lost", 1, "wrap_up")


async def test_a_leg_that_rang_to_rejoin_is_ended(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.ask(Request.REJOIN)
    await hall.restart()
    assert (hall.rings(agent), hall.hears(caller)) == (0, Hears.PEOPLE)


async def test_the_engine_restarts(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    hall.engine.crash()
    await settle(5)
    assert hall.records.health == [True, False]
    assert (hall.talk.reason, hall.talk.finishes) == ("telephony_lost", 1)
    hall.engine.reconnect(restarted=True)
    await settle()
    assert hall.talk.finishes == 1
    assert hall.records.health == [True, False, True]
    assert agent.username in hall.engine.accounts
    hall.engine.register(agent.username or "")
    hall.records.get_ready(agent)
    caller = await hall.waiting()
    await hall.pick_up(agent)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_who_waited_in_an_engine_that_is_gone_is_offered_to_nobody(hall: Hall) -> None:
    await hall.waiting()
    hall.engine.crash()
    await settle(5)
    assert hall.talk.reason == "telephony_lost"
    agent = await hall.agent(ready=False)
    hall.records.get_ready(agent)
    await settle(30)
    assert (agent.offers, agent.state) == (0, "ready")


async def test_our_process_and_the_engine_die_together(hall: Hall) -> None:
    await hall.talking()
    await hall.stop()
    hall.engine.crash()
    await hall.restart()
    hall.engine.crash()  # what a fresh process learns of it
    await settle()
    assert (hall.talk.reason, hall.talk.finishes) == ("telephony_lost", 1)


async def test_the_way_to_the_engine_is_lost_for_a_while(hall: Hall) -> None:
    caller, agent = await hall.talking()
    hall.engine.disconnect()
    await settle(5)
    hall.engine.reconnect()
    await settle()
    assert (hall.hears(caller), hall.talk.finishes) == (Hears.PEOPLE, 0)
    await hall.hang_up(caller)
    assert (hall.talk.finishes, agent.state) == (1, "wrap_up")


async def test_a_caller_who_leaves_while_the_engine_is_out_of_reach(hall: Hall) -> None:
    caller = await hall.waiting()
    hall.engine.disconnect()
    hall.engine.hang_up_far(caller)
    await settle(5)
    hall.engine.reconnect()
    await settle()
    assert (hall.talk.reason, hall.talk.finishes) == ("telephony_lost", 1)


async def test_twenty_talks_are_taken_up_at_once(hall: Hall) -> None:
    talks = [await hall.talking() for _each in range(20)]
    assert hall.task
    loop = hall.task.get_loop()
    await hall.stop()
    begun = loop.time()
    await hall.restart()
    assert loop.time() - begun < 1
    assert len(hall.exchange.calls) == 20 and not hall.engine.hang_ups
    for caller, _agent in talks:
        assert hall.hears(caller) is Hears.PEOPLE
    await hall.hang_up(talks[7][0])
    assert len(hall.exchange.calls) == 19


async def test_legs_and_bridges_of_nobody_are_ended(hall: Hall) -> None:
    await hall.agent()
    await hall.stop()
    await hall.engine.dial(
        "agent-of-nobody-1", hall.engine.registered.copy().pop(), caller="", seconds=60, originator="",
        conversation="",
    )  # fmt: skip
    await hall.engine.join("call-of-nobody", "agent-of-nobody-1")
    await hall.restart()
    assert not hall.engine.legs and not hall.engine.bridges
