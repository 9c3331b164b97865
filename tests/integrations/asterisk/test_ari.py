"""The wire to ARI against a server of the test's own: while events come, commands go by connections of their own; and what
becomes of one in flight when its connection ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import WSMsgType, web

from callcart.contact.voice.engine import EngineUnreachable
from callcart.integrations.asterisk import commands
from callcart.integrations.asterisk.ari import Ari, Place, Rejected
from callcart.integrations.asterisk.commands import LINES

ANSWER = ("POST", "channels/c1/answer")


class Server:
    """`heard`: commands by WebSocket, with the application it is of; `asked`: those by HTTP. `status`: what it answers the
    former; None: it closes the connection instead. `http`: what it answers the latter. Until `free` it answers none."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.is_old = False  # knows no commands by WebSocket
        self.by: list[str] = []
        self.free = asyncio.Event()
        self.free.set()
        self.sockets: dict[str, web.WebSocketResponse] = {}
        self.asked: list[tuple[str, str]] = []
        self.status: int | None = 204
        self.http = 204

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        application = request.query["app"]
        self.sockets[application] = socket
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            wanted = json.loads(message.data)
            if self.is_old:
                continue
            if wanted["uri"] == "asterisk/ping":
                pong = {"type": "RESTResponse", "request_id": wanted["request_id"], "status_code": 200}
                await socket.send_json({**pong, "message_body": '{"ping": "pong"}'})
                continue
            self.heard.append((wanted["method"], wanted["uri"]))
            self.by.append(application)
            await self.free.wait()
            if self.status is None:
                await socket.close()
                break
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
    runner = web.AppRunner(application, shutdown_timeout=0.1)  # a test leaves requests unanswered
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


async def test_while_events_come_they_go_by_connections_of_their_own(server: Server, ari: Ari) -> None:
    async with ari.events() as messages:
        await asyncio.gather(*(ari.send(*ANSWER) for _each in range(5)))
        assert (server.heard, server.asked) == ([ANSWER] * 5, [])
        assert "callcart" not in server.by
        await server.sockets["callcart"].send_json({"type": "ChannelDestroyed"})
        assert await anext(messages) == {"type": "ChannelDestroyed"}
    await ari.send(*ANSWER)
    assert server.asked == [ANSWER]


async def test_none_waits_behind_another_while_a_connection_is_free(server: Server, ari: Ari) -> None:
    server.free.clear()
    async with ari.events():
        sent = [asyncio.create_task(ari.send(*ANSWER)) for _each in range(LINES)]
        while len(server.by) < LINES:
            await asyncio.sleep(0)
        assert len(set(server.by)) == LINES
        server.free.set()
        await asyncio.gather(*sent)
        for _each in range(3):
            await ari.send(*ANSWER)
    assert len(set(server.by[LINES:])) == 1  # the others stay for those who come meanwhile


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
    async with ari.events():
        await ari.send(*ANSWER)
        assert (server.heard, server.asked) == ([ANSWER], [ANSWER])


async def test_without_any_connection_left_they_go_by_http(server: Server, ari: Ari) -> None:
    async with ari.events():
        for application, socket in server.sockets.items():
            if application != "callcart":
                await socket.close()
        while ari._commands.are_open:
            await asyncio.sleep(0)
        await ari.send(*ANSWER)
    assert (server.heard, server.asked) == ([], [ANSWER])


async def test_an_old_asterisk_gets_them_by_http(
    server: Server, ari: Ari, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "PROBE_PATIENCE", 0.01)
    server.is_old = True
    async with ari.events():
        await ari.send(*ANSWER)
    assert (server.heard, server.asked) == ([], [ANSWER])


async def test_the_end_of_events_ends_a_command_in_flight(server: Server, ari: Ari) -> None:
    server.free.clear()
    async with ari.events():
        command = asyncio.create_task(ari.send(*ANSWER))
        while not server.heard:
            await asyncio.sleep(0)
    await command
    assert server.asked == [ANSWER]  # whether the first was heard is not known


async def test_nobody_there() -> None:
    lost = Ari(Place(1, "secret"), "callcart")
    with pytest.raises(EngineUnreachable):
        await lost.send(*ANSWER)
    await lost.close()
