"""The floor of the bench of chat: an asyncio server that writes each word into the same database, a row and a commit, and tells the one
connection it is for. No sessions, no permissions, no conversation, no queue.
"""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from uuid import uuid4

import psycopg
from psycopg_pool import AsyncConnectionPool

from callcart.core.dsn import connection_parameters

ROW = "INSERT INTO bench_word (talk, text) VALUES (%s, %s)"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: ping\ndata: {}\n\n"


class Server:
    """Streams by what asked for them: agents hear every visitor, a visitor hears of his own talk."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool
        self._agents: list[asyncio.StreamWriter] = []
        self._visitors: dict[str, asyncio.StreamWriter] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = re.search(r"Content-Length: (\d+)", head)
                body = await reader.readexactly(int(size[1]) if size else 0)
                if head.startswith("GET /feed"):
                    self._agents.append(writer)
                    writer.write(STREAM)
                elif head.startswith("GET /chat"):
                    token = head.partition("callcart-chat, ")[2].partition("\r")[0]
                    self._visitors[token] = writer
                    writer.write(STREAM)
                else:
                    await self._word(head, body)
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async def _word(self, head: str, body: bytes) -> None:
        talk = head.partition("X-Talk: ")[2].partition("\r")[0]
        async with self._pool.connection() as connection:
            await connection.execute(ROW, (talk, body.decode()))
        if head.startswith("POST /chat"):
            told = f'data: {{"author":"customer","message_id":"{uuid4()}","conversation_id":"{talk}"}}\n\n'
            for agent in self._agents:
                agent.write(told.encode())
        else:  # a visitor's token is his talk's id here
            self._visitors[talk].write(b"message.added\n\n")


async def main() -> None:
    with psycopg.connect(**connection_parameters("owner"), autocommit=True) as owner:  # type: ignore[arg-type]
        owner.execute("CREATE TABLE bench_word (talk text, text text)")
    async with AsyncConnectionPool(
        kwargs={**connection_parameters("owner"), "autocommit": True}, min_size=8, max_size=8, open=False
    ) as pool:
        server = await asyncio.start_server(Server(pool).serve, "127.0.0.1", 0, backlog=4096)
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
