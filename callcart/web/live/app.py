"""The ASGI application: /feed, /sip, /chat, and what machines ask."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from callcart.core.events import Event
from callcart.web.live.access import address_of, leave_database
from callcart.web.live.chats import Chats
from callcart.web.live.feed import Feed
from callcart.web.live.listeners import Because, Guests
from callcart.web.live.reader import Reader
from callcart.web.live.relay import Relay
from callcart.web.live.vigil import Vigil
from callcart.web.live.visitors import Pages

STALE_SECONDS = 5.0
LONGEST_FAREWELL = 2.0


class Live:
    """Everything of one live process. `application` is what a server serves."""

    def __init__(self) -> None:
        self.guests = Guests()
        self.vigil = Vigil(self.guests)
        self.chats = Chats()
        self.pages = Pages()
        self.reader = Reader(self.guests, self._hear)
        feed = Feed(self.guests, self.reader, self.vigil)
        relay = Relay(self.guests, self.vigil, self.pages)
        self.application = Starlette(
            routes=[
                Route("/feed", feed),
                WebSocketRoute("/sip", relay.__call__),
                WebSocketRoute("/chat", self.chats.__call__),
                Route("/healthz", _healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", _metrics),
            ],
            lifespan=self._lifespan,
        )

    def _hear(self, event: Event) -> None:
        """Every event of every tenant, before it is handed to those it is for."""
        self.vigil.hear(event)
        self.chats.hear(event)
        self.pages.hear(event)

    async def say_farewell(self) -> None:
        """Tell everybody to come back elsewhere, and wait a moment until they have heard it."""
        for guest in (*self.guests.everybody(), *self.pages.everybody()):
            guest.end(Because.RESTART)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.guests.nobody.wait(), LONGEST_FAREWELL)

    @asynccontextmanager
    async def _lifespan(self, application: Starlette) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(each)
            for each in (self.reader.run(), self.vigil.look_at_sessions(), self.vigil.keep_desks_alive())
        ]
        for task in tasks:
            task.add_done_callback(_end_with)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.reader.close()
            await leave_database()

    async def _readyz(self, request: Request) -> Response:
        """The feed is up to date."""
        if time.monotonic() - self.reader.looked_at > STALE_SECONDS:
            return JSONResponse({"status": "unavailable", "database": "unreachable"}, status_code=503)
        return JSONResponse({"status": "ok", "database": "ok"})


async def _healthz(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _metrics(request: Request) -> Response:
    """Prometheus' text format, for this machine only."""
    if not _is_loopback(request) or "x-forwarded-for" in request.headers:
        return JSONResponse({"code": "permission_denied"}, status_code=403)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _is_loopback(request: Request) -> bool:
    try:
        return ip_address(address_of(request)).is_loopback
    except ValueError:
        return False


def _end_with(task: asyncio.Task[None]) -> None:
    """A loop of ours that breaks must not leave a process behind that looks alive and tells nothing: it ends, and is
    started again."""
    if not task.cancelled() and task.exception() is not None:
        task.get_loop().call_exception_handler(
            {"message": "live: a loop broke", "exception": task.exception(), "task": task}
        )
        raise SystemExit(1) from task.exception()
