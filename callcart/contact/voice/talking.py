"""Two people talk: the bridge, hold, an agent who is lost and comes back, and what the desk may ask of it.

A page that is loaded again or crashes does not end a call. Losing its registration alone is no sign of that (the way of
the signalling may restart by itself), so the sound decides: when no more of it comes, the caller hears a sentence and
music, the desk has a while to rejoin, then the caller goes back to the same place in the queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice import (
    afterwards,
    consulting,
    dialling,
    parking,
    pausing,
    queueing,
    sounding,
    watching,
)
from callcart.contact.voice.ear import tried
from callcart.contact.voice.engine import EngineUnreachable, HangUp
from callcart.contact.voice.states import WITH_AGENT, CallState, Media, Request, Side, Watch
from callcart.core import clock

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

GRACE_SECONDS = 60
MEDIA_SECONDS = 2
JOIN_PAUSES = (0.1, 0.4, 1.0)


async def begin(call: Call) -> None:
    """The agent has answered and the offer is his: that is written down, they are brought together now."""
    call.cancel("announce", "reach")
    await call.ear.quiet()
    call.change(state=CallState.TALKING, lost_at=None)
    await join(call)
    sounding.watch(call)


async def agent_leg_ended(call: Call, *, hung_up: bool) -> None:
    """The agent hung up, or his leg was lost. Hanging up a leg that is being replaced ends nothing."""
    if call.state is CallState.AGENT_LOST:
        return
    if not hung_up or call.rejoining:
        await lose_agent(call)
    elif call.row.line.orbit is not None and (call.row.consult is None or _is_passed(call)):
        await lose_agent(call)  # parked: it is not his to end
    elif call.row.consult is None:
        await afterwards.agent_done(call)
    elif not await consulting.agent_hung_up(call):
        await lose_agent(call)


async def lose_agent(call: Call) -> None:
    """Music for the caller; the desk may come back."""
    call.cancel("media", "join")
    if call.row.consult is not None and not _is_passed(call):
        await consulting.forget(call, "withdrawn")
    await call.drop_agent()
    await tried(call.engine.drop_bridge(call.bridge))
    await call.keep("agent.lost", media=Media.AGENT_LOST, state=CallState.AGENT_LOST, lost_at=clock.now())
    call.timer("grace", GRACE_SECONDS)
    call.ear.musical = False
    if not await call.say(call.flow.agent_lost(call.facts.language)):
        await call.ear.music()


async def give_up(call: Call) -> None:
    """The agent did not come back: the caller is at his old place in the queue again."""
    if call.state is not CallState.AGENT_LOST:
        return
    await drop_rejoining(call)
    await consulting.forget(call, "withdrawn")
    await parking.clear(call, "park.over")
    following = await call.records.requeue(call.facts)
    await queueing.wait(call)
    call.board.ring(following)


def _is_passed(call: Call) -> bool:
    """Somebody is being rung who shall have the customer as soon as he answers: that needs no agent any more."""
    consult = call.row.consult
    return consult is not None and consult.passing and consult.side is Side.CALLING


async def wish(call: Call, request: Request, wanted: Mapping[str, Any]) -> None:
    """What the desk asks, or the customer's page. Asked too late or twice, it changes nothing."""
    if request is Request.HANG_UP or (request is Request.GONE and call.row.guest):
        await _before_a_talk(call, request)
    if call.state not in WITH_AGENT:
        return
    with_another = call.row.consult is not None
    if await _about_the_line(call, request, wanted):
        return
    match request:
        case Request.UNHOLD if with_another and call.state is CallState.HELD:
            await consulting.swap(call)
        case Request.HOLD if call.state is CallState.TALKING:
            await hold(call)
        case Request.UNHOLD if call.state is CallState.HELD:
            await unhold(call)
        case Request.REJOIN:
            await _rejoin(call)
        case Request.WATCH:
            await watching.watch(call, UUID(wanted["staff_id"]), Watch(wanted["mode"]))
        case Request.UNWATCH:
            await watching.unwatch(call, UUID(wanted["staff_id"]))
        case Request.PAUSE_RECORDING:
            await pausing.pause(call, str(wanted.get("why", "")))
        case Request.RESUME_RECORDING:
            await pausing.go_on(call, str(wanted.get("why", "")))
        case _:
            await consulting.wish(call, request, wanted)


async def _about_the_line(call: Call, request: Request, wanted: Mapping[str, Any]) -> bool:
    """Mute, parking, the end. True: that was it."""
    match request:
        case Request.MUTE | Request.UNMUTE:
            await mute(call, on=request is Request.MUTE)
        case Request.PARK:
            await parking.park(call)
        case Request.PICK_UP:
            await parking.pick_up(call, wanted)
        case Request.HANG_UP if call.row.consult is not None:
            await consulting.hang_up(call)
        case Request.HANG_UP if call.row.line.orbit is not None:
            await lose_agent(call)  # parked: others may pick it up, it is not his to end
        case Request.HANG_UP:
            await afterwards.agent_done(call)
        case Request.SURVEY if call.row.consult is None:
            await afterwards.agent_done(call, "survey")
        case _:
            return False
    return True


