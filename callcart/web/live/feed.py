"""`GET /feed`: the stream of one page. What it missed since its token comes first, then what happens, without gap or double.

The order makes it so: the reader lets the listener in at a token taken after the request; what lies between the page's
token and that one is read from the outbox; everything after it has been queued meanwhile.
"""

from __future__ import annotations

import asyncio

import psycopg
import structlog
from django.db import DatabaseError
from psycopg_pool import PoolTimeout
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from callcart.core import feed
from callcart.core.actor import Actor
from callcart.core.errors import AppError, Unavailable
from callcart.core.events import Event
from callcart.web.live import messages, metrics
from callcart.web.live.access import Caller, FeedTokenUnreadable, in_database, outbox, sign_in
from callcart.web.live.listeners import Because, Guests, Listener
from callcart.web.live.reader import Reader
from callcart.web.live.vigil import Vigil

ENTRY_SECONDS = 10.0
FAREWELL_SECONDS = 2.0
MOST_MISSED = 2000

log = structlog.get_logger(__name__)


class Feed:
    """The ASGI endpoint."""

    def __init__(self, guests: Guests, reader: Reader, vigil: Vigil) -> None:
        self.guests = guests
        self.reader = reader
        self.vigil = vigil

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        caller = Caller.of(request)
        if request.method != "GET":
            await Response(status_code=405, headers={"Allow": "GET"})(scope, receive, send)
            return
        listener: Listener | None = None
        try:
            try:
                caller.require_own_page()
                token = _token_of(request)
                listener = _listener(request, await sign_in(caller))
                async with asyncio.timeout(ENTRY_SECONDS):
                    opening = await self._enter(listener, token)
            except (AppError, TimeoutError, psycopg.Error, DatabaseError, PoolTimeout) as error:
                await _refuse(caller, error)(scope, receive, send)
                return
            await self._stream(listener, opening, caller=caller, receive=receive, send=send)
        finally:
            if listener is not None:
                self.guests.remove(listener)

    async def _enter(self, listener: Listener, token: str) -> bytes:
        """Let the listener in; what it is told first. Whose board he sees is known before he hears of it."""
        if listener.sees_board:
            await self.vigil.confirm(listener)
        position = await self.reader.admit(listener)
        await self.vigil.confirm(listener)
        if not token:
            return messages.ping(position)
        try:
            missed = await in_database(_missed, listener.tenant_id, token, position)
        except feed.TooFarBehind:
            metrics.RESETS.inc()
            return messages.reset(position)
        seen = [event for event in missed if listener.sees(event)]
        return messages.happened(position, seen) if seen else messages.ping(position)

    async def _stream(
        self, listener: Listener, opening: bytes, *, caller: Caller, receive: Receive, send: Send
    ) -> None:
        pump = asyncio.create_task(_pump(listener, opening, caller=caller, send=send))
        watch = asyncio.create_task(_watch(receive, listener))
        with metrics.LISTENERS.track_inprogress():
            try:
                await listener.over.wait()
                if listener.because in (Because.SESSION, Because.RESTART):
                    await asyncio.wait([pump], timeout=FAREWELL_SECONDS)
            finally:
                for task in (pump, watch):
                    task.cancel()
                await asyncio.gather(pump, watch, return_exceptions=True)
        metrics.ENDED.labels("feed", listener.because or Because.LEFT).inc()
        if listener.because is Because.SLOW:
            # Not completed on purpose: the server then closes the connection, and the browser comes back by its token.
            log.info("live.feed.slow", tenant=listener.tenant_id, staff=str(listener.staff_id))


async def _pump(listener: Listener, opening: bytes, *, caller: Caller, send: Send) -> None:
    """Write the stream until the listener is ended. Waits wherever the browser is slow to read."""
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
        *((name.encode(), value.encode()) for name, value in _cors(caller).items()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 1000\n\n" + opening, "more_body": True})
    while piece := await listener.take():
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    farewell = {Because.SESSION: messages.SIGNED_OUT, Because.RESTART: messages.RESTART}
    if listener.because in farewell:
        last = farewell[listener.because]
        await send({"type": "http.response.body", "body": last, "more_body": False})


async def _watch(receive: Receive, listener: Listener) -> None:
    """Notice that the browser left."""
    while (await receive())["type"] != "http.disconnect":
        continue
    listener.end(Because.LEFT)


def _listener(request: Request, actor: Actor) -> Listener:
    assert actor.id is not None
    return Listener(
        tenant_id=actor.tenant_id,
        staff_id=actor.id,
        session_id=actor.session,
        sees_board=actor.can("board.view"),
        is_desk=request.query_params.get("desk") == "1" and actor.can("routing.work"),
    )


def _token_of(request: Request) -> str:
    """The header that a browser sends when it reconnects by itself, else the page's own. Empty: from now on."""
    token = request.headers.get("last-event-id") or request.query_params.get("token", "")
    if not token:
        return ""
    try:
        return feed.checked(token)
    except feed.UnreadableToken:
        raise FeedTokenUnreadable from None


def _missed(tenant_id: int, since: str, until: str) -> tuple[Event, ...]:
    with outbox() as connection:
        return feed.read_between(connection, since, until, tenant_id=tenant_id, most=MOST_MISSED)


def _refuse(caller: Caller, error: Exception) -> Response:
    """A plain answer that our own page may read; a foreign one may not."""
    if not isinstance(error, AppError):
        log.warning("live.feed.unavailable", error=type(error).__name__)
        error = Unavailable()
    metrics.REFUSED.labels("feed", error.code).inc()
    headers = {} if error.code == "live.foreign_page" else _cors(caller)
    body = {"code": error.code, "message": error.message, "retryable": error.retryable}
    return JSONResponse(body, status_code=error.status, headers=headers | {"Cache-Control": "no-store"})


def _cors(caller: Caller) -> dict[str, str]:
    """The page's own origin, by name: never `*`, the cookie goes with it."""
    return {
        "Access-Control-Allow-Origin": caller.origin,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }
