"""Both sides of many open chats in one process, for the bench of chat: each visitor's page with its connection to the live process, each
agent's with its feed. A line of JSON says where and who; an exchange is a visitor's word, told to the agent's page, answered, told to
the visitor's page and read there. A line of JSON tells how long each way took.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

HEARD = re.compile(rb'"author":"customer","message_id":"[0-9a-f-]{36}","conversation_id":"([0-9a-f-]{36})"')
LONGEST = 10.0
AT_ONCE = 25
CSRF = "a" * 32


class Told(asyncio.Protocol):
    """A connection on which we are told things: a feed, or a WebSocket whose frames from the server are not masked."""

    def __init__(self, request: bytes, heard: Any, first: bytes) -> None:
        self._request, self._heard, self._first = request, heard, first
        self._rest = b""
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            self._rest += data
            if self._first in self._rest:
                self.ready.set_result(None)
                self._rest = b""
            return
        if data[:1] == b"\x89":  # a WebSocket's ping, to be answered
            self.transport.write(b"\x8a\x80\0\0\0\0")
        # What is told may lie over two pieces; what has been heard once is not heard again.
        self._rest = self._heard(self._rest + data)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(self._rest[:200].decode(errors="replace")))


class Http:
    """A few connections that are kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, head: str, body: bytes = b"") -> dict[str, Any]:
        """The JSON of an answer. A connection that the server has let go meanwhile is opened anew. Raises RuntimeError for another status
        than 200."""
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        while True:
            kept = bool(self._idle)
            reader, writer = self._idle.pop() if kept else await asyncio.open_connection("127.0.0.1", self._port)  # fmt: skip
            try:
                writer.write(request)
                answer = await reader.readuntil(b"\r\n\r\n")
            except (ConnectionError, asyncio.IncompleteReadError):
                if not kept:
                    raise
                continue
            break
        found = re.search(rb"(?i)content-length: (\d+)", answer)
        content = await reader.readexactly(int(found[1]) if found else 0)
        self._idle.append((reader, writer))
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError((answer[:80] + content[:200]).decode(errors="replace"))
        return json.loads(content) if content else {}


@dataclass
class Chat:
    """One open chat. `place`: up to which its page shows."""

    talk: str
    token: str
    session: str
    place: int = 1
    at_agent: asyncio.Event = field(default_factory=asyncio.Event)
    at_visitor: asyncio.Event = field(default_factory=asyncio.Event)