async def _before_a_talk(call: Call, request: Request) -> None:
    """A call that is being dialled is given up; one that we owe is not needed any more. A page that goes ends whatever there is."""
    if call.state is CallState.DIALLING:
        await dialling.not_reached(call, "given_up" if request is Request.HANG_UP else "rejected")
    elif request is Request.GONE:
        await call.caller_gone()
    elif call.row.is_owed:
        await call.end(EndReason.WITHDRAWN)


async def hold(call: Call) -> None:
    await tried(call.engine.leave(call.bridge, call.channel))
    await call.ear.music()
    await call.keep("hold.started", media=Media.HOLD, state=CallState.HELD)


async def unhold(call: Call) -> None:
    await parking.clear(call, "park.over")
    await call.ear.quiet()
    call.change(state=CallState.TALKING)
    await join(call)
    await call.keep("hold.ended", media=Media.TALK)


async def mute(call: Call, *, on: bool) -> None:
    """The agent's page has turned its microphone off, or on again. Told twice it changes nothing."""
    if call.row.line.muted is on:
        return
    call.change(line=replace(call.row.line, muted=on))
    await call.records.keep_line(call.row, "mute.started" if on else "mute.ended", {})


async def tell(call: Call, step: str) -> None:
    """Keep the state with a step, and tell the desk what the customer hears."""
    await call.keep(step, media=Media.HOLD if call.state is CallState.HELD else Media.TALK)


async def _rejoin(call: Call) -> None:
    """A new leg to the page in which the agent works now; the old one is kept until the new one is answered."""
    channel = call.next_leg()
    call.change(legs_dialled=call.row.legs_dialled + 1)
    username = await call.records.dial(call.row)
    if username is None:
        return
    await drop_rejoining(call)
    call.rejoining, call.username = channel, username
    try:
        rings = await call.dial(channel)
    except EngineUnreachable:
        rings = False
    if not rings:
        call.rejoining = ""


async def rejoined(call: Call) -> None:
    """The desk is back."""
    before, channel, call.rejoining = call.row.agent_channel, call.rejoining, ""
    state = CallState.HELD if call.state is CallState.HELD else CallState.TALKING
    call.cancel("grace", "media")
    await parking.clear(call, "park.over")
    await mute(call, on=False)
    call.change(agent_channel=channel, state=state, lost_at=None)
    if state is CallState.HELD:
        await tried(call.engine.join(call.bridge, channel))
    else:
        await call.ear.quiet()
        await join(call)
    await call.keep("agent.rejoined", media=Media.HOLD if state is CallState.HELD else Media.TALK)
    if before:
        await tried(call.engine.hang_up(before, HangUp.ANSWERED_ELSEWHERE))


async def softphone_lost(call: Call) -> None:
    """The registration is gone. Whether the sound is gone too shows in a moment."""
    if call.state in (CallState.TALKING, CallState.HELD) and not call.runs("media"):
        call.packets = await _packets(call) or 0
        call.timer("media", MEDIA_SECONDS)


async def look_at_media(call: Call) -> None:
    """Compare with the last look. What still flows is looked at once more, as long as the account is away."""
    if call.state not in (CallState.TALKING, CallState.HELD):
        return
    heard = await _packets(call)
    if heard is not None and heard > call.packets:
        call.packets = heard
        call.timer("media", MEDIA_SECONDS * 5)
    else:
        await lose_agent(call)


async def resume(call: Call, *, alive: bool, bridged: frozenset[str]) -> None:
    """After a restart: a talk goes on; one whose agent is gone waits for him."""
    if call.row.agent_staff_id is not None:
        call.username = await call.records.username_of(call.facts, call.row.agent_staff_id) or ""
    await parking.resume(call)
    sounding.watch(call)
    if call.state is CallState.AGENT_LOST:
        since = clock.now() - (call.row.lost_at or clock.now())
        left = (timedelta(seconds=GRACE_SECONDS) - since).total_seconds()
        call.timer("grace", min(GRACE_SECONDS, left))  # a clock that was set back makes nobody wait longer
        await call.ear.music()
    elif not alive:
        await lose_agent(call)
    elif call.state is CallState.HELD:
        if call.channel in bridged:
            await tried(call.engine.leave(call.bridge, call.channel))
        await call.ear.music()
    elif not {call.channel, call.row.agent_channel} <= bridged:
        await call.ear.silence()
        await join(call)
        await call.keep(media=Media.TALK)
    else:
        await call.keep()


async def join(call: Call, failures: int = 0) -> None:
    """Bring both together. Under load a command may fail while both legs live: it is tried again; in the end the agent's leg is
    given up, which is a lost agent and no lost caller."""
    if call.state is not CallState.TALKING or not call.row.agent_channel:
        return
    call.join_failures = failures
    if await tried(call.engine.join(call.bridge, call.channel, call.row.agent_channel)):
        return
    if failures < len(JOIN_PAUSES):
        call.timer("join", JOIN_PAUSES[failures])
    else:
        await lose_agent(call)


async def drop_rejoining(call: Call) -> None:
    channel, call.rejoining = call.rejoining, ""
    if channel:
        await tried(call.engine.hang_up(channel))


async def _packets(call: Call) -> int | None:
    try:
        return await call.engine.packets_received(call.row.agent_channel)
    except EngineUnreachable:
        return None
