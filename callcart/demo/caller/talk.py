"""One demo call from dialling to hanging up, told in words as it goes: greeting, language key, then a voice until the time
is over or the shop hangs up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from callcart.demo.caller.call import Caller, CallFailed, CallState
from callcart.demo.caller.media import Received

GREETING_PACKETS = 50  # one second of something to hear
GREETING_PATIENCE = 15.0
KEY_PAUSE = 1.5
REPORT_EVERY = 5.0
_WORDS = {CallState.DIALLING: "dialling", CallState.RINGING: "ringing", CallState.TALKING: "answered"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the caller does. `seconds` count from the answer."""

    service: str
    number: str = ""
    name: str = ""
    keys: str = ""
    seconds: float = 120.0
    server: tuple[str, int] = ("127.0.0.1", 5060)
    local: str = "127.0.0.9"


async def talk(plan: Plan, *, voice: Sequence[int], say: Callable[[str], None]) -> bool:
    """Make the call; whether it was answered and sound came. Never raises CallFailed: it is said instead."""
    call = Caller(
        plan.service,
        number=plan.number,
        name=plan.name,
        server=plan.server,
        local=plan.local,
        on_change=lambda state: say(_WORDS[state]) if state in _WORDS else None,
    )
    async with call:
        try:
            await call.dial()
        except CallFailed as error:
            say(f"the call failed: {error}")
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(plan.seconds):
                await _talk(call, plan, voice, say)
        await call.hang_up()
        say(f"{'hung up' if call.ended_by_us else 'the shop hung up'}; {_heard(call.received)}")
        return call.received.heard > 0


async def _talk(call: Caller, plan: Plan, voice: Sequence[int], say: Callable[[str], None]) -> None:
    """Until the other side hangs up; the time limit is the caller's."""
    try:
        await call.until(lambda heard: heard.heard >= GREETING_PACKETS, patience=GREETING_PATIENCE)
        say("something is said: the greeting")
    except TimeoutError:
        say("nothing is heard")
    for key in plan.keys:
        await asyncio.sleep(KEY_PAUSE)
        if call.state is not CallState.TALKING:
            return
        await call.press(key)
        say(f"pressed {key}")
    call.play(voice, repeat=True)
    say("waiting, and speaking")
    while call.state is CallState.TALKING:
        try:
            await call.wait_until_ended(patience=REPORT_EVERY)
        except TimeoutError:
            say(f"{_now(call.received)}; {_heard(call.received)}")


def _now(received: Received) -> str:
    return "sound comes in" if received.loudness > 100 else "it is quiet"


def _heard(received: Received) -> str:
    return f"{received.packets} packets received, {received.heard} with sound, {received.lost} lost"
