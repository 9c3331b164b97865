"""Calls that we owe: they wait with nobody on the line, an agent takes one and the customer is dialled, once, whatever dies in between; or the
customer is dialled first and waits in front."""

from __future__ import annotations

import asyncio

import pytest

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.news import DialWanted
from callcart.contact.voice.records import Back
from callcart.contact.voice.states import CallState, Media, Request
from tests.contact.voice.hall import Hall, settle
from tests.contact.voice.test_transfers import together

NUMBER = "+12125550777"
THEIRS = f"outside {NUMBER}"


async def owed(hall: Hall, first: Back = Back.AGENT) -> None:
    hall.exchange.hear(DialWanted(hall.records.owe(NUMBER, first)))
    await settle()


def dialled(hall: Hall) -> int:
    return len(hall.engine.ringing(THEIRS))


def nothing_left(hall: Hall) -> bool:
    return not hall.engine.legs and not hall.engine.bridges and hall.talk.finishes == 1


async def test_it_waits_for_an_agent_who_takes_it_and_then_the_customer_is_called(hall: Hall) -> None:
    await owed(hall)
    assert not hall.engine.legs and hall.talk.row.state is CallState.WAITING
    agent = await hall.agent()
    hall.records.get_ready(agent)
    await settle()
    assert hall.rings(agent) == 1 and dialled(hall) == 0, "nobody is called before somebody has the call"
    await hall.pick_up(agent)
    assert dialled(hall) == 1 and hall.records.let_out_asked == 1
    assert hall.talk.row.state is CallState.DIALLING and not hall.talk.media
    (leg,) = hall.engine.ringing(THEIRS)
    assert leg.caller == "+12025550100", "the number of the queue"
    hall.engine.pick_up(THEIRS)
    await settle()
    assert together(hall, leg.channel, hall.leg_of(agent)) and hall.talk.media == [Media.TALK]
    await hall.ask(Request.HANG_UP)
    assert nothing_left(hall) and agent.state == "wrap_up"


async def test_an_agent_who_is_free_is_rung_at_once(hall: Hall) -> None:
    agent = await hall.agent()
    await owed(hall)
    assert hall.rings(agent) == 1


async def test_who_declines_leaves_it_its_place(hall: Hall) -> None:
    first = await hall.agent()
    await owed(hall)
    hall.engine.decline(first.username or "")
    await settle()
    assert hall.talk.row.state is CallState.WAITING and dialled(hall) == 0
    second = await hall.agent()
    hall.records.get_ready(second)
    await settle()
    assert hall.rings(second) == 1


async def test_what_the_guard_refuses_is_not_dialled(hall: Hall) -> None:
    hall.records.lets_out = False
    agent = await hall.agent()
    await owed(hall)
    await hall.pick_up(agent)
    assert dialled(hall) == 0 and nothing_left(hall)
    assert (hall.talk.reason, hall.talk.steps[-1]) == ("not_reached", ("dial.failed", {"why": "not_allowed"}))


@pytest.mark.parametrize(
    "when",
    ["it waits", "his page rings", "he has answered", "the number rings", "it was answered", "they went"],
)
async def test_our_process_dies_and_nothing_is_dialled_twice_or_lost(hall: Hall, when: str) -> None:
    """The moment between the answer and the dialling is `he has answered`: that he has it is kept, that it was dialled is not."""
    agent = await hall.agent(ready=when != "it waits")
    await owed(hall)
    if when == "he has answered":
        hall.records.let_out = _dies  # type: ignore[method-assign]
        await hall.pick_up(agent)
        del hall.records.let_out
    elif when in ("the number rings", "it was answered", "they went"):
        await hall.pick_up(agent)
    await hall.stop()
    if when == "it was answered":
        hall.engine.pick_up(THEIRS)
    if when == "they went":
        hall.engine.hang_up_far(hall.engine.ringing(THEIRS)[0].channel)
    await hall.restart()
    if when == "they went":
        assert nothing_left(hall) and hall.talk.reason == "not_reached"
        return
    if when == "it waits":
        hall.records.get_ready(agent)
        await settle()
    if when in ("it waits", "his page rings"):
        assert hall.rings(agent) == 1
        await hall.pick_up(agent)
    if when != "it was answered":
        assert dialled(hall) == 1
        hall.engine.pick_up(THEIRS)
        await settle()
    assert together(hall, hall.talk.row.customer_channel, hall.leg_of(agent))


async def _dies(row: object) -> None:
    await asyncio.Event().wait()  # nothing after it is done


async def test_it_is_not_needed_any_more(hall: Hall) -> None:
    agent = await hall.agent()
    await owed(hall)
    await hall.ask(Request.HANG_UP)
    assert nothing_left(hall) and not hall.exchange.calls and hall.rings(agent) == 0


async def test_with_the_exchange_gone_it_ends_and_is_begun_anew_later(hall: Hall) -> None:
    await owed(hall)
    hall.engine.disconnect(gone=True)
    await settle()
    assert hall.talk.reason == "withdrawn" and not hall.exchange.calls


async def test_the_customer_is_called_first_and_waits_in_front(hall: Hall) -> None:
    await owed(hall, Back.CUSTOMER)
    assert dialled(hall) == 1 and hall.records.let_out_asked == 1
    hall.engine.pick_up(THEIRS)
    await settle(0.5)
    channel = hall.talk.row.customer_channel
    assert hall.talk.row.state is CallState.WAITING and hall.hears(channel) is not Hears.NOTHING
    agent = await hall.agent()
    hall.records.get_ready(agent)
    await settle()
    await hall.pick_up(agent)
    assert together(hall, channel, hall.leg_of(agent))


async def test_the_customer_called_first_does_not_answer(hall: Hall) -> None:
    await owed(hall, Back.CUSTOMER)
    await settle(46)
    assert nothing_left(hall) and hall.talk.reason == "not_reached"


@pytest.mark.parametrize("when", ["it rings", "it was answered"])
async def test_our_process_dies_while_the_customer_is_called_first(hall: Hall, when: str) -> None:
    await owed(hall, Back.CUSTOMER)
    await hall.stop()
    if when == "it was answered":
        hall.engine.pick_up(THEIRS)
    await hall.restart()
    if when == "it rings":
        assert dialled(hall) == 1
        hall.engine.pick_up(THEIRS)
    await settle(0.5)
    assert hall.talk.row.state is CallState.WAITING
    await hall.hang_up(hall.talk.row.customer_channel)
    assert nothing_left(hall)
