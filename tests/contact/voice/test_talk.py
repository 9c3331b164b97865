"""Talking: hold, a lost agent, coming back, giving up."""

from __future__ import annotations

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.states import CallState, Media, Request
from tests.contact.voice.hall import Hall, settle


async def test_hold_and_back(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.ask(Request.HOLD)
    assert (hall.hears(caller), hall.hears(hall.leg_of(agent))) == (Hears.MUSIC, Hears.NOTHING)
    await hall.ask(Request.UNHOLD)
    assert hall.hears(caller) is hall.hears(hall.leg_of(agent)) is Hears.PEOPLE
    assert not hall.engine.legs[caller].music
    assert hall.talk.media == [Media.TALK, Media.HOLD, Media.TALK]


async def test_wishes_asked_twice_or_too_early_change_nothing(hall: Hall) -> None:
    caller = await hall.waiting()
    for request in Request:
        await hall.ask(request)
    assert (hall.talk.row.state, hall.talk.media, hall.talk.consults) == (CallState.WAITING, [], [])
    await settle(3)
    assert hall.hears(caller) is Hears.MUSIC
    agent = await hall.agent()
    hall.records.get_ready(agent)
    await settle()
    await hall.pick_up(agent)
    for request in (Request.HOLD, Request.HOLD, Request.UNHOLD, Request.UNHOLD):
        await hall.ask(request)
    assert hall.hears(caller) is Hears.PEOPLE
    assert hall.talk.media == [Media.TALK, Media.HOLD, Media.TALK]


async def test_a_lost_leg_leaves_the_caller_with_a_sentence_and_music(hall: Hall) -> None:
    caller, agent = await hall.talking()
    hall.engine.lose(hall.leg_of(agent))
    await settle()
    assert hall.engine.played[-1] == (caller, ("one moment, we lost the agent",))
    assert hall.talk.media[-1] is Media.AGENT_LOST
    await settle(3)
    assert hall.hears(caller) is Hears.MUSIC
    assert agent.state == "talking"  # nobody else is sought yet


async def test_the_desk_rejoins(hall: Hall) -> None:
    caller, agent = await hall.talking()
    hall.engine.lose(hall.leg_of(agent))
    await settle(5)
    await hall.ask(Request.REJOIN)
    assert hall.rings(agent) == 1
    await hall.pick_up(agent)
    assert hall.hears(caller) is Hears.PEOPLE
    assert (hall.talk.row.state, hall.talk.row.lost_at) == (CallState.TALKING, None)
    await settle(100)
    assert hall.hears(caller) is Hears.PEOPLE  # the grace period is forgotten


async def test_nobody_rejoins(hall: Hall) -> None:
    other = await hall.agent(ready=False)
    caller, agent = await hall.talking()
    later = await hall.waiting()
    hall.engine.lose(hall.leg_of(agent))
    await settle(61)
    assert (agent.state, agent.reason) == ("paused", "agent_lost")
    hall.records.get_ready(other)
    await settle()
    await hall.pick_up(other)
    assert (hall.hears(caller), hall.hears(later)) == (Hears.PEOPLE, Hears.MUSIC)


async def test_a_page_loaded_again_while_talking(hall: Hall) -> None:
    caller, agent = await hall.talking()
    before = hall.leg_of(agent)
    hall.engine.unregister(agent.username or "")
    hall.engine.register(agent.username or "")
    await hall.ask(Request.REJOIN)
    await hall.pick_up(agent)
    assert hall.leg_of(agent) != before
    assert (hall.hears(caller), hall.talk.finishes) == (Hears.PEOPLE, 0)


async def test_a_page_that_hangs_up_as_it_is_loaded_again(hall: Hall) -> None:
    caller, agent = await hall.talking()
    before = hall.leg_of(agent)
    await hall.ask(Request.REJOIN)
    await hall.hang_up(before)  # the old page's leg, after the new one has been asked for
    assert hall.talk.row.state is CallState.AGENT_LOST
    await hall.pick_up(agent)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_rejoining_on_hold_stays_on_hold(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.ask(Request.HOLD)
    await hall.ask(Request.REJOIN)
    await hall.pick_up(agent)
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.HELD, Hears.MUSIC)
    await hall.ask(Request.UNHOLD)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_asking_to_rejoin_twice_leaves_one_leg(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    hall.engine.lose(hall.leg_of(agent))
    await settle()
    await hall.ask(Request.REJOIN)
    await hall.ask(Request.REJOIN)
    assert hall.rings(agent) == 1


async def test_a_crashed_page_is_noticed_by_its_silence(hall: Hall) -> None:
    caller, agent = await hall.talking()
    hall.engine.unregister(agent.username or "")
    await settle(3)
    assert hall.talk.row.state is CallState.AGENT_LOST
    assert not hall.engine.talking(agent.username or "")
    assert hall.hears(caller) in (Hears.PROMPT, Hears.MUSIC)


async def test_signalling_that_is_away_for_a_while_drops_no_call(hall: Hall) -> None:
    caller, agent = await hall.talking()
    hall.engine.unregister(agent.username or "", media_stops=False)
    await settle(30)
    hall.engine.register(agent.username or "")
    await settle(30)
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.TALKING, Hears.PEOPLE)


async def test_an_ended_session_keeps_its_telephone_until_the_call_is_over(hall: Hall) -> None:
    caller, agent = await hall.talking()
    assert agent.username
    hall.engine.accounts.add(agent.username)
    await hall.exchange.remove_softphone(agent.username)
    await settle()
    assert agent.username in hall.engine.accounts and hall.hears(caller) is Hears.PEOPLE
    await hall.hang_up(caller)
    assert agent.username not in hall.engine.accounts


async def test_the_agent_rings_at_the_account_wanted_last(hall: Hall) -> None:
    agent = await hall.agent()
    hall.engine.register("desk-second")
    agent.username = "desk-second"
    await hall.waiting()
    assert len(hall.engine.ringing("desk-second")) == 1
    assert len(hall.engine.legs) == 2
