"""What a caller says is in a file as it was said: sound in, sound kept, over a restart of our process and the caller's hang-up."""

from __future__ import annotations

import asyncio
import math
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from callcart.config import config
from callcart.contact.voice.engine import EngineUp, LegEnded, RecordingEnded
from callcart.contact.voice.waves import is_whole
from callcart.core.secrets import secret
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.processes import asterisk as process
from tests.integrations.asterisk.conftest import PLAIN, Exchange
from tests.integrations.asterisk.test_caller_leg import answered
from tests.journeys.caller import Caller

pytestmark = pytest.mark.journey


async def test_what_a_caller_says_is_kept_once(
    exchange: Exchange, dial_in: Callable[..., Caller], asterisk: process.Asterisk, tmp_path: Path
) -> None:
    caller = dial_in()
    channel = await answered(exchange, caller)
    name = f"message-{tmp_path.name}"
    path, second = (process.plan().recordings / f"{name}{end}.wav" for end in ("", "-2"))
    assert await exchange.engine.record(channel, name, seconds=60, silence=5)
    await asyncio.sleep(0.6)
    assert not is_whole(path)
    await exchange.close()  # our process dies; Asterisk goes on writing
    await asyncio.sleep(0.6)
    fresh = Exchange(
        AsteriskEngine(port=config().asterisk_http_port, password=secret("ari"), softphone=PLAIN)
    )
    try:
        await fresh.wait(EngineUp)
        legs = (await fresh.engine.snapshot()).legs
        assert legs[channel].answered
        assert await fresh.engine.record(channel, name, seconds=60, silence=5), "it runs, and goes on"
        assert fresh.count(RecordingEnded) == 0
        await asyncio.sleep(0.6)
        await asyncio.to_thread(caller.press, "#")
        assert await fresh.wait(RecordingEnded) == RecordingEnded(channel, name)
        assert await fresh.engine.record(channel, name, seconds=60, silence=5)
        await fresh.wait(RecordingEnded, lambda _event: fresh.count(RecordingEnded) == 2)
        assert is_whole(path)
        seconds, share = _tone_in(path, 440)
        assert 1.6 < seconds < 8, "what was said before the restart and after it"
        assert share > 0.8

        assert await fresh.engine.record(channel, f"{name}-2", seconds=60, silence=5)
        await asyncio.sleep(1)
        await asyncio.to_thread(caller.hang_up)
        await fresh.wait(LegEnded, lambda ended: ended.channel == channel)
        await asyncio.sleep(0.3)
        assert is_whole(second)
        assert _tone_in(second, 440)[1] > 0.8, "who hangs up in the middle has said what he said"
        assert not await fresh.engine.record(channel, name, seconds=60, silence=5)
    finally:
        await fresh.close()
        for each in (path, second):
            each.unlink(missing_ok=True)


def _tone_in(path: Path, hertz: int) -> tuple[float, float]:
    """How long a file is, and how much of its strength is this tone (Goertzel)."""
    with wave.open(str(path)) as sound:
        rate, data = sound.getframerate(), sound.readframes(sound.getnframes())
    samples = [int.from_bytes(data[at : at + 2], "little", signed=True) for at in range(0, len(data), 2)]
    part = samples[rate // 2 : rate // 2 + rate // 2]
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    one = two = 0.0
    for value in part:
        one, two = value + turn * one - two, one
    power = one * one + two * two - turn * one * two
    return len(samples) / rate, 2 * power / (len(part) * sum(value * value for value in part) or 1)
