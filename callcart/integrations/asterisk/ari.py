"""The wire to Asterisk's REST interface: requests over a small pool, events over one WebSocket.

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

POOL = 16
# Asterisk closes an idle connection after 15 s; ours must give it up before.
KEEP = 10.0
PATIENCE = aiohttp.ClientTimeout(total=10, connect=5)
CONNECT_PATIENCE = 5.0  # a stopped Asterisk takes connections and says nothing
HEARTBEAT = 5.0
BIGGEST_EVENT = 1 << 20


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
            return await self._once(method, path, body, query)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
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
            async with asyncio.timeout(CONNECT_PATIENCE):
                socket = await self._open().ws_connect(
                    f"ws://{self._place.host}:{self._place.port}/ari/events",
                    params={"app": self.application, "subscribeAll": "false"},
                    heartbeat=HEARTBEAT,
                    max_msg_size=BIGGEST_EVENT,
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnreachable from error
        async with socket:
            yield _messages(socket)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _once(self, method: str, path: str, body: object, query: dict[str, str]) -> Any:
        url = f"http://{self._place.host}:{self._place.port}/ari/{path}"
        async with self._open().request(method, url, params=query, json=body, timeout=PATIENCE) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise Rejected(answer.status, _message(text))
            return json.loads(text) if text else None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": aiohttp.encode_basic_auth(self._place.user, self._place.password)},
                connector=aiohttp.TCPConnector(limit=POOL + 1, keepalive_timeout=KEEP),
                trust_env=False,
            )
        return self._session


async def _messages(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[dict[str, Any]]:
    async for message in socket:
        if message.type is aiohttp.WSMsgType.TEXT:
            # A customer's display name may come in bytes that are no UTF-8; Asterisk cleans most of them.
            found = json.loads(message.data)
            if isinstance(found, dict):
                yield found


def _message(text: str) -> str:
    try:
        return str(json.loads(text).get("message", ""))
    except (ValueError, AttributeError):
        return text[:200]
