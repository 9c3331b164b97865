"""One call: its legs, its row, its timers, and an inbox that is worked through one thing at a time.

What happens in each part of a call's life is in `menu`, `queueing`, `ringing` and `talking`; here is what they share, who
gets which input, and the end, which comes once. A call holds no truth: a process that starts again finds it by its row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice import (
    adopting,
    consulting,
    dialling,
    leaving,
    menu,
    parking,
    queueing,
    ringing,
    sounding,
    talking,
    watching,
)
from callcart.contact.voice.ear import Ear, tried
from callcart.contact.voice.engine import (
    CallArrived,
    EngineEvent,
    HangUp,
    KeyPressed,
    LegAnswered,
    LegEnded,
    PlaybackEnded,
    RecordingEnded,
    Refused,
    SoftphoneFound,
    SoftphoneLost,
)
from callcart.contact.voice.flow import CallFacts, Say, Utterance
from callcart.contact.voice.inputs import CallInput, Dial, Due, Found, LookedUp, OfferOver, Ring, Wish
from callcart.contact.voice.records import CallRow, Offered
from callcart.contact.voice.states import HEARS_FLOW, TRANSITIONS, WITH_AGENT, CallState, Media, Side, Silent
from callcart.contact.voice.switchboard import Switchboard

log = structlog.get_logger(__name__)

LONGEST_RING = 300
FINISH_PAUSES = (0.2, 0.5, 1, 2, 5)


@dataclass
class _Timer:
    serial: int
    handle: asyncio.TimerHandle


class Call:
    """One caller's call. `row` is there from the moment it is opened."""

    def __init__(self, board: Switchboard, channel: str, row: CallRow | None = None) -> None:
        self.board = board
        self.engine, self.records, self.flow = board.engine, board.records, board.flow
        self.inbox: asyncio.Queue[CallInput] = asyncio.Queue()
        self.ear = Ear(board.engine, channel)
        self.channel = channel
        self.over = False
        self.pending: list[Any] = []  # actions of the flow still to be done
        self.saying: Say | None = None
        self.recording = ""  # the file into which the caller speaks
        self.tasks: set[asyncio.Task[None]] = set()
        self.offers_seen: set[Any] = set()
        self.username = ""  # account that the agent's leg was dialled to
        self.rejoining = ""  # leg on its way to an agent who comes back
        self.watchers: list[watching.Watcher] = []
        self.packets = 0
        self.leaving: leaving.Leaving | None = None  # waits, and is told how to be called back
        self.may_leave: bool | None = None
        self.thought_of_leaving = 0  # times
        self.heard: dict[Silent, int] = {}  # packets at the last look
        self.join_failures = 0
        self._row = row
        self._timers: dict[str, _Timer] = {}
        self._serial = 0

    # ---- what the parts share ----

    @property
    def row(self) -> CallRow:
        assert self._row is not None
        return self._row

    @property
    def is_open(self) -> bool:
        return self._row is not None

    @property
    def facts(self) -> CallFacts:
        return self.row.facts

    @property
    def state(self) -> CallState:
        return self.row.state if self._row is not None else CallState.NEW

    @property
    def bridge(self) -> str:
        return f"call-{self.facts.conversation_id}"

    def next_leg(self) -> str:
        """The name of the next agent leg; no two are alike, also over restarts."""
        return f"agent-{self.facts.conversation_id}-{self.row.legs_dialled + 1}"

    def open(self, row: CallRow) -> None:
        """The conversation is begun."""
        self._row = row
        self.board.opened(self)

    def change(self, **changes: Any) -> None:
        """Change the row in memory; `keep` writes it."""
        after = changes.get("state", self.row.state)
        if after is not self.row.state and after not in TRANSITIONS[self.row.state]:
            raise AssertionError(f"a call does not go from {self.row.state} to {after}")
        self._row = replace(self.row, **changes)

    async def keep(
        self,
        step: str = "",
        data: dict[str, Any] | None = None,
        *,
        media: Media | None = None,
        **changes: Any,
    ) -> None:
        """Change the row and write it; `media` is told to the agent's desk."""
        self.change(**changes)
        await self.records.save(self.row, step=step, data=data, media=media)

    def post(self, given: CallInput) -> None:
        """Something for this call; it is taken in its turn."""
        self.inbox.put_nowait(given)

    def timer(self, name: str, seconds: float) -> None:
        """`Due(name)` after so many seconds; a running timer of this name begins anew."""
        self.cancel(name)
        self._serial += 1
        due = Due(name, self._serial)
        handle = asyncio.get_running_loop().call_later(max(0.0, seconds), self.post, due)
        self._timers[name] = _Timer(self._serial, handle)

    def cancel(self, *names: str) -> None:
        for name in names:
            timer = self._timers.pop(name, None)
            if timer is not None:
                timer.handle.cancel()

    def runs(self, name: str) -> bool:
        return name in self._timers

    async def say(self, utterances: Sequence[Utterance]) -> bool:
        """Say it to the caller instead of what is heard now; False: there is nothing to be heard."""
        if not utterances:
            return False
        try:
            sounds = await self.records.sounds(self.facts.tenant_id, utterances)
        except Exception as error:
            log.exception("speech.failed", error=type(error).__name__)
            return False
        return await self.ear.say(sounds)

    async def dial(self, channel: str) -> bool:
        """Ring the account `username` on a new leg; False where nobody is registered. Raises EngineUnreachable."""
        self.board.claim(channel, self)
        try:
            return await self.engine.dial(
                channel,
                self.username,
                caller=self.facts.service_number,
                seconds=LONGEST_RING,
                originator="" if self.state is CallState.DIALLING or self.row.is_owed else self.channel,
                conversation=str(self.facts.conversation_id),
            )
        except Refused:
            return False

    async def drop_agent(self, why: HangUp = HangUp.NORMAL) -> None:
        """End the agent's leg. Its end is no news then: the row does not name it any more."""
        channel, self.username = self.row.agent_channel, ""
        if channel:
            self.change(agent_channel="")
            await tried(self.engine.hang_up(channel, why))

    # ---- the inbox ----

    async def run(self) -> None:
        """Until the end of the call."""
        while not self.over:
            given = await self.inbox.get()
            try:
                await self.take(given)
            except Exception as error:
                log.exception("call.failed", input=type(given).__name__, error=type(error).__name__)
                if self.state not in WITH_AGENT:
                    await self.end(EndReason.FAILED)

    async def take(self, given: CallInput) -> None:
        """Take something at once, in the turn of what is being done for this call."""
        match given:
            case CallArrived():
                await menu.begin(self, given)
            case Dial():
                await dialling.begin(self)
            case Found():
                await adopting.resume(self, given)
            case LookedUp():
                await (leaving if leaving.is_leaving(self) else menu).looked_up(self, given)
            case Ring():
                await self._offered(given.offered)
            case OfferOver():
                await self._offer_over(given)
            case Wish():
                await talking.wish(self, given.request, given.wanted)
            case Due():
                await self._due(given)
            case _:
                await self._hear(given)

    async def _hear(self, event: EngineEvent) -> None:
        """What the engine says of one of the call's legs, or of the agent's account."""
        match event:
            case LegEnded(channel=self.channel, cause=cause):
                await (
                    dialling.leg_ended(self, cause)
                    if self.state is CallState.DIALLING
                    else self.caller_gone()
                )
            case LegEnded():
                await self._agent_leg_ended(event)
            case LegAnswered():
                await self._agent_leg_answered(event.channel)
            case KeyPressed(channel=self.channel):
                await (leaving if self.state in leaving.WAITS else menu).key(self, event.digit)
            case PlaybackEnded():
                await self._playback_ended(event.playback)
            case RecordingEnded():
                await menu.recorded(self, event)
            case SoftphoneLost(username=self.row.guest) | SoftphoneFound(username=self.row.guest):
                await dialling.page_told(self, found=isinstance(event, SoftphoneFound))
            case SoftphoneLost() | SoftphoneFound():
                await self._softphone(found=isinstance(event, SoftphoneFound))
            case _:
                pass

    async def _offered(self, offered: Offered) -> None:
        if self.row.consult is not None and self.row.consult.offer_id == offered.offer_id:
            self.cancel("consult")  # it lives: that is all there is to know
        else:
            await ringing.offered(self, offered)

    async def _offer_over(self, over: OfferOver) -> None:
        consult = self.row.consult
        if consult is None or consult.offer_id != over.offer_id:
            await ringing.offer_over(self, over)
        elif over.state != "accepted" and consult.side is Side.CALLING:
            await consulting.over(self, over.state)

    async def _due(self, due: Due) -> None:
        timer = self._timers.get(due.timer)
        if timer is None or timer.serial != due.serial:
            return  # cancelled, or begun anew, after it had run out
        del self._timers[due.timer]
        match due.timer:
            case "silence":
                await (leaving if leaving.is_leaving(self) else menu).silence(self)
            case "announce":
                await queueing.announce(self)
            case "refused":
                await self.end(EndReason.REJECTED)
            case "reach":
                dials = self.state is CallState.DIALLING
                await (dialling.not_reached(self, "no_answer") if dials else ringing.not_reached(self))
            case "media":
                await talking.look_at_media(self)
            case "join":
                await talking.join(self, self.join_failures + 1)
            case "grace":
                await talking.give_up(self)
            case "consult":
                await consulting.over(self, "timed_out")
            case "sound":
                await sounding.look(self)
            case "park":
                await parking.take_back(self)

    async def _agent_leg_answered(self, channel: str) -> None:
        if channel == self.rejoining and channel:
            await talking.rejoined(self)
        elif self.state is CallState.DIALLING and channel in (self.channel, self.row.agent_channel):
            await (dialling.answered(self) if channel == self.channel else dialling.agent_answered(self))
        elif channel == self.row.agent_channel and self.state is CallState.RINGING:
            await ringing.answered(self)
        elif self.row.consult is not None and channel == self.row.consult.channel:
            await consulting.answered(self)
        else:
            await watching.answered(self, channel)

    async def _agent_leg_ended(self, ended: LegEnded) -> None:
        if ended.channel == self.rejoining:
            self.rejoining = ""
        elif ended.channel == self.row.agent_channel:
            self.change(agent_channel="")
            if self.state is CallState.RINGING:
                await ringing.leg_ended(self, ended.cause)
            elif self.state in WITH_AGENT:
                await talking.agent_leg_ended(self, hung_up=ended.hung_up)
            elif self.state is CallState.OUTSIDE:
                await self.end(None)
            elif self.state is CallState.DIALLING:
                await dialling.not_reached(self, "given_up")
        elif self.row.consult is not None and ended.channel == self.row.consult.channel:
            await consulting.leg_ended(self, ended.cause)
        else:
            await watching.leg_ended(self, ended.channel)

    async def _playback_ended(self, playback: str) -> None:
        if not self.ear.ended(playback):
            return
        if self.state in HEARS_FLOW:
            await menu.said(self)
        elif leaving.is_leaving(self):
            await leaving.said(self)
        elif self.state in (CallState.WAITING, CallState.RINGING, CallState.AGENT_LOST):
            await self.ear.music()

    async def _softphone(self, *, found: bool) -> None:
        if self.state is CallState.RINGING:
            await (ringing.softphone_found(self) if found else ringing.softphone_lost(self))
        elif not found:
            await talking.softphone_lost(self)

    # ---- the end ----

    async def caller_gone(self) -> None:
        """The caller hung up, at whatever moment: routing knows what that means once it holds the conversation."""
        if not self.is_open:
            self.close("")
        elif self.state in (CallState.NEW, CallState.MENU):
            await self.end(self.flow.hung_up(self.row.flow_state))
        else:
            await self.end(None)

    async def end(self, reason: str | None) -> None:
        """The call is over: no leg is left, and it is written down, once."""
        if self.over:
            return
        self.over = True
        self._stop()
        self.change(state=CallState.ENDED)
        asked = self.row.consult.channel if self.row.consult is not None else ""
        for channel in (self.channel, self.row.agent_channel, self.rejoining, asked):
            if channel:
                await tried(self.engine.hang_up(channel))
        await watching.end_all(self)
        await tried(self.engine.drop_bridge(self.bridge))
        offered = await self._finish(reason)
        self.board.ended(self, reason or "")
        self.board.ring(offered)

    def close(self, reason: str) -> None:
        """A call that never became one of ours."""
        self.over = True
        self._stop()
        self.board.ended(self, reason)

    def abandon(self) -> None:
        """Let go of the call without ending it."""
        self._stop()

    async def _finish(self, reason: str | None) -> Offered | None:
        """Written down, whatever it takes: a database that is away comes back."""
        attempt = 0
        while True:
            try:
                return await self.records.finish(self.row, reason)
            except Exception as error:  # noqa: BLE001
                log.warning("call.finish", error=type(error).__name__, attempt=attempt)
                await asyncio.sleep(FINISH_PAUSES[min(attempt, len(FINISH_PAUSES) - 1)])
                attempt += 1

    def _stop(self) -> None:
        self.cancel(*list(self._timers))
        for task in self.tasks:
            task.cancel()
