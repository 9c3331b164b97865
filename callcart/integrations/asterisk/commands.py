"""Commands to Asterisk by WebSockets of their own (REST over WebSocket): a fraction of what a request by HTTP costs both
sides.

What comes by one connection Asterisk does one after the other, and waits for the thread of the channel concerned each time.
So there are several, and a command takes the one with the fewest before it. Nothing is promised about the order of two
commands, unless the second is sent when the first has been answered.

Asterisk takes commands so from 20.14 and 22.4 on; an older one says nothing to them, and all goes by HTTP.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

log = logging.getLogger(__name__)

LINES = 6
ANSWER_PATIENCE = 10.0
PROBE_PATIENCE = 2.0

Connect = Callable[[str], Awaitable[aiohttp.ClientWebSocketResponse]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What Asterisk answered: an HTTP status, and a body."""

    status: int
    text: str


class CommandLines:
    """Open from `open` to `close`. Use from one event loop."""

    def __init__(self, connect: Connect) -> None:
        """`connect` makes a connection of an application of this name."""
        self._connect = connect
        self._lines: list[_Line] = []

    async def open(self, application: str) -> None:
        """None is open with an Asterisk that takes no commands so. Raises what `connect` raises; `close` has to follow then
        too."""
        for number in range(LINES):
            self._lines.append(_Line(await self._connect(f"{application}-commands-{number}")))
            if number == 0 and not await self._answers():
                log.warning("this Asterisk takes no commands by WebSocket: they go by HTTP")
                await self.close()
                return

    async def close(self) -> None:
        """Commands in flight end with ServerDisconnectedError."""
        lines, self._lines = self._lines, []
        await asyncio.gather(*(line.close() for line in lines))

    @property
    def are_open(self) -> bool:
        return any(line.is_open for line in self._lines)

    async def send(self, method: str, path: str, body: object, query: dict[str, str]) -> Reply:
        """Raises TimeoutError, and aiohttp's ServerDisconnectedError where the connection ended before the answer: whether
        the command was heard is not known then."""
        line = min((line for line in self._lines if line.is_open), key=lambda line: line.load)
        return await line.send(method, path, body, query)

    async def _answers(self) -> bool:
        """Whether the first line is answered at all."""
        try:
            async with asyncio.timeout(PROBE_PATIENCE):
                await self.send("GET", "asterisk/ping", None, {})
        except (TimeoutError, aiohttp.ServerDisconnectedError):
            return False
        return True


class _Line:
    """One connection."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[str, asyncio.Future[Reply]] = {}
        self._serial = 0
        self.is_open = True
        self._reading = asyncio.create_task(self._read(), name="ari-commands")

    @property
    def load(self) -> int:
        """Commands not answered yet."""
        return len(self._answers)

    async def send(self, method: str, path: str, body: object, query: dict[str, str]) -> Reply:
        self._serial += 1
        name = str(self._serial)
        request: dict[str, Any] = {"type": "RESTRequest", "request_id": name, "method": method, "uri": path}
        if query:
            request["query_strings"] = [{"name": key, "value": value} for key, value in query.items()]
        if body is not None:
            request["content_type"], request["message_body"] = "application/json", json.dumps(body)
        asked: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answers[name] = asked
        try:
            await self._socket.send_str(json.dumps(request))
            async with asyncio.timeout(ANSWER_PATIENCE):
                return await asked
        finally:
            self._answers.pop(name, None)

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self._socket.close()

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    self._hear(json.loads(message.data))
        finally:
            self.is_open = False
            for asked in self._answers.values():
                if not asked.done():
                    asked.set_exception(aiohttp.ServerDisconnectedError())

    def _hear(self, message: dict[str, Any]) -> None:
        """Answers only: an application that subscribes to nothing has no events worth a look."""
        if message.get("type") != "RESTResponse":
            return
        asked = self._answers.get(str(message.get("request_id")))
        if asked is not None and not asked.done():
            asked.set_result(Reply(int(message["status_code"]), message.get("message_body") or ""))
