"""Whether both sides of a talk can be heard at all: the packets that come from each are counted, soon after the talk has begun and every
now and then. A side that sends nothing is told of on the path, at the desk and on the board, and again when it is back.

It never ends or moves a call: a customer who cannot be heard may hear very well. (An agent whose page is gone is `talking`'s matter.)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from callcart.contact.voice.engine import EngineUnreachable
from callcart.contact.voice.states import CallState, Silent

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

SOON = 6.0  # seconds; a new talk is looked at twice, and one with a silent side as often
SELDOM = 30.0  # some lines send nothing in a pause of speech: that is shorter


def watch(call: Call) -> None:
    """The talk has begun, or goes on after a restart."""
    call.heard = {}
    call.timer("sound", SOON)


async def look(call: Call) -> None:
    """Compare with the last look. On hold nobody need be heard."""
    if call.state is not CallState.TALKING or not call.row.agent_channel:
        call.heard = {}
        if call.state in (CallState.HELD, CallState.AGENT_LOST):
            call.timer("sound", SELDOM)
        return
    before, now = call.heard, await _packets(call)
    call.heard = now
    silent = _silent(before, now)
    if silent is not call.row.line.silent:
        lost = silent is not Silent.NOBODY
        about = silent if lost else call.row.line.silent
        call.change(line=replace(call.row.line, silent=silent))
        await call.records.keep_line(
            call.row, "sound.missing" if lost else "sound.back", {"side": str(about)}
        )
    call.timer("sound", SOON if silent or not before else SELDOM)


def _silent(before: dict[Silent, int], now: dict[Silent, int]) -> Silent:
    """Whose count stands still; at the first look, who has never been heard. A leg that is going tells nothing."""
    still = {side for side, count in now.items() if count <= before.get(side, 0)}
    return Silent.BOTH if len(still) == 2 else next(iter(still), Silent.NOBODY)


async def _packets(call: Call) -> dict[Silent, int]:
    found = {}
    for side, channel in ((Silent.CALLER, call.channel), (Silent.AGENT, call.row.agent_channel)):
        try:
            count = await call.engine.packets_received(channel)
        except EngineUnreachable:
            count = None
        if count is not None:
            found[side] = count
    return found
