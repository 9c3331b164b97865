"""A caller's leg: how it comes, what it hears, its keys and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from callcart.contact.voice.engine import (
    CallArrived,
    HangUp,
    KeyPressed,
    LegEnded,
    PlaybackEnded,
)
from tests.integrations.asterisk.conftest import Exchange
from tests.journeys.caller import Caller

pytestmark = pytest.mark.journey
DialIn = Callable[..., Caller]


async def answered(exchange: Exchange, caller: Caller) -> str:
    """The caller's channel, answered."""
    arrived = await exchange.wait(CallArrived)
    assert await exchange.engine.answer(arrived.channel)
    await asyncio.to_thread(caller.wait_answered)
    return arrived.channel


async def hears(caller: Caller, hertz: int, *, timeout: float = 10) -> None:
    async with asyncio.timeout(timeout):
        while caller.heard.tone(hertz) < 0.8:
            await asyncio.sleep(0.05)


async def test_it_arrives_with_both_numbers(exchange: Exchange, dial_in: DialIn) -> None:
    dial_in(number="+12025550177")
    arrived = await exchange.wait(CallArrived)
    assert (arrived.dialled, arrived.caller, arrived.hidden) == ("+12025550100", "+12025550177", False)


async def test_anonymous_hides_the_number(exchange: Exchange, dial_in: DialIn) -> None:
    dial_in(number="anonymous", display='"Anonymous" ')
    arrived = await exchange.wait(CallArrived)
    assert (arrived.caller, arrived.hidden) == ("", True)


async def test_a_withheld_number_is_not_passed_on_though_the_carrier_tells_it(
    exchange: Exchange, dial_in: DialIn
) -> None:
    dial_in(
        number="anonymous",
        headers="P-Asserted-Identity: <sip:+12025550199@carrier.example>\nPrivacy: id",
    )
    arrived = await exchange.wait(CallArrived)
    assert (arrived.caller, arrived.hidden) == ("", True)


async def test_the_carriers_word_counts_more_than_from(exchange: Exchange, dial_in: DialIn) -> None:
    dial_in(number="000", headers="P-Asserted-Identity: <sip:+12025550199@carrier.example>")
    assert (await exchange.wait(CallArrived)).caller == "+12025550199"


@pytest.mark.parametrize("number", ["abc", "0000000000000000000000000000", "+1%27%3B--"])
async def test_a_malformed_number_comes_as_it_is(exchange: Exchange, dial_in: DialIn, number: str) -> None:
    dial_in(number=number)
    arrived = await exchange.wait(CallArrived)
    assert not arrived.hidden
    assert arrived.caller


async def test_a_dialled_number_cannot_bring_arguments(exchange: Exchange, dial_in: DialIn) -> None:
    dial_in(service="+1202,evil,prohib")
    arrived = await exchange.wait(CallArrived)
    assert (arrived.dialled, arrived.hidden) == ("+1202", False)


async def test_it_hears_sounds_one_after_another(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    assert await exchange.engine.play(channel, "first", ["callcart/tone-600", "callcart/tone-1200"])
    await hears(caller, 600)
    await hears(caller, 1200)
    assert (await exchange.wait(PlaybackEnded)) == PlaybackEnded(channel, "first")
    assert exchange.count(PlaybackEnded) == 1


async def test_a_stopped_playback_ends_and_is_heard_no_more(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    await exchange.engine.play(channel, "long", ["callcart/tone-600"] * 20)
    await hears(caller, 600)
    assert await exchange.engine.stop("long")
    await exchange.wait(PlaybackEnded)
    assert not await exchange.engine.stop("long")
    await exchange.engine.play(channel, "next", ["callcart/tone-1200"])
    await hears(caller, 1200)


async def test_a_sound_that_is_missing_ends_at_once(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    await exchange.engine.play(channel, "gone", ["callcart/there-is-none"])
    assert (await exchange.wait(PlaybackEnded)).playback == "gone"


async def test_keys_come_once_each_in_order(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    await exchange.engine.play(channel, "menu", ["callcart/tone-600"] * 10)
    await asyncio.to_thread(caller.press, "12*0#")
    await exchange.wait(KeyPressed, lambda key: key.digit == "#")
    pressed = [event.digit for event in exchange.seen if isinstance(event, KeyPressed)]
    assert pressed == list("12*0#")


async def test_music_until_it_is_turned_off_and_speech_after_it(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    assert await exchange.engine.music(channel, on=True)
    await hears(caller, 300)
    assert await exchange.engine.music(channel, on=False)
    await exchange.engine.play(channel, "place", ["callcart/tone-600"])
    await hears(caller, 600)
    await exchange.wait(PlaybackEnded)
    assert await exchange.engine.music(channel, on=True)
    await hears(caller, 300)


async def test_a_caller_who_hangs_up_ends_the_leg_once(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    await asyncio.to_thread(caller.hang_up)
    assert await exchange.wait(LegEnded) == LegEnded(channel, 16, hung_up=True)
    assert not await exchange.engine.answer(channel)
    assert not await exchange.engine.play(channel, "late", ["callcart/tone-600"])
    assert not await exchange.engine.music(channel, on=True)
    assert not await exchange.engine.hang_up(channel)
    assert await exchange.engine.packets_received(channel) is None
    assert exchange.count(LegEnded) == 1


async def test_a_caller_who_gives_up_before_the_answer(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    arrived = await exchange.wait(CallArrived)
    await asyncio.to_thread(caller.hang_up)
    assert (await exchange.wait(LegEnded)).channel == arrived.channel


async def test_we_hang_up(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    assert await exchange.engine.hang_up(channel)
    assert await asyncio.to_thread(caller.wait) == 0
    assert caller.other_side_left()
    assert await exchange.wait(LegEnded) == LegEnded(channel, 16, hung_up=False)


@pytest.mark.parametrize(
    ("reason", "cause"), [(HangUp.UNALLOCATED, 1), (HangUp.BUSY, 17), (HangUp.CONGESTION, 34)]
)
async def test_a_call_is_refused_before_its_answer(
    exchange: Exchange, dial_in: DialIn, reason: HangUp, cause: int
) -> None:
    caller = dial_in()
    arrived = await exchange.wait(CallArrived)
    assert await exchange.engine.hang_up(arrived.channel, reason)
    assert (await exchange.wait(LegEnded)).cause == cause
    assert await asyncio.to_thread(caller.wait) == 0
    assert "not answered" in caller.log()


async def test_packets_of_a_caller_are_counted(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    async with asyncio.timeout(10):
        while (await exchange.engine.packets_received(channel) or 0) < 25:
            await asyncio.sleep(0.1)
