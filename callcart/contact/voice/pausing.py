"""The recording of a talk is paused, for a reason, and goes on when no reason is left: while a card is paid with nobody may lift the pause
that the payment asked for but the payment.

Written down before it is done, so that a process that dies in between does it again; going on is done before it is written down.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callcart.contact.voice.ear import tried
from callcart.contact.voice.states import CallState

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

MOST_REASONS = 8


async def pause(call: Call, why: str) -> None:
    """From now on nothing is kept; asked again for the same reason it changes nothing."""
    before = call.row.paused_for
    if not call.row.recorded or why in before or len(before) >= MOST_REASONS:
        return
    call.change(paused_for=(*before, why))
    await call.records.keep_pause(call.row, "recording.paused", why)
    if not before:
        await _stop(call)


async def go_on(call: Call, why: str) -> None:
    """This reason is gone; with the last one the recording goes on."""
    left = tuple(each for each in call.row.paused_for if each != why)
    if left == call.row.paused_for:
        return
    if not left:
        await tried(call.engine.record_again(call.channel))
        await _put_back(call)
    call.change(paused_for=left)
    await call.records.keep_pause(
        replace(call.row, paused_for=left), "" if left else "recording.resumed", why
    )


async def resume(call: Call) -> None:
    """After a restart of our process: what was to be paused is."""
    if call.row.paused_for:
        await _stop(call)


async def _stop(call: Call) -> None:
    await tried(call.engine.stop_recording(call.channel))
    await _put_back(call)


async def _put_back(call: Call) -> None:
    """The caller's leg was out of everything for a moment: back into the talk, or to the music."""
    if call.state is CallState.TALKING:
        await tried(call.engine.join(call.bridge, call.channel))
    elif call.state in (CallState.HELD, CallState.AGENT_LOST):
        call.ear.musical = False
        await call.ear.music()
