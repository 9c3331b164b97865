"""The telephones' way: who may use it, that frames pass unchanged both ways, and when it ends."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Iterator

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from callcart.config import config
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.core.tokens import digest
from callcart.people.staff.models import Session
from callcart.people.staff.public import log_out, revoke_session
from callcart.web.live import relay
from tests.environment import free_ports
from tests.web.live.page import origin
from tests.web.live.test_sessions import expire

REGISTER = "REGISTER sip:callcart SIP/2.0\r\nCall-ID: 1\r\n\r\n"


class FakeAsterisk:
    """Answers each frame with itself, in upper case; `drop` closes every connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[object] = []
        self.protocols: list[object] = []
        self.connections: list[ServerConnection] = []
        self.up = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self.thread.start()
        assert self.up.wait(20)

    async def _run(self) -> None:
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        async with serve(self._talk, "127.0.0.1", self.port, subprotocols=["sip"], max_size=1 << 20):
            self.up.set()
            await self.stopping.wait()

    async def _talk(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        self.protocols.append(connection.subprotocol)
        async for frame in connection:
            self.seen.append(frame)
            await connection.send(frame.upper())

    def say(self, frame: str) -> None:
        asyncio.run_coroutine_threadsafe(self.connections[-1].send(frame), self.loop).result(20)

    def drop(self) -> None:
        for connection in self.connections:
            asyncio.run_coroutine_threadsafe(connection.close(), self.loop).result(20)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(20)


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Where the relay looks for Asterisk: a port of the test's own, for the run's real one may be up."""
    (free,) = free_ports(1)
    monkeypatch.setattr(relay, "config", lambda: config().model_copy(update={"asterisk_http_port": free}))
    return free


@pytest.fixture
def asterisk(port: int) -> Iterator[FakeAsterisk]:
    found = FakeAsterisk(port)
    yield found
    found.stop()


def ring_up(server, session, *, page="own", protocols=("sip",), host="harbor.localhost") -> ClientConnection:
    return connect(
        f"ws://{host}:{server.port}/sip",
        sock=socket.create_connection(("127.0.0.1", server.port)),
        additional_headers={"Cookie": f"staff={session}"},
        origin=origin(host) if page == "own" else page,
        subprotocols=list(protocols) or None,
        proxy=None,
        open_timeout=30,
        max_size=1 << 20,
        compression=None,
        legacy=True,
    )


def end_of(telephone) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            telephone.recv(timeout=30)
    return closed.value.rcvd.code if closed.value.rcvd else 1006


def refusal(server, session, **options) -> int:
    with pytest.raises(InvalidStatus) as refused:
        ring_up(server, session, **options)
    return refused.value.response.status_code


def test_frames_pass_unchanged_both_ways(harbor, server, asterisk):
    telephone = ring_up(server, harbor.session(harbor.person("amy")))
    assert telephone.subprotocol == "sip" and asterisk.protocols == ["sip"]
    telephone.send(REGISTER)
    assert telephone.recv(timeout=20) == REGISTER.upper()
    telephone.send(b"\r\n\r\n")
    assert telephone.recv(timeout=20) == b"\r\n\r\n"
    asterisk.say("INVITE sip:amy SIP/2.0 é")
    assert telephone.recv(timeout=20) == "INVITE sip:amy SIP/2.0 é"
    assert asterisk.seen == [REGISTER, b"\r\n\r\n"]
    telephone.close()


MOVED = "{} 302 Moved Temporarily\r\nCSeq: 1 INVITE\r\nContact: <sip:PJSIP/+19005550100%40carrier@x>\r\n\r\n"


@pytest.mark.parametrize(
    "frame",
    [
        MOVED.format("SIP/2.0"),
        "\r\n\r\n" + MOVED.format("sip/2.0"),
        MOVED.format("SIP/2.0").replace("302", " 300"),
        REGISTER + "\r\n\r\n" + MOVED.format("SIP/2.0"),  # behind another message
        MOVED.format("SIP/2.0").encode(),
    ],
)
def test_a_page_sends_no_call_elsewhere(harbor, server, asterisk, frame):
    """The exchange would ring any number that the answer names."""
    telephone = ring_up(server, harbor.session(harbor.person("amy")))
    telephone.send(frame)
    telephone.recv(timeout=20)
    (seen,) = asterisk.seen
    text = seen if isinstance(seen, str) else seen.decode()
    assert re.search(r"(?i)sip/2\.0\s+3\d\d", text) is None
    assert "603 Decline\r\nCSeq: 1 INVITE" in text
    telephone.close()


def test_who_may_not_is_refused_and_asterisk_hears_nothing(harbor, qinghe, server, asterisk):
    amy = harbor.session(harbor.person("amy"))
    clerk = harbor.session(harbor.person("cleo", ("desk.use", "routing.work")))
    assert refusal(server, "nobody") == 401
    assert refusal(server, clerk) == 403
    assert refusal(server, amy, page=None) == 403
    assert refusal(server, amy, page="https://evil.example") == 403
    assert refusal(server, amy, host="qinghe.localhost") == 401
    assert refusal(server, amy, protocols=()) == 400
    assert refusal(server, amy, protocols=("chat",)) == 400
    assert asterisk.connections == []
    assert server.live.guests.everybody() == []


def test_without_asterisk_the_telephone_is_told_to_try_again(harbor, server):
    assert refusal(server, harbor.session(harbor.person("amy"))) == 503


def test_asterisk_going_away_ends_the_connection_to_be_tried_again(harbor, server, asterisk):
    telephone = ring_up(server, harbor.session(harbor.person("amy")))
    telephone.send(REGISTER)
    telephone.recv(timeout=20)
    asterisk.drop()
    assert end_of(telephone) == 1013


@pytest.mark.parametrize("frame", ["x" * (relay.LARGEST_FRAME + 1), b"x" * (relay.LARGEST_FRAME + 1)])
def test_a_frame_too_large_ends_the_connection(harbor, server, asterisk, frame):
    telephone = ring_up(server, harbor.session(harbor.person("amy")))
    telephone.send(frame)
    assert end_of(telephone) == 1009
    assert asterisk.seen == []


def test_the_largest_frame_passes(harbor, server, asterisk):
    telephone = ring_up(server, harbor.session(harbor.person("amy")))
    telephone.send("x" * relay.LARGEST_FRAME)
    assert telephone.recv(timeout=20) == "X" * relay.LARGEST_FRAME
    telephone.close()


def test_a_flood_passes_whole_and_in_order(harbor, server, asterisk):
    """Far more than all buffers hold: each side waits for the other."""
    telephone = ring_up(server, harbor.session(harbor.person("amy")))
    frames = [f"{n:06}".ljust(60_000, "x") for n in range(300)]

    def send() -> None:
        for frame in frames:
            telephone.send(frame)

    sender = threading.Thread(target=send)
    sender.start()
    heard = [telephone.recv(timeout=60)[:6] for _frame in frames]
    sender.join(20)
    assert heard == [frame[:6] for frame in frames]
    telephone.close()


def test_revoking_the_session_ends_the_telephone(harbor, server, asterisk):
    session = harbor.session(harbor.person("amy"))
    telephone = ring_up(server, session)
    with tenant_transaction(harbor.tenant_id):
        revoke_session(Actor.system(harbor.tenant_id), Session.objects.get(token_hash=digest(session)).id)
    assert end_of(telephone) == 4401


def test_signing_out_ends_the_telephone(harbor, server, asterisk):
    session = harbor.session(harbor.person("amy"))
    telephone = ring_up(server, session)
    with tenant_transaction(harbor.tenant_id):
        log_out(session)
    assert end_of(telephone) == 4401


def test_an_expired_session_leaves_the_open_telephone_and_opens_no_other(harbor, server, asterisk, open_page):
    session = harbor.session(harbor.person("amy"))
    telephone = ring_up(server, session)
    page = open_page(harbor, session)
    expire(harbor, session)
    harbor.emit("role.changed")
    page.ends()  # the look has been had
    telephone.send(REGISTER)
    assert telephone.recv(timeout=20) == REGISTER.upper()
    assert refusal(server, session) == 401
    telephone.close()


def test_a_session_opens_only_so_many_telephones(harbor, server, asterisk, monkeypatch):
    monkeypatch.setattr(relay, "MOST_PER_SESSION", 2)
    session = harbor.session(harbor.person("amy"))
    telephones = [ring_up(server, session) for _each in range(2)]
    assert refusal(server, session) == 429
    for telephone in telephones:
        telephone.close()


def test_stopping_tells_the_telephone(harbor, server, asterisk):
    telephone = ring_up(server, harbor.session(harbor.person("amy")))
    server.stop()
    assert end_of(telephone) == 1012
