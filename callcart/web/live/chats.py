"""`WebSocket /chat`: a visitor's page is told that there is news of its conversation, never what; it asks the web process for that,
with the same token. Nothing missed needs to be told again: whoever connects asks once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import structlog
from django.db import DatabaseError
from psycopg_pool import PoolTimeout
from starlette.websockets import WebSocket, WebSocketDisconnect

from callcart.contact.messaging.public import visitors
from callcart.core.errors import AppError, NotSignedIn
from callcart.core.events import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_host
from callcart.web.live import metrics
from callcart.web.live.access import Caller, in_database

PROTOCOL = "callcart-chat"
KINDS = frozenset(
    {"message.added", "message.delivery", "conversation.state", "agent.typing", "webcall.changed"}
)
CARD_KINDS = frozenset({"order.changed", "payment.changed", "parcel.changed"})  # of an order that was shown
PING_SECONDS = 25.0
MOST_OF_ONE = 5
TALK_SECONDS = 0.5  # between two looks that a page may ask for: threads to the database are few, and staff needs them too
SIGNED_OUT, TOO_MANY, TRY_AGAIN = 4401, 4429, 1013

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Guest:
    """An open page. `talk` is its newest conversation; it may not have one yet. `shown`: the orders that it shows as cards."""

    tenant_id: int
    visitor_id: UUID
    talk: UUID | None
    shown: frozenset[UUID] = frozenset()
    news: set[str] = field(default_factory=set)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, kind: str) -> None:
        """The same news twice before it is told is one."""
        self.news.add(kind)
        self.more.set()


class Chats:
    """Visitors' pages connected to this process. `hear` is given every event of every tenant."""

    def __init__(self) -> None:
        self._by_talk: dict[UUID, set[Guest]] = {}
        self._by_visitor: dict[UUID, set[Guest]] = {}
        self._by_card: dict[UUID, set[Guest]] = {}

    def hear(self, event: Event) -> None:
        if event.subject_id is None:
            return
        if event.kind in KINDS:
            self._tell(self._by_talk, event, event.kind)
        elif event.kind in CARD_KINDS:
            self._tell(self._by_card, event, "card.changed")

    def _tell(self, by: dict[UUID, set[Guest]], event: Event, kind: str) -> None:
        for guest in by.get(event.subject_id, ()) if event.subject_id else ():
            if guest.tenant_id == event.tenant_id:
                guest.tell(kind)

    async def __call__(self, page: WebSocket) -> None:
        try:
            guest = await self._known(page)
        except AppError:
            await _refuse(page, SIGNED_OUT)
            return
        except (psycopg.Error, DatabaseError, PoolTimeout) as error:
            log.warning("live.chat.unavailable", error=type(error).__name__)
            await _refuse(page, TRY_AGAIN)
            return
        if len(self._by_visitor.get(guest.visitor_id, ())) >= MOST_OF_ONE:
            await _refuse(page, TOO_MANY)
            return
        # Counted before it waits for anything, or many at one moment would not see each other.
        async with self._here(guest):
            with metrics.CHATS.track_inprogress():
                await page.accept(subprotocol=PROTOCOL)
                await _converse(page, guest, self)

    async def _known(self, page: WebSocket) -> Guest:
        caller = Caller.of(page)
        caller.require_own_page()
        asked = [each.strip() for each in page.headers.get("sec-websocket-protocol", "").split(",")]
        if len(asked) != 2 or asked[0] != PROTOCOL:
            raise NotSignedIn
        return await in_database(_guest, caller.host, asked[1])

    @asynccontextmanager
    async def _here(self, guest: Guest) -> AsyncIterator[None]:
        self._by_visitor.setdefault(guest.visitor_id, set()).add(guest)
        self.follow(guest, guest.talk, guest.shown)
        try:
            yield
        finally:
            _leave(self._by_visitor, guest.visitor_id, guest)
            if guest.talk is not None:
                _leave(self._by_talk, guest.talk, guest)
            for each in guest.shown:
                _leave(self._by_card, each, guest)

    def follow(self, guest: Guest, talk: UUID | None, shown: frozenset[UUID]) -> None:
        """The conversation whose news are this page's, and the orders it shows."""
        if guest.talk is not None and guest.talk != talk:
            _leave(self._by_talk, guest.talk, guest)
        guest.talk = talk
        if talk is not None:
            self._by_talk.setdefault(talk, set()).add(guest)
        for each in guest.shown - shown:
            _leave(self._by_card, each, guest)
        guest.shown = shown
        for each in shown:
            self._by_card.setdefault(each, set()).add(guest)


async def _converse(page: WebSocket, guest: Guest, chats: Chats) -> None:
    watch = asyncio.create_task(_until_gone(page, guest, chats))
    try:
        while not watch.done():
            waiting = asyncio.create_task(guest.more.wait())
            await asyncio.wait([watch, waiting], timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            guest.more.clear()
            news, guest.news = guest.news or {"ping"}, set()
            for kind in sorted(news):
                await page.send_text(json.dumps({"kind": kind}))
    except (WebSocketDisconnect, RuntimeError, OSError):
        pass  # the page is gone
    finally:
        watch.cancel()


async def _until_gone(page: WebSocket, guest: Guest, chats: Chats) -> None:
    """A page says `talk` when it has begun a conversation or shows a card it did not: what its news are is looked up anew."""
    while True:
        message = await page.receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("text") == "talk":
            chats.follow(guest, *await in_database(_talk, guest))
            guest.tell("message.added")
            if guest.shown:
                guest.tell("card.changed")  # what moved before it was followed
            await asyncio.sleep(TALK_SECONDS)


def _guest(host: str, token: str) -> Guest:
    tenant = tenant_by_host(host)
    if tenant is None:
        raise NotSignedIn
    with tenant_transaction(tenant.id):
        visitor = visitors.visitor_of(token)
        shown = visitors.shown_in(visitor.conversation_id)
    return Guest(tenant.id, visitor.id, visitor.conversation_id, shown)


def _talk(guest: Guest) -> tuple[UUID | None, frozenset[UUID]]:
    with tenant_transaction(guest.tenant_id):
        talk = visitors.talk_of(guest.visitor_id)
        return talk, visitors.shown_in(talk)


def _leave(by: dict[UUID, set[Guest]], key: UUID, guest: Guest) -> None:
    by.get(key, set()).discard(guest)
    if not by.get(key, True):
        del by[key]


async def _refuse(page: WebSocket, code: int) -> None:
    """Accepted and closed with a code: a browser tells a page no other reason."""
    try:
        await page.accept(subprotocol=PROTOCOL)
        await page.close(code)
    except (WebSocketDisconnect, RuntimeError, OSError):
        return