class Room:
    """All chats and agents."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.chats = [Chat(*each) for each in plan["chats"]]
        self._by_talk = {chat.talk.encode(): chat for chat in self.chats}
        self._http = Http(plan["web_port"])
        self.there: list[float] = []
        self.back: list[float] = []
        self.failed = 0

    async def open(self) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        port, loop = self.plan["live_port"], asyncio.get_running_loop()

        async def connect(request: str, heard: Any, first: bytes) -> None:
            async with gate:
                _, told = await loop.create_connection(
                    lambda: Told(request.encode(), heard, first), "127.0.0.1", port
                )
                await told.ready

        agents = sorted({chat.session for chat in self.chats})
        await asyncio.gather(
            *(connect(self._feed(session), self._agent_heard, b"event: ping") for session in agents),
            *(connect(self._socket(chat), self._visitor_heard(chat), b"\r\n\r\n") for chat in self.chats),
        )

    async def exchanges(self, seconds: float, at_once: int, pause: float) -> float:
        """So many at once, each after a pause; how long it took."""
        idle = self.chats[:]
        random.Random(1).shuffle(idle)
        began = time.monotonic()
        end = began + seconds

        async def go_on() -> None:
            await asyncio.sleep(random.uniform(0, min(pause, seconds)))
            while time.monotonic() < end:
                chat = idle.pop()
                try:
                    await asyncio.wait_for(self._exchange(chat), LONGEST)
                except (TimeoutError, RuntimeError, OSError, asyncio.IncompleteReadError) as error:
                    self.failed += 1
                    if self.failed <= 3:
                        sys.stderr.write(f"  {type(error).__name__} {error}\n")
                idle.insert(0, chat)
                if pause:
                    await asyncio.sleep(min(random.expovariate(1 / pause), max(0.0, end - time.monotonic())))

        await asyncio.gather(*(go_on() for _each in range(at_once)))
        return time.monotonic() - began

    async def _exchange(self, chat: Chat) -> None:
        chat.at_agent.clear()
        chat.at_visitor.clear()
        began, answer = time.monotonic(), uuid4().hex
        saying = asyncio.create_task(self._http.ask(*self._say(chat)))
        await self._or_fails(chat.at_agent, saying)
        self.there.append(1000 * (time.monotonic() - began))
        said = await saying
        chat.place = max([chat.place, *(each["place"] for each in said.get("messages", []))])
        chat.at_visitor.clear()
        began = time.monotonic()
        replying = asyncio.create_task(self._http.ask(*self._reply(chat, answer)))
        if self.plan["bare"]:
            await self._or_fails(chat.at_visitor, replying)
        else:
            await self._reads(chat, answer, replying)
        self.back.append(1000 * (time.monotonic() - began))
        await replying

    @staticmethod
    async def _or_fails(event: asyncio.Event, asking: asyncio.Task[dict[str, Any]]) -> None:
        """Until it is told, or what it depends on has failed."""
        told = asyncio.create_task(event.wait())
        try:
            await asyncio.wait([told, asking], return_when=asyncio.FIRST_COMPLETED)
            if not told.done():
                await asking
                await told
        finally:
            told.cancel()

    async def _reads(self, chat: Chat, answer: str, asking: asyncio.Task[dict[str, Any]]) -> None:
        """The visitor's page asks each time it is told that there is news, until the answer is there."""
        while True:
            await self._or_fails(chat.at_visitor, asking)
            chat.at_visitor.clear()
            heard = await self._http.ask(
                self._head(f"GET /chat/{self.plan['line']}/heard?after={chat.place}", chat)
            )
            for each in heard["messages"]:
                chat.place = max(chat.place, each["place"])
            if any(each["text"] == answer for each in heard["messages"]):
                return

    def _agent_heard(self, text: bytes) -> bytes:
        """What is left of it."""
        end = 0
        for found in HEARD.finditer(text):
            end = found.end()
            if chat := self._by_talk.get(found[1]):
                chat.at_agent.set()
        return text[max(end, len(text) - 150) :]

    @staticmethod
    def _visitor_heard(chat: Chat) -> Any:
        def heard(text: bytes) -> bytes:
            if b"message.added" in text:
                chat.at_visitor.set()
            return text.rpartition(b"message.added")[2][-15:]

        return heard

    # ---- what the pages send ----

    def _host(self, port: str) -> str:
        web = f"http://{self.plan['host']}:{self.plan['web_port']}"
        return f"Host: {self.plan['host']}:{self.plan[port]}\r\nOrigin: {web}\r\n"

    def _feed(self, session: str) -> str:
        return f"GET /feed HTTP/1.1\r\n{self._host('live_port')}Cookie: staff={session}\r\n\r\n"

    def _socket(self, chat: Chat) -> str:
        key = b64encode(random.randbytes(16)).decode()
        return (
            f"GET /chat HTTP/1.1\r\n{self._host('live_port')}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: callcart-chat, {chat.token}\r\n\r\n"
        )

    def _head(self, what: str, chat: Chat) -> str:
        return f"{what} HTTP/1.1\r\n{self._host('web_port')}X-Chat-Token: {chat.token}\r\n"

    def _say(self, chat: Chat) -> tuple[str, bytes]:
        body = f"key={uuid4().hex}&text=word&after={chat.place}".encode()
        head = self._head(f"POST /chat/{self.plan['line']}/say", chat)
        return f"{head}X-Talk: {chat.talk}\r\nContent-Type: application/x-www-form-urlencoded\r\n", body

    def _reply(self, chat: Chat, text: str) -> tuple[str, bytes]:
        body = {"message_id": str(uuid4()), "text": text, "then": "", "anyway": True, "serial": 1}
        head = (
            f"POST /desk/c/{chat.talk}/reply HTTP/1.1\r\n{self._host('web_port')}Cookie: staff={chat.session}; csrf={CSRF}\r\n"
            f"X-CSRFToken: {CSRF}\r\nX-Talk: {chat.talk}\r\nContent-Type: application/json\r\n"
        )
        return head, json.dumps(body).encode()


async def main() -> None:
    loop = asyncio.get_running_loop()
    room = Room(json.loads(await loop.run_in_executor(None, sys.stdin.readline)))
    await room.open()
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        run = json.loads(line)
        room.there, room.back, room.failed = [], [], 0
        took = await room.exchanges(run["seconds"], run["at_once"], run["pause"])
        told = {"there": room.there, "back": room.back, "failed": room.failed, "took": took}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
