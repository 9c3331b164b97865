"""Listeners for the bench of the live feed: many connections in one process, each keeping what it heard and when.

Started as `python -m bench._feed_clients`; a line of JSON says where to connect, a line `stop` ends it, and a line of
JSON tells for each event (by the number in `"n"`) how many heard it and when (seconds of the machine's monotonic clock).
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from bisect import bisect_left

AT_ONCE = 20
NUMBER = re.compile(rb'"n":(\d+)')


class Listener(asyncio.Protocol):
    def __init__(self, request: bytes, first: bytes) -> None:
        self.request = request
        self.first = first
        self.pieces: list[bytes] = []
        self.times: list[float] = []
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.times.append(time.monotonic())
        self.pieces.append(data)
        if not self.ready.done() and self.first in b"".join(self.pieces):
            self.ready.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(b"".join(self.pieces)[:200].decode()))

    def heard(self) -> list[tuple[int, float]]:
        """(number, time at which its last byte was here), in order."""
        ends, total = [], 0
        for piece in self.pieces:
            total += len(piece)
            ends.append(total)
        stream = b"".join(self.pieces)
        return [
            (int(found[1]), self.times[bisect_left(ends, stream.index(b"\n\n", found.end()) + 2)])
            for found in NUMBER.finditer(stream)
        ]


async def main() -> None:
    plan = json.loads(sys.stdin.readline())
    loop = asyncio.get_running_loop()
    gate = asyncio.Semaphore(AT_ONCE)

    async def connect(request: str) -> Listener:
        async with gate:
            _, listener = await loop.create_connection(
                lambda: Listener(request.encode(), plan["first"].encode()), "127.0.0.1", plan["port"]
            )
            await listener.ready
            return listener

    listeners = await asyncio.gather(*(connect(request) for request in plan["requests"]))
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    heard: dict[int, list[float]] = {}
    for listener in listeners:
        for number, moment in listener.heard():
            heard.setdefault(number, []).append(moment)
        listener.transport.abort()
    print(json.dumps({str(number): times for number, times in heard.items()}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
