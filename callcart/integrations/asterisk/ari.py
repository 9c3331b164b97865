"""The wire to Asterisk's REST interface: events over a WebSocket, while they come our commands over others (`commands.py`), all
else over a small pool of HTTP connections.

Knows nothing of calls. Asterisk's listening queue is ten long, so the pool is bounded and its connections are kept. Every
id is chosen by us: a request whose answer got lost is sent once more, and "exists already" then means done.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from callcart.contact.voice.engine import EngineUnreachable
from callcart.integrations.asterisk.commands import ANSWER_PATIENCE, LINES, CommandLines

POOL = 16
# Asterisk closes an idle connection after 15 s; ours must give it up before.
KEEP = 10.0
PATIENCE = aiohttp.ClientTimeout(total=ANSWER_PATIENCE, connect=5)
CONNECT_PATIENCE = 5.0  # a stopped Asterisk takes connections and says nothing
HEARTBEAT = 5.0
FAREWELL = aiohttp.ClientWSTimeout(ws_close=1.0)  # a stopped Asterisk says no good-bye either
BIGGEST_EVENT = 1 << 20
LOST = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientConnectionResetError)
COMMANDS = ("POST", "DELETE")  # short questions and answers; what may be long goes by HTTP


class Rejected(Exception):
    """Asterisk answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message


@dataclass(frozen=True, slots=True)
class Place:
    """Where ARI is, and our account there."""

    port: int
    password: str
    host: str = "127.0.0.1"
    user: str = "callcart"


class Ari:
    """Requests and events of one ARI application. Use from one event loop; `close()` at the end."""

    def __init__(self, place: Place, application: str) -> None:
        self.application = application
        self._place = place
        self._session: aiohttp.ClientSession | None = None
        self._commands = CommandLines(self._connect)

    async def get(self, path: str, **query: str) -> Any:
        return await self.send("GET", path, None, **query)

    async def post(self, path: str, body: object = None, **query: str) -> Any:
        return await self.send("POST", path, body, **query)

    async def put(self, path: str, body: object) -> Any:
        return await self.send("PUT", path, body)

    async def delete(self, path: str, **query: str) -> Any:
        return await self.send("DELETE", path, None, **query)

    async def send(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """The answer as plain values. Raises Rejected, EngineUnreachable."""
        try:
            if method in COMMANDS and self._commands.are_open:
                reply = await self._commands.send(method, path, body, query)
                return _read(reply.status, reply.text)
            return await self._once(method, path, body, query)
        except LOST:
            pass  # a kept connection was closed under our request: whether it was heard is not known
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnreachable from error
        try:
            return await self._once(method, path, body, query)
        except Rejected as error:
            if error.status == 409 and method == "POST":
                return None  # the first one was heard
            raise
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnreachable from error

    @asynccontextmanager
    async def events(self) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Enter the application and read what happens until the connection ends. Raises EngineUnreachable on entering."""
        try:
            try:
                async with asyncio.timeout(CONNECT_PATIENCE):
                    await self._commands.open(self.application)
                    socket = await self._connect(self.application)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise EngineUnreachable from error
            async with socket:
                yield _read_events(socket)
        finally:
            await self._commands.close()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _connect(self, application: str) -> aiohttp.ClientWebSocketResponse:
        return await self._open().ws_connect(
            f"ws://{self._place.host}:{self._place.port}/ari/events",
            params={"app": application, "subscribeAll": "false"},
            heartbeat=HEARTBEAT,
            max_msg_size=BIGGEST_EVENT,
            timeout=FAREWELL,
        )

    async def _once(self, method: str, path: str, body: object, query: dict[str, str]) -> Any:
        url = f"http://{self._place.host}:{self._place.port}/ari/{path}"
        async with self._open().request(method, url, params=query, json=body, timeout=PATIENCE) as answer:
            return _read(answer.status, await answer.text())

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": aiohttp.encode_basic_auth(self._place.user, self._place.password)},
                connector=aiohttp.TCPConnector(limit=POOL + 1 + LINES, keepalive_timeout=KEEP),
                trust_env=False,
            )
        return self._session


async def _read_events(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[dict[str, Any]]:
    async for message in socket:
        if message.type is aiohttp.WSMsgType.TEXT:
            # A customer's display name may come in bytes that are no UTF-8; Asterisk cleans most of them.
            found = json.loads(message.data)
            if isinstance(found, dict):
                yield found


def _read(status: int, text: str) -> Any:
    """The body of an answer. Raises Rejected."""
    if status >= 400:
        raise Rejected(status, _message(text))
    return json.loads(text) if text else None


def _message(text: str) -> str:
    try:
        return str(json.loads(text).get("message", ""))
    except (ValueError, AttributeError):
        return text[:200]


def nobody_listens(error: Exception) -> bool:
    """Whether the port is shut: there is no Asterisk. A hung one, or one too busy, leaves it open."""
    cause = error.__cause__
    return isinstance(cause, aiohttp.ClientConnectorError) and isinstance(
        cause.os_error, ConnectionRefusedError
    )
