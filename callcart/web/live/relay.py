"""`WebSocket /sip`: frames between a browser's telephone and Asterisk, which listens on loopback only. Frames are handed on
as they are; each side waits for the other, so neither fills our memory.

The relay moves signalling, not sound: its end drops no call. An expired session leaves it open, an ended one closes it: docs/decisions/0003.
"""

from __future__ import annotations

import asyncio

import psycopg
import structlog
from django.db import DatabaseError
from psycopg_pool import PoolTimeout
from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from callcart.config import config
from callcart.core.actor import Actor
from callcart.core.errors import AppError, TooMany, Unavailable
from callcart.web.live import metrics
from callcart.web.live.access import Caller, sign_in
from callcart.web.live.elsewhere import declined
from callcart.web.live.listeners import Because, Guest, Guests
from callcart.web.live.vigil import Vigil
from callcart.web.live.visitors import Overstepped, Pages, Visit

PROTOCOL = "sip"
LARGEST_FRAME = 64 * 1024
MOST_PER_SESSION = 8
OPEN_SECONDS = 5.0
KEEPALIVE_SECONDS = 20.0
CODES = {Because.SESSION: 4401, Because.RESTART: 1012, Because.LEFT: 1000, Because.CALL_OVER: 1000}
OVERSTEPPED = 4403
TRY_AGAIN = 1013

log = structlog.get_logger(__name__)


class TooManyTelephones(TooMany):
    """This sign-in has too many telephones open. Close other windows of the desk."""

    code = "live.too_many_telephones"


class NoTelephone(AppError):
    """Only a telephone speaks here: ask for the sub-protocol `sip`."""

    code = "live.no_telephone"


class Relay:
    """The endpoint."""

    def __init__(self, guests: Guests, vigil: Vigil, pages: Pages) -> None:
        self.guests = guests
        self.vigil = vigil
        self.pages = pages

    async def __call__(self, browser: WebSocket) -> None:
        guest: Guest | None = None
        visit: Visit | None = None
        try:
            try:
                caller = _own_page(browser)
                if "ticket" in browser.query_params:
                    visit = await self.pages.let_in(caller, browser.query_params["ticket"])
                else:
                    guest = self._let_in(await _known(caller))
                    await self.vigil.confirm(guest)
                asterisk = await _reach_asterisk()
            except AppError as error:
                await _refuse(browser, error.status, error.code)
                return
            except (
                psycopg.Error,
                DatabaseError,
                PoolTimeout,
                OSError,
                WebSocketException,
                TimeoutError,
            ) as error:
                log.warning("live.relay.unavailable", error=type(error).__name__)
                await _refuse(browser, Unavailable.status, Unavailable.code)
                return
            async with asterisk:
                await browser.accept(subprotocol=PROTOCOL)
                with metrics.RELAYS.track_inprogress():
                    await _converse(browser, asterisk, guest, visit)
        finally:
            if guest is not None:
                self.guests.remove(guest)
            if visit is not None:
                self.pages.leaves(visit.guest)

    def _let_in(self, actor: Actor) -> Guest:
        assert actor.id is not None
        telephones = [
            each for each in self.guests.of_session(actor.tenant_id, actor.session) if each.outlives_expiry
        ]
        if len(telephones) >= MOST_PER_SESSION:
            raise TooManyTelephones
        guest = Guest(actor.tenant_id, actor.id, actor.session, outlives_expiry=True)
        self.guests.add(guest)
        return guest


def _own_page(browser: WebSocket) -> Caller:
    """Whoever asks, from a page of ours and with a telephone's voice."""
    caller = Caller.of(browser)
    caller.require_own_page()
    if PROTOCOL not in browser.scope["subprotocols"]:
        raise NoTelephone
    return caller


async def _known(caller: Caller) -> Actor:
    actor = await sign_in(caller)
    actor.require("voice.phone")
    return actor


async def _reach_asterisk() -> ClientConnection:
    return await connect(
        f"ws://127.0.0.1:{config().asterisk_http_port}/ws",
        subprotocols=[PROTOCOL],  # type: ignore[list-item]  # the library's own NewType of str
        max_size=LARGEST_FRAME,
        max_queue=8,
        open_timeout=OPEN_SECONDS,
        ping_interval=KEEPALIVE_SECONDS,
        ping_timeout=KEEPALIVE_SECONDS,
        compression=None,
        proxy=None,
    )


async def _refuse(browser: WebSocket, status: int, code: str) -> None:
    metrics.REFUSED.labels("sip", code).inc()
    await browser.send_denial_response(PlainTextResponse(code, status_code=status))


async def _converse(
    browser: WebSocket, asterisk: ClientConnection, staff: Guest | None, visit: Visit | None
) -> None:
    """Until one side is gone or the guest is ended; then the browser is told why."""
    guest = staff or (visit.guest if visit is not None else None)
    assert guest is not None
    ways = (_up(browser, asterisk, visit), _down(browser, asterisk), _over(guest))
    waiting = [asyncio.create_task(each) for each in ways]
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    code = next((task.result() for task in done if task.exception() is None), TRY_AGAIN)
    metrics.ENDED.labels("sip", str(guest.because or code)).inc()
    try:
        await browser.close(code)
    except (RuntimeError, WebSocketDisconnect):
        return  # it was the browser that left


async def _up(browser: WebSocket, asterisk: ClientConnection, visit: Visit | None) -> int:
    while True:
        message = await browser.receive()
        if message["type"] == "websocket.disconnect":
            return 1000
        text = message.get("text")
        frame = declined(text if text is not None else message["bytes"])
        try:
            if visit is not None:
                await visit.allow(frame)
            await asterisk.send(frame)
        except Overstepped:
            return OVERSTEPPED
        except ConnectionClosed:
            return TRY_AGAIN


async def _down(browser: WebSocket, asterisk: ClientConnection) -> int:
    try:
        async for frame in asterisk:
            if isinstance(frame, str):
                await browser.send_text(frame)
            else:
                await browser.send_bytes(frame)
    except WebSocketDisconnect:
        return 1000
    except ConnectionClosed:
        pass
    return TRY_AGAIN


async def _over(guest: Guest) -> int:
    await guest.over.wait()
    return CODES.get(guest.because or Because.LEFT, 1000)
