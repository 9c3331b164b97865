"""All takes of one telephone engine. Like the exchange beside it, it holds an index and no truth: whenever the engine is there (again) it is
built anew from the engine's legs and the rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import UUID

import structlog

from callcart.contact.voice.ear import tried
from callcart.contact.voice.engine import Engine, EngineEvent, Snapshot
from callcart.contact.voice.studio.book import LEGS, Book
from callcart.contact.voice.studio.take import Begin, GoOn, Take, Withdrawn

log = structlog.get_logger(__name__)

CLOSING = 3.0  # seconds that the engine may need to close a file after its leg's end


class Studio:
    """`take` gives it what the engine says, `begin` and `withdraw` what pages want."""

    def __init__(self, engine: Engine, book: Book) -> None:
        self.engine, self.book = engine, book
        self._takes: dict[str, Take] = {}
        self._tasks: dict[Take, asyncio.Task[None]] = {}
        self._errands: set[asyncio.Task[None]] = set()

    @staticmethod
    def owns(channel: str) -> bool:
        """Whether a leg is a take's."""
        return channel.startswith(LEGS)

    def take(self, event: EngineEvent) -> None:
        """One event of a leg."""
        take = self._takes.get(getattr(event, "channel", ""))
        if take is not None:
            take.post(event)

    async def begin(self, take_id: UUID) -> None:
        """Somebody is to be rung. Told twice is told once."""
        try:
            row = await self.book.find(take_id)
        except Exception as error:  # noqa: BLE001  whoever waits for a ring that does not come asks again
            log.warning("studio.begin", error=type(error).__name__)
            return
        if row is not None and row.channel not in self._takes:
            self._start(Take(self, row), Begin())

    def withdraw(self, take_id: UUID) -> None:
        take = self._takes.get(f"{LEGS}{take_id}")
        if take is not None:
            take.post(Withdrawn())

    async def take_up(self, snapshot: Snapshot) -> None:
        """Go on with every take whose leg is there, end the others and legs that belong to none."""
        await self.let_go()
        rows = {row.channel: row for row in await self.book.live()}
        for channel, row in rows.items():
            self._start(Take(self, row), GoOn(snapshot.legs.get(channel)))
        for channel in snapshot.legs:
            if self.owns(channel) and channel not in rows:
                self._spawn(self._end_stray(channel))

    async def let_go(self) -> None:
        """Forget all takes, without touching their legs or rows."""
        tasks = list(self._tasks.values())
        self._takes.clear()
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def ended(self, take: Take) -> None:
        """A take's word that it is over."""
        self._takes.pop(take.row.channel, None)
        self._tasks.pop(take, None)
        self._spawn(self._forget(take))

    async def _forget(self, take: Take) -> None:
        await asyncio.sleep(CLOSING)
        await self.book.forget(take.row)

    async def _end_stray(self, channel: str) -> None:
        await tried(self.engine.hang_up(channel))

    def _start(self, take: Take, first: Begin | GoOn) -> None:
        self._takes[take.row.channel] = take
        take.post(first)
        self._tasks[take] = asyncio.create_task(take.run())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
