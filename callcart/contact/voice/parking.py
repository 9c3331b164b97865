"""A talk is parked: the customer hears music, and any colleague may pick it up by a short number that his desk shows. The talk stays its
agent's until somebody has it: after a while it is back with him; where he has put down his phone, back at its place in the queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from callcart.contact.voice import consulting, talking
from callcart.contact.voice.records import Line
from callcart.contact.voice.states import CallState, Request
from callcart.core import clock

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

PARKED_SECONDS = 90


async def park(call: Call) -> None:
    """Music for the customer, a number for the colleagues. Nothing happens where somebody is asked already, or no number is free."""
    if call.row.line.orbit is not None or call.row.consult is not None:
        return
    if call.state not in (CallState.TALKING, CallState.HELD):
        return
    until = clock.now() + timedelta(seconds=PARKED_SECONDS)
    orbit = await call.records.park(call.row, until)
    if orbit is None:
        return
    call.change(line=replace(call.row.line, orbit=orbit, until=until))
    call.timer("park", PARKED_SECONDS)
    if call.state is CallState.TALKING:
        await talking.hold(call)


async def pick_up(call: Call, wanted: Mapping[str, Any]) -> None:
    """A colleague wants it: it is passed on to him as soon as his telephone answers; of two, to the first."""
    if call.row.line.orbit is None or call.row.consult is not None:
        return
    await consulting.wish(call, Request.CONSULT, {"staff_id": wanted["staff_id"], "passing": True})


async def take_back(call: Call) -> None:
    """Nobody came: it is with its agent again. Somebody who is just being rung has it first."""
    if call.row.line.orbit is None:
        return
    if call.row.consult is not None:
        call.timer("park", PARKED_SECONDS / 3)
        return
    await clear(call, "park.over")
    if call.state is CallState.HELD and call.row.agent_channel:
        await talking.unhold(call)


async def clear(call: Call, step: str) -> None:
    """It is not parked any more, for whatever reason."""
    if call.row.line.orbit is None:
        return
    call.cancel("park")
    orbit = call.row.line.orbit
    call.change(line=Line(call.row.line.silent, call.row.line.muted))
    await call.records.keep_line(call.row, step, {"orbit": orbit})


async def resume(call: Call) -> None:
    """After a restart of our process."""
    until = call.row.line.until
    if until is not None:
        left = (until - clock.now()).total_seconds()
        call.timer("park", min(PARKED_SECONDS, max(0.0, left)))  # whatever was done to the clock
