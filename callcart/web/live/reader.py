"""Looks at the outbox every few milliseconds and hands what is new to everybody it is for: one look and one encoding for
all, however many listen. Survives the database's absence; its token then tells what happened meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
import structlog

from callcart.core import feed
from callcart.core.clock import now
from callcart.core.database import parameters
from callcart.core.events import Event
from callcart.web.live import messages, metrics
from callcart.web.live.listeners import Guests, Listener

POLL_SECONDS = 0.025
PING_SECONDS = 15.0
MOST_AT_ONCE = 20_000
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
_PATIENCE = {
    "connect_timeout": 3,
    "options": "-c statement_timeout=10000",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

log = structlog.get_logger(__name__)
Found = TypeVar("Found")


class Reader:
    """The one reader of this process. `watch` hears every event of every tenant, before those it is for."""

    def __init__(self, guests: Guests, watch: Callable[[Event], None]) -> None:
        self.guests = guests
        self.watch = watch
        self.token = ""
        self.looked_at = 0.0
        self._connection: psycopg.Connection[Any] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="feed-reader")
        self._coming: list[tuple[Listener, asyncio.Future[str]]] = []

    async def admit(self, listener: Listener) -> str:
        """Let somebody in at a token taken after this call: everything visible in it is the past, everything else will
        be queued for them."""
        coming: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._coming.append((listener, coming))
        return await coming

    async def run(self) -> None:
        """Until cancelled."""
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            entering, self._coming = self._coming, []
            try:
                await self._step()
            except (psycopg.Error, OSError) as error:
                self._coming = entering + self._coming
                log.warning("live.reader.database", error=type(error).__name__)
                await self._in_thread(self._disconnect)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause = FIRST_PAUSE
            for listener, coming in entering:
                if not coming.cancelled():
                    listener.told_at = time.monotonic()
                    self.guests.add(listener)
                    coming.set_result(self.token)
            self._ping()
            await asyncio.sleep(max(0.0, POLL_SECONDS - (time.monotonic() - began)))

    async def close(self) -> None:
        await self._in_thread(self._disconnect)
        self._thread.shutdown(wait=False)

    async def _step(self) -> None:
        try:
            step = await self._in_thread(self._look)
        except feed.TooFarBehind:
            self.token = await self._in_thread(self._begin_anew)
            log.warning("live.reader.reset")
            self._tell_all(messages.reset(self.token))
            return
        self.looked_at = time.monotonic()
        self.token = step.token
        if step.events:
            self._deliver(step)

    def _look(self) -> feed.Step:
        """In the reader's thread."""
        if self._connection is None:
            self._connection = psycopg.connect(
                **{**parameters("system"), **_PATIENCE}, autocommit=True, application_name="callcart-live"
            )
            if self.token and feed.is_foreign(self._connection, self.token):
                raise feed.TooFarBehind
        if not self.token:
            return feed.Step(feed.present_token(self._connection), ())
        return feed.read_since(self._connection, self.token, most=MOST_AT_ONCE)

    def _begin_anew(self) -> str:
        assert self._connection is not None
        return feed.present_token(self._connection)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _deliver(self, step: feed.Step) -> None:
        metrics.EVENTS.inc(len(step.events))
        metrics.LAG.observe(max(0.0, (now() - step.events[-1].at).total_seconds()))
        by_tenant: dict[int, list[Event]] = {}
        for event in step.events:
            self.watch(event)
            by_tenant.setdefault(event.tenant_id, []).append(event)
        for tenant_id, events in by_tenant.items():
            self._fan_out(self.guests.by_tenant.get(tenant_id, set()), events)

    def _fan_out(self, listeners: set[Listener], events: list[Event]) -> None:
        """Most see the same: what two see alike is encoded once. Two who see a board may see different teams on it."""
        moment = time.monotonic()
        personal = {event.staff_id for event in events if event.audience != "staff"}
        encoded: dict[tuple[Any, ...], bytes] = {}
        for listener in listeners:
            own = listener.staff_id if listener.staff_id in personal else None
            kind = (listener.sees_board, listener.team, own)
            message = encoded.get(kind)
            if message is None:
                seen = [event for event in events if listener.sees(event)]
                message = encoded[kind] = messages.happened(self.token, seen) if seen else b""
            if message:
                listener.put(message, at=moment)

    def _ping(self) -> None:
        """Whoever has heard nothing for a while."""
        moment = time.monotonic()
        message = messages.ping(self.token)
        for listeners in self.guests.by_tenant.values():
            for listener in listeners:
                if moment - listener.told_at > PING_SECONDS:
                    listener.put(message, at=moment)

    def _tell_all(self, message: bytes) -> None:
        for listener in self.guests.listeners():
            listener.put(message, at=time.monotonic())

    async def _in_thread(self, function: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)
