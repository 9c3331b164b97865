"""The book of takes as the voice process has it: verbs of `rows.py` in threads; a database that is away is waited for, as the ledger does."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.ledger import Ledger
from callcart.contact.voice.models import MAIN_NODE
from callcart.contact.voice.studio import rows
from callcart.contact.voice.studio.book import Listened, TakeRow
from callcart.contact.voice.studio.states import TakeState, Why


class WrittenBook:
    """A `Book`."""

    def __init__(self, ledger: Ledger, *, node: str = MAIN_NODE) -> None:
        self._ledger, self._node = ledger, node

    async def find(self, take_id: UUID) -> TakeRow | None:
        return await self._ledger.apart(lambda: rows.find(take_id, self._node))

    async def live(self) -> Sequence[TakeRow]:
        return await self._ledger.apart(lambda: rows.live(self._node))

    async def account(self, row: TakeRow) -> str:
        return await self._ledger.apart(lambda: rows.account(row))

    async def note(self, row: TakeRow) -> bool:
        return await self._ledger.apart(lambda: rows.note(row))

    async def sounds(self, row: TakeRow, utterances: Sequence[Utterance]) -> list[str]:
        return await self._ledger.sounds(row.tenant_id, utterances)

    async def listen(self, row: TakeRow) -> Listened:
        return await self._ledger.apart(lambda: rows.listen(row))

    async def keep(self, row: TakeRow) -> Why | None:
        return await self._ledger.apart(lambda: rows.keep(row))

    async def over(self, row: TakeRow, why: Why) -> None:
        await self._ledger.apart(lambda: rows.end(row.tenant_id, row.id, TakeState.OVER, why))

    async def forget(self, row: TakeRow) -> None:
        await self._ledger.apart(lambda: rows.forget(row))
