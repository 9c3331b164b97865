"""A book of takes in memory, for virtual time: a fake engine says how long somebody spoke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from callcart.contact.voice.fake import FakeEngine
from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.studio.book import Listened, NoBook, TakeRow
from callcart.contact.voice.studio.states import TakeState, Why


class FakeBook(NoBook):
    """`add` a take; `kept` is what became a prompt (the files), `ends` why others did not."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.rows: dict[UUID, TakeRow] = {}
        self.accounts: dict[UUID, str] = {}
        self.silent: set[str] = set()  # files in which nothing is heard
        self.problem: Why | None = None  # nothing can be made of files, or kept
        self.kept: list[str] = []
        self.ends: dict[UUID, Why] = {}
        self.forgotten: list[UUID] = []

    def add(self, row: TakeRow) -> TakeRow:
        self.rows[row.id] = row
        return row

    async def find(self, take_id: UUID) -> TakeRow | None:
        return next((row for row in await self.live() if row.id == take_id), None)

    async def live(self) -> Sequence[TakeRow]:
        return [row for row in self.rows.values() if row.state not in (TakeState.KEPT, TakeState.OVER)]

    async def account(self, row: TakeRow) -> str:
        return self.accounts.get(row.staff_id, "")

    async def note(self, row: TakeRow) -> bool:
        if await self.find(row.id) is None:
            return False
        self.rows[row.id] = row
        return True

    async def sounds(self, row: TakeRow, utterances: Sequence[Utterance]) -> list[str]:
        return [each.key for each in utterances]

    async def listen(self, row: TakeRow) -> Listened:
        if self.problem is not None:
            return Listened(problem=self.problem)
        if row.file_name in self.silent:
            return Listened(problem=Why.SILENT)
        return Listened(f"heard/{row.file_name}", self.engine.written.get(row.file_name, 0.0))

    async def keep(self, row: TakeRow) -> Why | None:
        if self.problem is not None:
            return self.problem
        if await self.find(row.id) is None:
            return None if self.rows[row.id].state is TakeState.KEPT else Why.WITHDRAWN
        self.rows[row.id] = replace(row, state=TakeState.KEPT)
        self.kept.append(row.file_name)
        return None

    async def over(self, row: TakeRow, why: Why) -> None:
        if await self.find(row.id) is not None:
            self.rows[row.id] = replace(row, state=TakeState.OVER)
            self.ends[row.id] = why

    async def forget(self, row: TakeRow) -> None:
        self.forgotten.append(row.id)
