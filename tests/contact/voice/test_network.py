"""The agent's network is gone: for ten seconds nobody loses anything, for five minutes the caller does not wait for it."""

from __future__ import annotations

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.states import CallState, Request, Silent
from callcart.contact.voice.talking import GRACE_SECONDS
from callcart.integrations.asterisk.softphones import WEBRTC
from tests.contact.voice.hall import Hall, settle

NOTICED = float(WEBRTC["rtp_timeout"])  # seconds without sound after which the engine takes a leg for lost


async def test_ten_seconds_are_a_pause_in_the_talk(hall: Hall) -> None:
    """Nobody says good-bye: to the engine the page looks registered all the while."""
    caller, agent = await hall.talking()
    leg = hall.leg_of(agent)
    await settle(20)
    hall.engine.legs[leg].media = False
    await settle(10)
    assert hall.talk.row.line.silent is Silent.AGENT or hall.talk.row.state is CallState.TALKING
    hall.engine.legs[leg].media = True
    await settle(GRACE_SECONDS * 2)
    assert (hall.leg_of(agent), hall.hears(caller)) == (leg, Hears.PEOPLE)
    assert (hall.talk.row.state, hall.talk.row.line.silent) == (CallState.TALKING, Silent.NOBODY)
    assert (agent.state, agent.offers, hall.talk.finishes) == ("talking", 1, 0)
    assert 10 < NOTICED < 30, "longer than a pause, shorter than a caller's patience"


async def test_ten_seconds_in_which_the_signalling_is_noticed_to_be_gone(hall: Hall) -> None:
    caller, agent = await hall.talking()
    assert agent.username
    hall.engine.unregister(agent.username)
    await settle(10)
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.AGENT_LOST, Hears.MUSIC)
    assert agent.state == "talking", "the talk is still his"
    hall.engine.register(agent.username)
    await hall.ask(Request.REJOIN)  # the page finds its call again by itself
    await hall.pick_up(agent)
    await settle(GRACE_SECONDS * 2)
    assert (hall.talk.row.state, hall.hears(caller), agent.offers) == (CallState.TALKING, Hears.PEOPLE, 1)


async def test_after_five_minutes_the_caller_has_been_with_a_colleague_for_long(hall: Hall) -> None:
    colleague = await hall.agent(ready=False)
    caller, agent = await hall.talking()
    later = await hall.waiting()
    leg = hall.leg_of(agent)
    hall.engine.legs[leg].media = False
    await settle(NOTICED)
    hall.engine.lose(leg)  # what the engine does then
    await settle(GRACE_SECONDS - 1)
    assert hall.hears(caller) is Hears.MUSIC and agent.state == "talking"
    await settle(2)
    assert (agent.state, agent.reason) == ("paused", "agent_lost")
    hall.records.get_ready(colleague)
    await settle()
    await hall.pick_up(colleague)
    assert (hall.hears(caller), hall.hears(later)) == (Hears.PEOPLE, Hears.MUSIC), "he was first before"
    await settle(300 - NOTICED - GRACE_SECONDS)
    await hall.ask(Request.REJOIN)  # his page is back, and asks for a talk that is not his any more
    assert hall.rings(agent) == 0 and hall.hears(caller) is Hears.PEOPLE
    hall.records.get_ready(agent)
    await settle()
    await hall.pick_up(agent)
    assert hall.hears(later) is Hears.PEOPLE, "back at work as if nothing had been"
