"""The wire to Asterisk's REST interface: events, and while they come our commands too, over one WebSocket; all else over a
small pool of HTTP connections.

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
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._serial = 0

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
            if method in COMMANDS and self._socket is not None:
                return await self._by_socket(method, path, body, query)
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
            messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
            reading = asyncio.create_task(self._read(socket, messages), name="ari-events")
            self._socket = socket
            try:
                yield _until_end(messages)
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _read(
        self, socket: aiohttp.ClientWebSocketResponse, messages: asyncio.Queue[dict[str, Any] | None]
    ) -> None:
        """Answers to those who asked, events to the one reader; at the end, None to him."""
        try:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    continue
                # A customer's display name may come in bytes that are no UTF-8; Asterisk cleans most of them.
                found = json.loads(message.data)
                if not isinstance(found, dict):
                    continue
                if found.get("type") == "RESTResponse":
                    asked = self._answers.pop(str(found.get("request_id")), None)
                    if asked is not None and not asked.done():
                        asked.set_result(found)
                else:
                    messages.put_nowait(found)
        finally:
            self._socket = None
            self._forget_answers()
            messages.put_nowait(None)

    def _forget_answers(self) -> None:
        """The connection has ended: whether these were heard is not known."""
        for asked in self._answers.values():
            if not asked.done():
                asked.set_exception(aiohttp.ServerDisconnectedError())
        self._answers.clear()

    async def _by_socket(self, method: str, path: str, body: object, query: dict[str, str]) -> Any:
        """A command by the events' connection: a fraction of what a request of its own costs both sides."""
        assert self._socket is not None
        self._serial += 1
        name = str(self._serial)
        request: dict[str, Any] = {"type": "RESTRequest", "request_id": name, "method": method, "uri": path}
        if query:
            request["query_strings"] = [{"name": key, "value": value} for key, value in query.items()]
        if body is not None:
            request["content_type"], request["message_body"] = "application/json", json.dumps(body)
        asked = self._answers[name] = asyncio.get_running_loop().create_future()
        try:
            await self._socket.send_str(json.dumps(request))
            async with asyncio.timeout(PATIENCE.total):
                answer = await asked
        finally:
            self._answers.pop(name, None)
        if answer["status_code"] >= 400:
            raise Rejected(answer["status_code"], _message(answer.get("message_body", "")))
        text = answer.get("message_body")
        return json.loads(text) if text else None

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


async def _until_end(messages: asyncio.Queue[dict[str, Any] | None]) -> AsyncIterator[dict[str, Any]]:
    while (found := await messages.get()) is not None:
        yield found


def _message(text: str) -> str:
    try:
        return str(json.loads(text).get("message", ""))
    except (ValueError, AttributeError):
        return text[:200]
