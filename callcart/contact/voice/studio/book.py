"""What takes ask of the database and of the disk: the interface of the studio. `written.py` is the real one, `fake.py` is in memory.

Every method may be repeated without harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.studio.states import TakeState, Why

LEGS = "take-"  # before the id, in the names of legs and of files


@dataclass(frozen=True, slots=True)
class TakeRow:
    """A take as its row has it: what a restarted process begins with. `number`: who is rung outside (E.164); empty: the page of the one
    who asked."""

    id: UUID
    tenant_id: int
    staff_id: UUID
    language: str  # what is said to him is said in
    number: str = ""
    shown: str = ""
    longest: int = 0  # seconds that a call outside may last
    state: TakeState = TakeState.RINGING
    round: int = 0  # how often he has begun to speak

    @property
    def channel(self) -> str:
        return f"{LEGS}{self.id}"

    @property
    def file_name(self) -> str:
        """Into which the engine writes what is said in this round."""
        return f"{LEGS}{self.id}-{self.round}"


@dataclass(frozen=True, slots=True)
class Listened:
    """What was said, as callers would hear it: a name of a sound that the engine knows; or what is wrong with it."""

    sound: str = ""
    seconds: float = 0.0
    problem: Why | None = None


class Book(Protocol):
    """The takes of this node."""

    async def find(self, take_id: UUID) -> TakeRow | None:
        """A take that is not over, and this node's."""
        ...

    async def live(self) -> Sequence[TakeRow]:
        """All of this node that are not over, over all tenants."""
        ...

    async def account(self, row: TakeRow) -> str:
        """The softphone account of the one who asked; empty without one."""
        ...

    async def note(self, row: TakeRow) -> bool:
        """Keep how far it is; his page is told. False: it is over already, and stays so."""
        ...

    async def sounds(self, row: TakeRow, utterances: Sequence[Utterance]) -> list[str]: ...

    async def listen(self, row: TakeRow) -> Listened:
        """Make what was said in this round fit for the telephone."""
        ...

    async def keep(self, row: TakeRow) -> Why | None:
        """What was heard is the prompt from now on; or why not."""
        ...

    async def over(self, row: TakeRow, why: Why) -> None:
        """Nothing is kept, unless something is already. Its files go."""
        ...

    async def forget(self, row: TakeRow) -> None:
        """Files that the engine closed after its end go too."""
        ...


class NoBook:
    """Nobody records a prompt here."""

    async def find(self, take_id: UUID) -> TakeRow | None:
        return None

    async def live(self) -> Sequence[TakeRow]:
        return ()

    async def account(self, row: TakeRow) -> str:
        return ""

    async def note(self, row: TakeRow) -> bool:
        return False

    async def sounds(self, row: TakeRow, utterances: Sequence[Utterance]) -> list[str]:
        return []

    async def listen(self, row: TakeRow) -> Listened:
        return Listened(problem=Why.SILENT)

    async def keep(self, row: TakeRow) -> Why | None:
        return Why.WITHDRAWN

    async def over(self, row: TakeRow, why: Why) -> None:
        return

    async def forget(self, row: TakeRow) -> None:
        return
