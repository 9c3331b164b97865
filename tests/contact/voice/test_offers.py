"""Offers: rung once, answered, declined, not answered, not reached; and what a waiting caller is told."""

from __future__ import annotations

import pytest

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.inputs import Ring
from callcart.contact.voice.states import CallState
from tests.contact.voice.hall import Hall, settle


async def test_no_answer_in_time(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    await settle(21)
    assert hall.rings(agent) == 0
    assert (agent.state, agent.reason) == ("paused", "timed_out")
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.WAITING, Hears.MUSIC)


async def test_no_answer_leads_to_the_next_agent_with_the_place_kept(hall: Hall) -> None:
    first = await hall.agent()
    caller = await hall.waiting()
    await hall.waiting()
    second = await hall.agent(ready=False)
    await settle(21)
    hall.records.get_ready(second)
    await settle()
    assert (hall.rings(first), hall.rings(second)) == (0, 1)
    await hall.pick_up(second)
    assert hall.hears(caller) is Hears.PEOPLE  # who came first, although he was offered before


@pytest.mark.parametrize("by_telephone", [True, False])
async def test_declined(hall: Hall, by_telephone: bool) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    if by_telephone:
        hall.engine.decline(agent.username or "")
    else:
        hall.records.decline(agent)
    await settle()
    assert (agent.state, agent.reason, hall.rings(agent)) == ("paused", "rejected", 0)
    assert (hall.talk.row.state, hall.hears(caller)) == (CallState.WAITING, Hears.MUSIC)


async def test_an_agent_without_a_page_is_not_reached(hall: Hall) -> None:
    agent = await hall.agent(username=None)
    await hall.waiting()
    assert (agent.state, agent.reason) == ("paused", "unreachable")


async def test_an_agent_whose_page_is_closed_is_not_reached(hall: Hall) -> None:
    agent = await hall.agent()
    hall.engine.unregister(agent.username or "")
    caller = await hall.waiting()
    await settle(4)
    assert (agent.state, agent.reason) == ("paused", "unreachable")
    assert hall.hears(caller) is Hears.MUSIC


async def test_a_page_loaded_again_while_it_rings_rings_again(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    hall.engine.unregister(agent.username or "")
    await settle(1)
    hall.engine.register(agent.username or "")
    await settle()
    assert (hall.rings(agent), agent.offers) == (1, 1)
    await hall.pick_up(agent)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_a_page_that_dies_while_it_rings(hall: Hall) -> None:
    agent = await hall.agent()
    await hall.waiting()
    hall.engine.unregister(agent.username or "")
    await settle(4)
    assert (agent.reason, hall.rings(agent)) == ("unreachable", 0)
    assert hall.talk.row.state is CallState.WAITING


async def test_an_offer_told_twice_rings_once(hall: Hall) -> None:
    agent = await hall.agent()
    await hall.waiting()
    (offer,) = hall.records.offers_made
    hall.exchange.ring(offer)
    await settle()
    assert hall.rings(agent) == 1
    assert hall.talk.row.legs_dialled == 1


async def test_an_offer_of_a_call_that_talks_changes_nothing(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    other = await hall.agent()
    (call,) = hall.exchange.calls.values()
    offer = hall.records.offers_made[0]
    call.post(Ring(type(offer)(offer.tenant_id, offer.conversation_id, other.staff_id, other.staff_id)))
    await settle()
    assert (hall.rings(other), hall.hears(caller)) == (0, Hears.PEOPLE)


async def test_a_second_call_waits_while_the_agent_talks(hall: Hall) -> None:
    _caller, agent = await hall.talking()
    second = await hall.waiting()
    assert (hall.rings(agent), hall.hears(second)) == (0, Hears.MUSIC)
    await hall.hang_up(hall.leg_of(agent))
    hall.records.get_ready(agent)
    await settle()
    await hall.pick_up(agent)
    assert hall.hears(second) is Hears.PEOPLE


async def test_an_agent_who_gets_ready_takes_the_longest_waiting(hall: Hall) -> None:
    first, second = await hall.waiting(), await hall.waiting()
    agent = await hall.agent(ready=False)
    hall.records.get_ready(agent)
    await settle()
    await hall.pick_up(agent)
    assert (hall.hears(first), hall.hears(second)) == (Hears.PEOPLE, Hears.MUSIC)


async def test_the_place_is_announced_and_the_music_goes_on(hall: Hall) -> None:
    await hall.waiting()
    caller = await hall.waiting()
    await settle(2.5)
    assert hall.hears(caller) is Hears.PROMPT
    assert hall.engine.played[-1] == (caller, ("place 2",))
    await settle(2)
    assert hall.hears(caller) is Hears.MUSIC
    await settle(45)
    assert [sounds for leg, sounds in hall.engine.played if leg == caller][-2:] == [("place 2",)] * 2


async def test_an_agent_who_answers_stops_the_announcement(hall: Hall) -> None:
    caller = await hall.waiting()
    agent = await hall.agent(ready=False)
    await settle(2.1)
    hall.records.get_ready(agent)
    await settle()
    assert hall.hears(caller) is Hears.PROMPT
    await hall.pick_up(agent)
    assert not hall.engine.legs[caller].playbacks and not hall.engine.legs[caller].music
    assert hall.hears(caller) is Hears.PEOPLE


async def test_joining_that_fails_for_a_moment_is_tried_again(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    hall.engine.join_failures = 2
    await hall.pick_up(agent)
    await settle(1)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_joining_that_fails_for_good_costs_the_agents_leg_not_the_caller(hall: Hall) -> None:
    agent = await hall.agent()
    caller = await hall.waiting()
    hall.engine.join_failures = 100
    await hall.pick_up(agent)
    await settle(5)
    assert hall.talk.row.state is CallState.AGENT_LOST
    assert hall.hears(caller) in (Hears.PROMPT, Hears.MUSIC)
