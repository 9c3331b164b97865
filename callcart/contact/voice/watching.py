"""A supervisor on a talk: listens, whispers to the agent alone, or joins for all to hear. Heard through a copy of the agent's sound (snoop).

A process that starts again ends what it finds of it, and the supervisor asks again: nothing of the talk depends on it. Who was there and
what he did is kept, and told to the agent where the shop says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from callcart.contact.voice.ear import tried
from callcart.contact.voice.engine import EngineUnreachable, Refused
from callcart.contact.voice.states import WITH_AGENT, Watch
from callcart.core.ids import new_id

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

MOST = 3  # on one talk
RINGS = 30  # seconds


@dataclass
class Watcher:
    """One supervisor: his leg, and the copy of the agent's sound he hears."""

    staff_id: UUID
    channel: str
    mode: Watch
    answered: bool = False
    snoop: str = ""

    @property
    def bridge(self) -> str:
        """Where he and the copy meet."""
        return f"watch-{self.channel}"


async def watch(call: Call, staff_id: UUID, mode: Watch) -> None:
    """Ring the supervisor's page; one who is there already changes what he does."""
    known = next((each for each in call.watchers if each.staff_id == staff_id), None)
    if known is not None:
        known.mode = mode
        if known.answered:
            await _place(call, known)
        return
    username = await call.records.username_of(call.facts, staff_id)
    if username is None or len(call.watchers) >= MOST:
        return
    watcher = Watcher(staff_id, f"agent-{call.facts.conversation_id}-{new_id().hex}", mode)
    call.watchers.append(watcher)
    call.board.claim(watcher.channel, call)
    try:
        rings = await call.engine.dial(
            watcher.channel,
            username,
            caller=call.facts.service_number,
            seconds=RINGS,
            originator="",
            conversation=str(call.facts.conversation_id),
        )
    except (EngineUnreachable, Refused):
        rings = False
    if not rings:
        call.watchers.remove(watcher)


async def unwatch(call: Call, staff_id: UUID) -> None:
    for watcher in [each for each in call.watchers if each.staff_id == staff_id]:
        await _end(call, watcher)


async def answered(call: Call, channel: str) -> bool:
    """Whether it was a supervisor who answered."""
    watcher = next((each for each in call.watchers if each.channel == channel), None)
    if watcher is not None:
        watcher.answered = True
        await _place(call, watcher)
    return watcher is not None


async def leg_ended(call: Call, channel: str) -> bool:
    """Whether it was a supervisor's leg, or his copy of a sound that is no more: another agent's is taken then."""
    watcher = next((each for each in call.watchers if channel in (each.channel, each.snoop)), None)
    if watcher is None:
        return False
    if channel == watcher.snoop and call.state in WITH_AGENT and call.row.agent_channel:
        watcher.snoop = ""
        await _place(call, watcher)
    elif channel in (watcher.channel, watcher.snoop):
        await _end(call, watcher)
    return True


async def end_all(call: Call) -> None:
    for watcher in list(call.watchers):
        await _end(call, watcher)


async def _place(call: Call, watcher: Watcher) -> None:
    """Let him hear, and be heard as he asked. What cannot be done ends his leg, not the talk."""
    await _forget_copy(call, watcher)
    if watcher.mode is Watch.BARGE:
        await tried(call.engine.leave(watcher.bridge, watcher.channel))
        done = await tried(call.engine.join(call.bridge, watcher.channel))
        await call.records.note(call.facts, "supervisor.joined", {"staff_id": str(watcher.staff_id)})
    else:
        await tried(call.engine.leave(call.bridge, watcher.channel))
        watcher.snoop = f"snoop-{new_id().hex}"
        call.board.claim(watcher.snoop, call)
        whisper = watcher.mode is Watch.WHISPER
        done = await tried(
            call.engine.snoop(call.row.agent_channel, watcher.snoop, whisper=whisper)
        ) and await tried(call.engine.join(watcher.bridge, watcher.channel, watcher.snoop))
    if not done:
        await _end(call, watcher)
    elif watcher in call.watchers:
        await call.records.watched(call.facts, watcher.staff_id, watcher.mode)


async def _forget_copy(call: Call, watcher: Watcher) -> None:
    """Its end is no news then."""
    snoop, watcher.snoop = watcher.snoop, ""
    if snoop:
        await tried(call.engine.hang_up(snoop))


async def _end(call: Call, watcher: Watcher) -> None:
    if watcher in call.watchers:
        call.watchers.remove(watcher)
        if watcher.answered:
            await call.records.watched(call.facts, watcher.staff_id, "")
    await _forget_copy(call, watcher)
    await tried(call.engine.hang_up(watcher.channel))
    await tried(call.engine.drop_bridge(watcher.bridge))
