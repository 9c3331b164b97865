"""All calls of one telephone engine: who gets which event, and what happens when the engine or our process comes back.

Holds an index of live calls and no truth. Whenever the engine is there (again), the index is thrown away and built from the
engine's legs and the database's rows; events that follow are taken in their order.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge, Histogram

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice.call import Call
from callcart.contact.voice.ear import tried
from callcart.contact.voice.engine import (
    CallArrived,
    Engine,
    EngineDown,
    EngineEvent,
    EngineUnreachable,
    EngineUp,
    Leg,
    LegAnswered,
    Snapshot,
    Softphone,
    SoftphoneFound,
    SoftphoneLost,
)
from callcart.contact.voice.flow import Flow
from callcart.contact.voice.inputs import CallInput, Dial, Found, OfferOver, Ring, Wish
from callcart.contact.voice.models import MAIN_NODE
from callcart.contact.voice.news import (
    AccountAt,
    AccountEnded,
    AccountWanted,
    DialWanted,
    News,
    TakeWanted,
    TakeWithdrawn,
)
from callcart.contact.voice.records import CallRow, Offered, Records
from callcart.contact.voice.states import CallState, Request
from callcart.contact.voice.studio.book import Book, NoBook
from callcart.contact.voice.studio.studio import Studio

log = structlog.get_logger(__name__)

DIAL_PAUSE = 1.0  # seconds
OUR_LEGS = "agent-"  # how the names of legs begin that we dial for a call

_arrived = Counter("callcart_voice_calls_total", "Calls that arrived")
_ended = Counter("callcart_voice_ended_total", "Calls that ended, by the reason we gave", ["reason"])
_live = Gauge("callcart_voice_live_calls", "Calls in hand")
_up = Gauge("callcart_voice_engine_up", "1 while the telephone engine answers")
_adoption = Histogram(
    "callcart_voice_adoption_seconds", "Time to take up all calls", buckets=(0.1, 0.3, 1, 2, 5, 15)
)


class Exchange:
    """The calls of one engine."""

    def __init__(
        self, engine: Engine, records: Records, flow: Flow, *, node: str = MAIN_NODE, alone: bool = True, book: Book | None = None
    ) -> None:  # fmt: skip
        """`alone`: no other node has this database, so that none need know where pages register. `book`: prompts may be recorded."""
        self.studio = Studio(engine, book or NoBook())
        self.engine, self.records, self.flow, self.node, self.alone = engine, records, flow, node, alone
        self.calls: dict[UUID, Call] = {}
        self.is_up = False
        self._legs: dict[str, Call] = {}
        self._tasks: dict[Call, asyncio.Task[None]] = {}
        self._unwanted: set[str] = set()  # accounts to be removed once their call is over
        self._errands: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """For ever. Cancelling it leaves every call in the engine as it is."""
        try:
            async for event in self.engine.events():
                await self.take(event)
        finally:
            await self._let_go()

    async def take(self, event: EngineEvent) -> None:
        """One event of the engine."""
        match event:
            case CallArrived():
                self._arrive(event)
            case SoftphoneLost() | SoftphoneFound():
                self._tell_of_page(event)
                if not self.alone:
                    here = isinstance(event, SoftphoneFound)
                    self._spawn(self.records.softphone_at(event.username, here=here))
            case EngineUp():
                await self._come_up(event)
            case EngineDown():
                await self._go_down(event)
            case LegAnswered() if not (event.channel.startswith(OUR_LEGS) or self.studio.owns(event.channel)):
                # Whoever was rung has sent the call elsewhere, and somebody answers there whom nobody has called.
                log.warning("exchange.sent_elsewhere", leg=event.channel)
                self._spawn(self._end_leg(event.channel))
            case _:
                call_of_leg = self._legs.get(event.channel)
                if call_of_leg is not None:
                    call_of_leg.post(event)
                else:
                    self.studio.take(event)

    # ---- what the feed says ----

    def ring(self, offered: Offered | None) -> None:
        """An offer was made. Of a call that is not here it is none of our business: it has just ended, or is not ours."""
        call = self.calls.get(offered.conversation_id) if offered else None
        if call is not None and offered is not None:
            call.post(Ring(offered))

    def tell(self, given: OfferOver | Wish) -> None:
        """An offer's end, or a wish of the desk."""
        call = self.calls.get(given.conversation_id)
        if call is not None:
            call.post(given)

    def hear(self, news: News) -> None:
        """A piece of news, on the event loop."""
        match news:
            case Offered():
                self.ring(news)
            case OfferOver() | Wish():
                self.tell(news)
            case DialWanted():
                self._spawn(self._dial(news.conversation_id))
            case TakeWanted():
                self._spawn(self.studio.begin(news.take_id))
            case TakeWithdrawn():
                self.studio.withdraw(news.take_id)
            case AccountWanted():
                self._unwanted.discard(news.softphone.username)
                self._spawn(self.add_softphone(news.softphone))
            case AccountAt() if news.node != self.node:
                self.engine.softphone_at(news.username, news.node if news.here else "")
                self._tell_of_page(
                    SoftphoneFound(news.username) if news.here else SoftphoneLost(news.username)
                )
            case AccountEnded():
                self._spawn(self.remove_softphone(news.username))

    def _tell_of_page(self, event: SoftphoneLost | SoftphoneFound) -> None:
        for call in self.calls.values():
            if event.username in (call.username, call.row.guest):
                call.post(event)

    async def _end_leg(self, channel: str) -> None:
        await tried(self.engine.hang_up(channel))

    async def end_orphans(self) -> None:
        """Calls of a node that is dead for good: nobody is on their lines, so nobody shall be offered them or be kept by them."""
        for row in await self.records.orphans():
            log.warning("exchange.orphan", conversation=str(row.facts.conversation_id))
            self.ring(await self.records.finish(row, EndReason.TELEPHONY_LOST))

    async def _dial(self, conversation_id: UUID) -> None:
        """An agent calls out, or a call is owed. One that was taken up already is on its way. It is told once, so a database that is away is
        waited for."""
        while True:
            try:
                rows = await self.records.live()
                break
            except Exception as error:  # noqa: BLE001
                log.warning("exchange.dial", error=type(error).__name__)
                await asyncio.sleep(DIAL_PAUSE)
        for row in rows:
            known = row.facts.conversation_id in self.calls
            if row.facts.conversation_id == conversation_id and row.state is CallState.DIALLING and not known:
                self._start(Call(self, row.customer_channel, row), Dial())
                self.claim(row.agent_channel, self.calls[conversation_id])
            elif row.facts.conversation_id == conversation_id and row.is_owed and not known:
                self._start(Call(self, row.customer_channel, row), Found({}, frozenset()))
                await self._ring_offers(conversation_id)

    async def _ring_offers(self, conversation_id: UUID | None = None) -> None:
        """What is offered now, of this conversation or of all, is rung."""
        for offered in await self.records.live_offers():
            if conversation_id in (None, offered.conversation_id):
                self.ring(offered)

    async def add_softphone(self, softphone: Softphone) -> None:
        """Let a browser register. While the engine is away nothing is lost: all accounts are added when it is back."""
        self._unwanted.discard(softphone.username)
        with suppress(EngineUnreachable):
            await self.engine.add_softphone(softphone)

    async def remove_softphone(self, username: str) -> None:
        """A session has ended. A call that its page still carries goes on first."""
        if any(call.username == username for call in self.calls.values()):
            self._unwanted.add(username)
        else:
            await tried(self.engine.remove_softphone(username))

    # ---- what calls say (`Switchboard`) ----

    def opened(self, call: Call) -> None:
        self.calls[call.facts.conversation_id] = call

    def claim(self, channel: str, call: Call) -> None:
        self._legs[channel] = call

    def ended(self, call: Call, reason: str) -> None:
        for channel in [channel for channel, owner in self._legs.items() if owner is call]:
            del self._legs[channel]
        if call.is_open:
            self.calls.pop(call.facts.conversation_id, None)
        self._tasks.pop(call, None)
        _ended.labels(reason or "by_routing").inc()
        _live.set(len(self.calls))
        if self._unwanted:
            busy = {each.username for each in self.calls.values()}
            for username in self._unwanted - busy:
                self._unwanted.discard(username)
                self._spawn(self.remove_softphone(username))

    # ---- calls come ----

    def _arrive(self, arrival: CallArrived) -> None:
        if arrival.channel in self._legs:
            return  # the snapshot had it already
        _arrived.inc()
        self._start(Call(self, arrival.channel), arrival)

    def _start(self, call: Call, first: CallInput) -> None:
        self.claim(call.channel, call)
        if call.is_open:
            self.opened(call)
        call.post(first)
        self._tasks[call] = asyncio.create_task(call.run())
        _live.set(len(self._tasks))

    # ---- the engine comes and goes ----

    async def _come_up(self, event: EngineUp) -> None:
        begun = time.monotonic()
        try:
            await self._take_up(await self.engine.snapshot())
            for softphone in await self.records.softphones():
                await self.engine.add_softphone(softphone)
            if not self.alone:
                for username, node in await self.records.softphone_nodes():
                    if node != self.node:
                        self.engine.softphone_at(username, node)
        except EngineUnreachable:
            log.warning("exchange.lost_again")
            return  # the engine says when it is back
        self.is_up = True
        _up.set(1)
        _adoption.observe(time.monotonic() - begun)
        log.info(
            "exchange.up",
            calls=len(self.calls),
            restarted=event.restarted,
            seconds=round(time.monotonic() - begun, 3),
        )
        await self.records.tell_health(up=True)

    async def _go_down(self, event: EngineDown) -> None:
        """An engine that is only silent may still carry its calls. One that is gone does not: they end now, so that nobody is
        offered a caller who is not there."""
        self.is_up = False
        _up.set(0)
        log.warning("exchange.down", calls=len(self.calls), gone=event.gone)
        await self.records.tell_health(up=False)
        if event.gone:
            await self._take_up(Snapshot())
            for call in self.calls.values():  # what we owe begins anew once somebody can be rung
                call.post(Wish(call.facts.conversation_id, Request.HANG_UP))

    async def _take_up(self, snapshot: Snapshot) -> None:
        """Take up every call from its legs and its row; one without a caller's leg ends."""
        await self._let_go()
        rows = await self.records.live()
        for row in rows:
            self._start(Call(self, row.customer_channel, row), self._found(row, snapshot))
        await self.studio.take_up(snapshot)
        await self._end_strays(snapshot, rows)
        await self._ring_offers()

    @staticmethod
    def _found(row: CallRow, snapshot: Snapshot) -> Found:
        conversation = str(row.facts.conversation_id)
        legs = {
            channel: leg
            for channel, leg in snapshot.legs.items()
            if channel == row.customer_channel or channel.startswith(f"agent-{conversation}-")
        }
        return Found(legs, snapshot.bridges.get(f"call-{conversation}", frozenset()))

    async def _end_strays(self, snapshot: Snapshot, rows: Iterable[CallRow]) -> None:
        """A caller nobody has a row of has just come; other legs and bridges that belong to no call are ended."""
        known = {str(row.facts.conversation_id) for row in rows}
        callers = {row.customer_channel for row in rows}
        for channel, leg in snapshot.legs.items():
            if leg.inbound and channel not in callers:
                self._arrive(_arrival(leg))
            elif not (
                leg.inbound or self.studio.owns(channel) or _conversation_of(channel, OUR_LEGS) in known
            ):
                await tried(self.engine.hang_up(channel))
        for bridge in snapshot.bridges:
            if bridge.removeprefix("call-") not in known:
                await tried(self.engine.drop_bridge(bridge))

    async def _let_go(self) -> None:
        """Forget all calls, without touching their legs or rows."""
        await self.studio.let_go()
        tasks = list(self._tasks.values())
        for call in list(self._tasks):
            call.abandon()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.calls.clear()
        self._legs.clear()
        self._tasks.clear()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _arrival(leg: Leg) -> CallArrived:
    return CallArrived(leg.channel, leg.dialled, leg.caller, leg.hidden)


def _conversation_of(channel: str, prefix: str) -> str:
    """`agent-<conversation>-<number>`"""
    return channel.removeprefix(prefix).rpartition("-")[0]
