"""The wire to ARI against a server of the test's own: commands go by the events' connection, and what becomes of one in
flight when that connection ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import WSMsgType, web

from callcart.contact.voice.engine import EngineUnreachable
from callcart.integrations.asterisk.ari import Ari, Place, Rejected

ANSWER = ("POST", "channels/c1/answer")


class Server:
    """`heard`: commands by the events' connection; `asked`: those by HTTP. `status`: what it answers the former; None: it
    closes the connection instead. `http`: what it answers the latter."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.asked: list[tuple[str, str]] = []
        self.status: int | None = 204
        self.http = 204

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            wanted = json.loads(message.data)
            self.heard.append((wanted["method"], wanted["uri"]))
            if self.status is None:
                await socket.close()
                break
            await socket.send_json({"type": "ChannelCreated", "channel": {"id": "c1"}})
            answer = {"type": "RESTResponse", "request_id": wanted["request_id"], "status_code": self.status}
            await socket.send_json({**answer, "message_body": json.dumps({"message": "said so"})})
        return socket

    async def http_command(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path.removeprefix("/ari/")))
        return web.Response(status=self.http, text="" if self.http == 204 else '{"message": "said so"}')


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def ari(server: Server) -> AsyncIterator[Ari]:
    application = web.Application()
    application.router.add_get("/ari/events", server.events)
    application.router.add_route("*", "/ari/{path:.*}", server.http_command)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    made = Ari(Place(port, "secret"), "callcart")
    yield made
    await made.close()
    await runner.cleanup()


async def test_commands_go_by_http_until_events_come(server: Server, ari: Ari) -> None:
    await ari.send(*ANSWER)
    assert (server.heard, server.asked) == ([], [ANSWER])


async def test_with_events_they_go_by_their_connection(server: Server, ari: Ari) -> None:
    async with ari.events() as messages:
        await asyncio.gather(*(ari.send(*ANSWER) for _each in range(5)))
        assert (server.heard, server.asked) == ([ANSWER] * 5, [])
        assert [(await anext(messages))["type"] for _each in range(5)] == ["ChannelCreated"] * 5
    await ari.send(*ANSWER)
    assert server.asked == [ANSWER]


async def test_a_refusal_comes_back_by_it(server: Server, ari: Ari) -> None:
    server.status = 404
    async with ari.events():
        with pytest.raises(Rejected) as refused:
            await ari.send(*ANSWER)
    assert (refused.value.status, refused.value.message) == (404, "said so")


@pytest.mark.parametrize("status", [204, 409])
async def test_one_in_flight_when_it_ends_is_sent_again(server: Server, ari: Ari, status: int) -> None:
    """409: the first one had been heard."""
    server.status, server.http = None, status
    async with ari.events() as messages:
        await ari.send(*ANSWER)
        assert (server.heard, server.asked) == ([ANSWER], [ANSWER])
        assert [each async for each in messages] == []
        server.http = 204
        await ari.send(*ANSWER)
    assert (server.heard, server.asked) == ([ANSWER], [ANSWER, ANSWER])


async def test_nobody_there() -> None:
    lost = Ari(Place(1, "secret"), "callcart")
    with pytest.raises(EngineUnreachable):
        await lost.send(*ANSWER)
    await lost.close()
