"""After a restart of our process, or of the way to the engine: each call goes on from where its row and its legs say it is.

The engine's legs say who is still there, the row says how far the call was, routing says whose turn it is (`states.agreed`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice import consulting, dialling, menu, pausing, queueing, ringing, talking
from callcart.contact.voice.ear import tried
from callcart.contact.voice.inputs import Found
from callcart.contact.voice.states import WITH_AGENT, CallState

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call


async def resume(call: Call, found: Found) -> None:
    """Take up one call. A caller who is gone ends it; legs it does not know any more are ended, those of supervisors among them."""
    await call.records.watched(call.facts, None, "")
    if call.state is CallState.DIALLING:
        await _dialling(call, found)
        return
    if call.channel not in found.legs and not call.row.is_owed:
        await _end_strays(call, found)
        await call.end(EndReason.TELEPHONY_LOST)
        return
    agent = found.legs.get(call.row.agent_channel)
    await _end_strays(call, found)
    if agent is None:
        call.change(agent_channel="")
    else:
        call.board.claim(agent.channel, call)
    asked = found.legs.get(call.row.consult.channel) if call.row.consult is not None else None
    if asked is not None:
        call.board.claim(asked.channel, call)
    if call.state not in (*WITH_AGENT, CallState.OUTSIDE, CallState.NEW) and not call.row.is_owed:
        await call.ear.silence()
    match call.state:
        case CallState.NEW:
            await menu.start(call)
        case CallState.MENU | CallState.AFTER:
            await menu.resume(call, is_answered=found.legs[call.channel].answered)
        case CallState.WAITING:
            await call.drop_agent()
            await queueing.wait(call)
        case CallState.RINGING:
            await ringing.pick_up_where_it_was(
                call, alive=agent is not None, has_answered=agent is not None and agent.answered
            )
        case state if state in WITH_AGENT:
            await pausing.resume(call)
            await talking.resume(call, alive=agent is not None and agent.answered, bridged=found.bridged)
            await consulting.resume(call, asked)
        case CallState.OUTSIDE if agent is not None:
            await tried(call.engine.join(call.bridge, call.channel, agent.channel))
        case _:
            await call.end(None)


async def _dialling(call: Call, found: Found) -> None:
    agent, other = found.legs.get(call.row.agent_channel), found.legs.get(call.channel)
    for leg in (agent, other):
        if leg is not None:
            call.board.claim(leg.channel, call)
    await dialling.resume(call, agent, other)


async def _end_strays(call: Call, found: Found) -> None:
    """A leg that rang when we went, for an agent who was to rejoin: he asks again."""
    for channel in found.legs:
        asked = call.row.consult.channel if call.row.consult is not None else ""
        if channel not in (call.channel, call.row.agent_channel, asked):
            await tried(call.engine.hang_up(channel))
