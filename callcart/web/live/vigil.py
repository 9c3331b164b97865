"""Watches over those connected: sessions that end, rights that change, desks that are there.

A session that is ended by somebody closes its connections at once. One that merely expires closes its feeds, but not a
telephone: the agent may be talking. What people may do is read again after each change of roles, and twice a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from uuid import UUID

import psycopg
import structlog
from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.errors import AppError, NotSignedIn
from callcart.core.events import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.public import SessionNow, look_at_sessions, staff_within
from callcart.web.live.access import in_database
from callcart.web.live.listeners import Because, Guest, Guests

LOOK_SECONDS = 30.0
BEAT_SECONDS = 5.0
AT_ONCE = 100  # sessions looked at in one statement
SOON = 0.2  # after a new desk opened; many opening at once are told in one statement
CHANGES = frozenset({"staff.changed", "staff.deactivated", "role.changed"})
TROUBLE = (psycopg.Error, DatabaseError, PoolTimeout, AppError, OSError)

log = structlog.get_logger(__name__)


class Vigil:
    """One a process."""

    def __init__(self, guests: Guests) -> None:
        self.guests = guests
        self._changed: set[int] = set()
        self._look = asyncio.Event()
        self._beat = asyncio.Event()
        guests.on_desk = self._beat.set

    def hear(self, event: Event) -> None:
        """An event of any tenant; called before it is handed on."""
        if event.kind == "session.ended":
            for guest in self.guests.of_session(event.tenant_id, _session_of(event)):
                # after this round: its own pages are to hear the event itself, too
                asyncio.get_running_loop().call_soon(guest.end, Because.SESSION)
        elif event.kind in CHANGES:
            self._changed.add(event.tenant_id)
            self._look.set()

    async def look_at_sessions(self) -> None:
        """Until cancelled: after a change at once, and every LOOK_SECONDS."""
        while True:
            everybody = not await _set_within(self._look, LOOK_SECONDS)
            tenants, self._changed = self._changed, set()
            for tenant_id, sessions in self.guests.sessions().items():
                if everybody or tenant_id in tenants:
                    for some in _portions(sessions):
                        await self._look_at(tenant_id, some)

    async def keep_desks_alive(self) -> None:
        """Until cancelled: tell routing every BEAT_SECONDS which desks are there, and of a new one soon."""
        while True:
            for tenant_id, staff in self.guests.desks().items():
                try:
                    await in_database(routing.heartbeat, tenant_id, staff)
                except TROUBLE as error:
                    log.warning("live.heartbeat", tenant=tenant_id, error=type(error).__name__)
            await asyncio.sleep(SOON)
            await _set_within(self._beat, BEAT_SECONDS - SOON)

    async def confirm(self, guest: Guest) -> None:
        """Look once more at somebody just let in: what changed between the sign-in and now was not heard. Raises
        NotSignedIn."""
        await self._look_at(guest.tenant_id, {guest.session_id}, only=guest)
        if guest.because is Because.SESSION:
            raise NotSignedIn

    async def _look_at(
        self, tenant_id: int, sessions: Collection[UUID], *, only: Guest | None = None
    ) -> None:
        try:
            found = await in_database(_sessions, tenant_id, sessions)
        except TROUBLE as error:
            log.warning("live.sessions", tenant=tenant_id, error=type(error).__name__)
            self._changed.add(tenant_id)  # with the next round
            return
        for session_id in sessions:
            guests = [only] if only is not None else self.guests.of_session(tenant_id, session_id)
            for guest in guests:
                _judge(guest, *found.get(session_id, (None, None)))


def _portions(sessions: Collection[UUID]) -> Iterator[list[UUID]]:
    """A thousand at once would hold up the stream for all while their rights are worked out."""
    together = list(sessions)
    for start in range(0, len(together), AT_ONCE):
        yield together[start : start + AT_ONCE]


def _judge(guest: Guest, session: SessionNow | None, team: Collection[UUID] | None) -> None:
    if session is None or (session.expired and not guest.outlives_expiry):
        guest.end(Because.SESSION)
    else:
        guest.now_is(session.actor, team)


def _sessions(
    tenant_id: int, sessions: Collection[UUID]
) -> dict[UUID, tuple[SessionNow, Collection[UUID] | None]]:
    """Each session as it is now, and the agents its person sees on the board, where not all of them."""
    with tenant_transaction(tenant_id):
        return {id: (session, _team(session.actor)) for id, session in look_at_sessions(sessions).items()}


def _team(actor: Actor) -> Collection[UUID] | None:
    return staff_within(actor, "board.view") if actor.can("board.view") else None


def _session_of(event: Event) -> UUID:
    try:
        return UUID(str(event.data.get("session_id")))
    except ValueError:
        return UUID(int=0)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event was set in this time; it is unset again."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    event.clear()
    return True
