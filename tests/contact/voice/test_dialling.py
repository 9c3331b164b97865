"""Calls that agents make: the agent's page first, then the number; whoever does not answer is told of in words, and nobody is left on a line."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from callcart.contact.voice.engine import LegAnswered
from callcart.contact.voice.fake import FakeLeg, Hears
from callcart.contact.voice.fake_passing import Agent
from callcart.contact.voice.news import DialWanted
from callcart.contact.voice.patient import DatabaseAway
from callcart.contact.voice.states import CallState, Media, Request
from tests.contact.voice.hall import Hall, settle
from tests.contact.voice.test_transfers import together

NUMBER = "+12125550777"
THEIRS = f"outside {NUMBER}"


async def dialling(hall: Hall) -> Agent:
    """An agent has clicked on a number."""
    agent = await hall.agent()
    conversation = hall.records.dial_out(agent, NUMBER)
    hall.exchange.hear(DialWanted(conversation))
    await settle()
    return agent


async def ringing(hall: Hall) -> Agent:
    """His page has answered: the number rings."""
    agent = await dialling(hall)
    await hall.pick_up(agent)
    return agent


def why(hall: Hall) -> str:
    return [str(data["why"]) for step, data in hall.talk.steps if step == "dial.failed"][-1]


def nothing_left(hall: Hall) -> bool:
    return not hall.engine.legs and not hall.engine.bridges and hall.talk.finishes == 1


async def test_the_agents_page_then_the_number_then_they_talk(hall: Hall) -> None:
    agent = await dialling(hall)
    assert hall.rings(agent) == 1 and not hall.engine.ringing(THEIRS)
    await hall.pick_up(agent)
    (leg,) = hall.engine.ringing(THEIRS)
    assert leg.caller == "+12025550100"
    assert hall.engine.legs[hall.leg_of(agent)].rings  # he hears it
    hall.engine.pick_up(THEIRS)
    await settle()
    assert together(hall, leg.channel, hall.leg_of(agent))
    assert not hall.engine.legs[hall.leg_of(agent)].rings
    assert (hall.talk.row.state, hall.talk.media) == (CallState.TALKING, [Media.TALK])
    await hall.ask(Request.HOLD)
    assert hall.hears(leg.channel) is Hears.MUSIC
    await hall.ask(Request.HANG_UP)
    assert nothing_left(hall) and agent.state == "wrap_up"


@pytest.mark.parametrize(
    ("cause", "words"),
    [(17, "busy"), (19, "no_answer"), (1, "no_such_number"), (21, "rejected"), (38, "failed")],
)
async def test_why_nobody_was_reached(hall: Hall, cause: int, words: str) -> None:
    agent = await ringing(hall)
    (leg,) = hall.engine.ringing(THEIRS)
    hall.engine.hang_up_far(leg.channel, cause)
    await settle()
    assert (why(hall), hall.talk.reason, agent.state) == (words, "not_reached", "wrap_up")
    assert nothing_left(hall)


async def test_it_rings_out(hall: Hall) -> None:
    await ringing(hall)
    await settle(46)
    assert why(hall) == "no_answer" and nothing_left(hall)


@pytest.mark.parametrize("when", ["his page rings", "the number rings"])
@pytest.mark.parametrize("how", ["hangs up", "the desk"])
async def test_the_agent_gives_up(hall: Hall, when: str, how: str) -> None:
    agent = await (dialling(hall) if when == "his page rings" else ringing(hall))
    if how == "the desk":
        await hall.ask(Request.HANG_UP)
    else:
        hall.engine.decline(agent.username or "")
        for leg in hall.engine.talking(agent.username or ""):
            hall.engine.hang_up_far(leg.channel)
        await settle()
    assert why(hall) == "given_up" and nothing_left(hall)


async def test_without_a_page_or_a_trunk(hall: Hall) -> None:
    hall.engine.has_trunk = False
    await ringing(hall)
    assert why(hall) == "failed" and nothing_left(hall)


@pytest.mark.parametrize(
    "when", ["not begun", "his page rings", "the number rings", "it was answered", "they went"]
)
async def test_our_process_dies(hall: Hall, when: str) -> None:
    agent = await hall.agent()
    conversation = hall.records.dial_out(agent, NUMBER)
    if when != "not begun":
        hall.exchange.hear(DialWanted(conversation))
        await settle()
    if when not in ("not begun", "his page rings"):
        await hall.pick_up(agent)
    await hall.stop()
    if when == "it was answered":
        hall.engine.pick_up(THEIRS)
    if when == "they went":
        hall.engine.hang_up_far(hall.engine.ringing(THEIRS)[0].channel)
    await hall.restart()
    if when == "they went":
        assert why(hall) == "failed" and nothing_left(hall)
        return
    if when in ("not begun", "his page rings"):
        assert hall.rings(agent) == 1
        await hall.pick_up(agent)
    if when != "it was answered":
        hall.engine.pick_up(THEIRS)
        await settle()
    assert together(hall, hall.talk.row.customer_channel, hall.leg_of(agent))


async def test_it_is_told_twice_and_dialled_once(hall: Hall) -> None:
    agent = await dialling(hall)
    hall.exchange.hear(DialWanted(hall.talk.row.facts.conversation_id))
    await settle()
    assert hall.rings(agent) == 1


async def test_the_call_can_be_passed_on_like_another(hall: Hall) -> None:
    first, second = await ringing(hall), await hall.agent()
    hall.engine.pick_up(THEIRS)
    await settle()
    await hall.ask(Request.CONSULT, staff_id=str(second.staff_id), passing=True)
    await hall.pick_up(second)
    assert together(hall, hall.talk.row.customer_channel, hall.leg_of(second))
    assert first.state == "wrap_up"


async def test_a_database_that_is_away_for_long_keeps_no_agent_waiting_for_ever(hall: Hall) -> None:
    agent = await hall.agent()
    conversation, live = hall.records.dial_out(agent, NUMBER), hall.records.live
    with patch.object(hall.records, "live", side_effect=[DatabaseAway, DatabaseAway, await live()]):
        hall.exchange.hear(DialWanted(conversation))
        await settle(2.5)
    assert hall.rings(agent) == 1


async def test_no_call_lasts_longer_than_the_shop_allows(hall: Hall) -> None:
    await ringing(hall)
    hall.engine.pick_up(THEIRS)
    await settle(hall.records.LONGEST_CALL - 60)
    assert hall.talk.row.state is CallState.TALKING
    await settle(60)
    assert nothing_left(hall)


async def test_whoever_answers_where_a_call_was_sent_elsewhere_is_hung_up_on(hall: Hall) -> None:
    """A carrier may answer "it is over there" in words that the engine follows: nobody has let that number out."""
    caller, agent = await hall.talking()
    hall.engine.legs["1796038480.22"] = FakeLeg("1796038480.22", False, answered=True)
    await hall.exchange.take(LegAnswered("1796038480.22"))
    await settle()
    assert "1796038480.22" not in hall.engine.legs
    assert hall.hears(caller) is hall.hears(hall.leg_of(agent)) is Hears.PEOPLE
