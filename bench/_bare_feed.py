"""The floor of the live feed's bench: an asyncio server that writes each line of its standard input to every socket, as an
HTTP chunk of an event stream. No database, no sessions, no queues.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from contextlib import suppress

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(text: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(text), text)


async def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    writers: list[asyncio.StreamWriter] = []

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + chunk(b"event: ping\ndata: {}\n\n"))
        writers.append(writer)
        with suppress(ConnectionError):  # listeners leave without a word
            await reader.read()

    server = await asyncio.start_server(welcome, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        message = chunk(line.rstrip(b"\n").replace(b"\\n", b"\n"))
        for writer in writers:
            writer.write(message)


if __name__ == "__main__":
    asyncio.run(main())
