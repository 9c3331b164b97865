"""The other side of a call, in memory's reach: says what a test tells it to, and keeps what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from callcart.demo.caller import sdp, sip


class Peer(asyncio.DatagramProtocol):
    """A telephone server for one call. `deaf`: takes messages and says nothing."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.deaf = deaf
        self.told: list[sip.Message] = []
        self.media = 40_000
        self.port = 0
        self._news: asyncio.Queue[sip.Message] = asyncio.Queue()
        self._caller: tuple[str, int] = ("", 0)
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._caller = addr
        message = sip.parse(data)
        self.told.append(message)
        if not self.deaf:
            self._news.put_nowait(message)

    async def next(self, kind: str) -> sip.Message:
        """The next request of a method, or response by its status."""
        async with asyncio.timeout(20):
            while True:
                message = await self._news.get()
                if kind in {message.method, str(message.status)}:
                    return message

    def say(self, message: sip.Message) -> None:
        assert self._transport is not None
        self._transport.sendto(message.to_bytes(), self._caller)

    def answer(self, request: sip.Message, status: int, *, body: str = "") -> sip.Message:
        """Say a response; given back to be said again."""
        message = sip.reply(request, status, "Said", tag="theirs")
        message.headers.append(("contact", f"<sip:peer@127.0.0.1:{self.port}>"))
        message.body = body
        self.say(message)
        return message

    def sound(self, direction: str = "sendrecv") -> str:
        return sdp.describe("127.0.0.1", self.media, direction=direction)

    def ask(self, invite: sip.Message, method: str, *, number: int = 1, body: str = "") -> sip.Message:
        """Say a request of our own within the call of an INVITE."""
        message = sip.Message(method=method, uri=sip.uri_of(invite.get("contact")), body=body)
        message.headers = [
            ("via", f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bKpeer{number}"),
            ("from", f"{invite.get('to')};tag=theirs"),
            ("to", invite.get("from")),
            ("call-id", invite.get("call-id")),
            ("cseq", f"{number} {method}"),
        ]
        self.say(message)
        return message

    async def silence(self, method: str, *, seconds: float) -> bool:
        """Whether no request of a method comes for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self.next(method)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def peer(*, deaf: bool = False) -> AsyncIterator[Peer]:
    made = Peer(deaf=deaf)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: made, local_addr=("127.0.0.1", 0)
    )
    try:
        yield made
    finally:
        transport.close()
