"""Lines that go in circles or name another place: a carrier that transfers (REFER) or redirects (302) for ever gets nowhere."""

from __future__ import annotations

import asyncio
import re
import socket
import threading

import pytest

from callcart.config import config
from callcart.contact.voice.engine import CallArrived, EngineUp, LegAnswered, LegEnded
from callcart.core.ids import new_id
from callcart.core.secrets import secret
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.processes.asterisk import Asterisk
from tests.integrations.asterisk.conftest import CARRIER, PLAIN, SERVICE, Exchange
from tests.integrations.asterisk.test_account_only_rings import channels, until_no_channel
from tests.integrations.asterisk.wire import Dialog, Wire
from tests.journeys.agent import Account

pytestmark = pytest.mark.journey
ROUNDS = 10
DEMO_TRUNK = ("127.0.0.2", 5061)


class Redirecting:
    """A carrier that says of every call: it is over there, at myself, at the shop's own number."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.invites = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(DEMO_TRUNK)
        self._socket.settimeout(0.2)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                text, peer = self._socket.recvfrom(65535)
            except TimeoutError:
                continue
            if text.startswith(b"INVITE"):
                self.invites += 1
                self._socket.sendto(self._answer(text.decode()), peer)

    def _answer(self, asked: str) -> bytes:
        kept = [
            line
            for line in asked.split("\r\n")
            if re.match(r"(Via|From|To|Call-ID|CSeq):", line, re.IGNORECASE)
        ]
        kept = [line + ";tag=moved" if line.lower().startswith("to:") else line for line in kept]
        lines = ["SIP/2.0 302 Moved Temporarily", *kept, f"Contact: <{self.target}>", "Content-Length: 0"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def close(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._socket.close()


@pytest.mark.parametrize(
    "target",
    [f"sip:{SERVICE}@127.0.0.1", f"sip:+19005550100@{DEMO_TRUNK[0]}:{DEMO_TRUNK[1]}", "sip:*43@127.0.0.1"],
)
async def test_a_call_that_is_sent_elsewhere_goes_nowhere(asterisk: Asterisk, target: str) -> None:
    """Neither to ourselves as a new caller, in a circle for ever, nor to a number that nobody let out."""
    carrier = Redirecting(target)
    engine = AsteriskEngine(
        port=config().asterisk_http_port, password=secret("ari"), softphone=PLAIN, trunk="demo-trunk"
    )
    exchange = Exchange(engine)
    await exchange.wait(EngineUp)
    channel = f"agent-{new_id()}"
    try:
        assert await engine.dial_out(channel, "+12025550188", shown=SERVICE, seconds=8, longest=20)
        await exchange.wait(LegEnded, lambda event: event.channel == channel)
        await until_no_channel()
        assert carrier.invites == 1
        assert exchange.count(CallArrived) == exchange.count(LegAnswered) == 0
    finally:
        await exchange.close()
        carrier.close()


async def test_a_carrier_that_transfers_in_circles_is_refused_each_time(exchange: Exchange) -> None:
    """REFER to ourselves, to the call itself, to anywhere: the call is where it was, and no other one begins."""
    carrier = Wire(Account("+12025550177", "", config().sip_port, address=CARRIER))
    target, dialog = f"sip:{SERVICE}@127.0.0.1:{config().sip_port}", Dialog()
    calling = asyncio.ensure_future(asyncio.to_thread(carrier.invite, target, dialog))
    leg = (await exchange.wait(CallArrived)).channel
    assert await exchange.engine.answer(leg)
    assert (await calling).status == 200
    before = await channels()
    for number in range(ROUNDS):
        to = (SERVICE, "+19005550100", "*43")[number % 3]
        replaces = f"?Replaces={dialog.call_id}%3Bto-tag%3Dx%3Bfrom-tag%3D{dialog.tag}" if number == 3 else ""
        refer = (f"Refer-To: <sip:{to}@127.0.0.1:{config().sip_port}{replaces}>",)
        answer = await asyncio.to_thread(carrier.ask, "REFER", target, headers=refer, dialog=dialog)
        assert answer.status >= 400, number
    assert await channels() == before == [leg]
    assert (exchange.count(CallArrived), exchange.count(LegEnded)) == (1, 0)
    assert not [each for each in carrier.requests if not each.startswith(("OPTIONS", "ACK"))], (
        "nobody was rung"
    )
    await exchange.engine.hang_up(leg)
    await exchange.wait(LegEnded, lambda event: event.channel == leg)
    carrier.close()
    await until_no_channel()
