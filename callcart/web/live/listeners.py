"""Who is connected: open feeds and open telephones' relays, what each may see, and why each ends.

A listener's queue is bounded. One that cannot keep up is ended and comes back with its token; nobody waits for it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from callcart.core.actor import Actor
from callcart.core.events import Event

MOST_MESSAGES = 256
MOST_BYTES = 512 * 1024


class Because(StrEnum):
    """Why a connection ends."""

    LEFT = "left"  # the other side went away
    SLOW = "slow"  # it does not read what it is sent
    SESSION = "session"  # signed out, revoked or expired
    RESTART = "restart"  # we stop; another one takes over
    CALL_OVER = "call_over"  # of a visitor's page


@dataclass(slots=True, eq=False)
class Guest:
    """A connection of a signed-in staff member. `outlives_expiry`: a telephone, which an expired session leaves alone."""

    tenant_id: int
    staff_id: UUID
    session_id: UUID
    outlives_expiry: bool = False
    because: Because | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self, because: Because) -> None:
        """Ask it to end; the first reason holds."""
        if self.because is None:
            self.because = because
            self.over.set()

    def now_is(self, actor: Actor, team: Collection[UUID] | None = None) -> None:
        """What this person may do has been read anew; `team`: the agents he sees on the board, where not all of them."""


@dataclass(slots=True, eq=False)
class Listener(Guest):
    """An open feed: its queue of ready messages, and what it may see."""

    sees_board: bool = False
    team: frozenset[UUID] | None = frozenset()  # nobody's, until it has been looked up whose he sees
    is_desk: bool = False
    told_at: float = 0.0
    _queue: deque[bytes] = field(default_factory=deque)
    _size: int = 0
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def now_is(self, actor: Actor, team: Collection[UUID] | None = None) -> None:
        self.sees_board, self.team = actor.can("board.view"), None if team is None else frozenset(team)

    def sees(self, event: Event) -> bool:
        """Whether an event of this listener's own tenant is for it. What the board shows of oneself one may see."""
        match event.audience:
            case "staff":
                return True
            case "one":
                return event.staff_id == self.staff_id
            case "board":
                return event.staff_id == self.staff_id or (self.sees_board and self._of_team(event.staff_id))
            case _:
                return False

    def _of_team(self, staff_id: UUID | None) -> bool:
        """What is of nobody in particular (a queue changed) all may know who see a board."""
        return self.team is None or staff_id is None or staff_id in self.team

    def put(self, message: bytes, *, at: float) -> None:
        """Queue one message; ends the listener when it is too far behind."""
        if self.because is not None:
            return
        self._queue.append(message)
        self._size += len(message)
        self.told_at = at
        if len(self._queue) > MOST_MESSAGES or self._size > MOST_BYTES:
            self.end(Because.SLOW)
        self._more.set()

    async def take(self) -> bytes:
        """All that waits, as one piece; empty when the listener has been ended and nothing is left."""
        while not self._queue and self.because is None:
            self._more.clear()
            await self._more.wait()
        piece = self._queue[0] if len(self._queue) == 1 else b"".join(self._queue)
        self._queue.clear()
        self._size = 0
        return piece

    def end(self, because: Because) -> None:
        Guest.end(self, because)
        self._more.set()


class Guests:
    """Everybody connected to this process, by tenant and by session."""

    def __init__(self) -> None:
        self.by_tenant: dict[int, set[Listener]] = {}
        self._by_session: dict[tuple[int, UUID], set[Guest]] = {}
        self.nobody = asyncio.Event()
        self.nobody.set()
        self.on_desk: Callable[[], None] = lambda: None

    def add(self, guest: Guest) -> None:
        self.nobody.clear()
        self._by_session.setdefault((guest.tenant_id, guest.session_id), set()).add(guest)
        if isinstance(guest, Listener):
            self.by_tenant.setdefault(guest.tenant_id, set()).add(guest)
            if guest.is_desk:
                self.on_desk()

    def remove(self, guest: Guest) -> None:
        """Forget a guest; nothing happens where it was never added."""
        key = (guest.tenant_id, guest.session_id)
        self._by_session.get(key, set()).discard(guest)
        if not self._by_session.get(key, True):
            del self._by_session[key]
        if isinstance(guest, Listener):
            self.by_tenant.get(guest.tenant_id, set()).discard(guest)
            if not self.by_tenant.get(guest.tenant_id, True):
                del self.by_tenant[guest.tenant_id]
        if not self._by_session:
            self.nobody.set()

    def of_session(self, tenant_id: int, session_id: UUID) -> list[Guest]:
        return list(self._by_session.get((tenant_id, session_id), ()))

    def sessions(self, tenant_id: int | None = None) -> dict[int, set[UUID]]:
        """The sessions that are connected, by tenant."""
        found: dict[int, set[UUID]] = {}
        for tenant, session in self._by_session:
            if tenant_id is None or tenant == tenant_id:
                found.setdefault(tenant, set()).add(session)
        return found

    def desks(self) -> dict[int, set[UUID]]:
        """Staff with an open desk, by tenant."""
        found: dict[int, set[UUID]] = {}
        for tenant_id, listeners in self.by_tenant.items():
            staff = {each.staff_id for each in listeners if each.is_desk and each.because is None}
            if staff:
                found[tenant_id] = staff
        return found

    def everybody(self) -> list[Guest]:
        return [guest for guests in self._by_session.values() for guest in guests]

    def listeners(self) -> list[Listener]:
        return [guest for guest in self.everybody() if isinstance(guest, Listener)]
