"""A key that a line tells in several ways at once (as an event, as a tone in the sound, by INFO) is one key."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from callcart.config import config
from callcart.contact.voice.engine import CallArrived, KeyPressed, LegEnded
from callcart.integrations.asterisk.keys import Keys
from tests.integrations.asterisk.conftest import BY_INFO, CARRIER, SERVICE, Exchange
from tests.integrations.asterisk.wire import Dialog, Wire
from tests.journeys.agent import Account
from tests.journeys.sound import EVENT_PAYLOAD, KEYS, _compress

pytestmark = pytest.mark.journey
TONES = {"1": (697, 1209), "5": (770, 1336), "#": (941, 1477)}
FRAMES = 8  # of 20 ms that a key is held


class Line:
    """The sound of one call by hand: tones and events in one stream."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.port = int(self.socket.getsockname()[1])
        self.peer, self.events = 0, True
        self.clock = self.sequence = 0

    def send(self, payload: int, body: bytes, clock: int) -> None:
        head = struct.pack("!BBHII", 0x80, payload, self.sequence, clock, 0xD7)
        self.sequence += 1
        self.socket.sendto(head + body, ("127.0.0.1", self.peer))

    def press(self, key: str) -> None:
        """The tone and the event, frame by frame, and a pause."""
        low, high = TONES[key]
        begun = self.clock
        for frame in range(FRAMES * 2):
            loud = 8000 if frame < FRAMES else 0
            self.send(0, bytes(_tones(loud, low, high, self.clock)), self.clock)
            if frame < FRAMES and self.events:
                self.send(EVENT_PAYLOAD, struct.pack("!BBH", KEYS.index(key), 10, (frame + 1) * 160), begun)
            elif frame < FRAMES + 3 and self.events:
                end = struct.pack("!BBH", KEYS.index(key), 0x8A, FRAMES * 160)
                self.send(EVENT_PAYLOAD, end, begun)
            self.clock += 160
            time.sleep(0.02)


def _tones(loud: int, low: int, high: int, clock: int) -> Iterator[int]:
    for place in range(clock, clock + 160):
        waves = (math.sin(2 * math.pi * hertz * place / 8000) for hertz in (low, high))
        yield _compress(int(loud * sum(waves)))


@pytest.mark.parametrize(("address", "by_info"), [(CARRIER, False), (BY_INFO, True)])
async def test_a_key_told_in_every_way_at_once_is_one_key(
    exchange: Exchange, address: str, by_info: bool
) -> None:
    """As an event and a tone on an ordinary trunk; by INFO and as a tone on one that is set to INFO, where events are not agreed to."""
    wire, line, dialog = (
        Wire(Account("+12025550177", "", config().sip_port, address=address)),
        Line(address),
        Dialog(),
    )
    body = (
        f"v=0\r\no=x 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\nm=audio {line.port} RTP/AVP 0 101\r\n"
        "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
    )
    target = f"sip:{SERVICE}@127.0.0.1:{config().sip_port}"
    headers = ("Content-Type: application/sdp",)
    calling = asyncio.ensure_future(
        asyncio.to_thread(wire.ask, "INVITE", target, headers=headers, body=body, dialog=dialog)
    )
    leg = (await exchange.wait(CallArrived)).channel
    assert await exchange.engine.answer(leg)
    agreed = (await calling).text
    line.peer, line.events = int(agreed.partition("m=audio ")[2].split()[0]), "telephone-event" in agreed
    assert line.events is not by_info, "whoever wants INFO does not agree to events"

    def info(key: str) -> int:
        kind = ("Content-Type: application/dtmf-relay",)
        told = f"Signal={key}\r\nDuration=160\r\n"
        return wire.ask("INFO", target, headers=kind, body=told, dialog=dialog).status

    for key in "55#":
        pressed = asyncio.to_thread(line.press, key)
        if by_info:
            assert (await asyncio.gather(asyncio.to_thread(info, key), pressed))[0] == 200
        else:
            await pressed
    await exchange.wait(KeyPressed, lambda event: event.digit == "#")
    await asyncio.sleep(0.3)  # what is told a second time comes after it
    assert [event.digit for event in exchange.seen if isinstance(event, KeyPressed)] == list("55#")
    await exchange.engine.hang_up(leg)
    await exchange.wait(LegEnded, lambda event: event.channel == leg)
    line.socket.close()
    wire.close()


def told(digit: str, at_ms: int, held_ms: int = 160, channel: str = "c") -> dict[str, object]:
    moment = datetime.fromtimestamp(1_790_000_000 + at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    return {"channel": {"id": channel}, "digit": digit, "duration_ms": held_ms, "timestamp": moment}


@pytest.mark.parametrize(
    ("events", "keys"),
    [
        ([told("5", 0), told("5", 40)], "5"),  # both as it is let go
        ([told("5", 0), told("5", 205)], "5"),  # the second made up after the first
        ([told("5", 0), told("5", 240)], "55"),  # a machine: 80 ms apart
        ([told("5", 0), told("6", 40)], "56"),
        ([told("5", 0), told("5", 40, channel="d")], "55"),  # of two callers
        ([told("5", 0), told("5", -3_600_000)], "55"),  # the clock was set
    ],
)
def test_a_second_press_that_nobody_can_have_made_is_none(events: list[dict[str, object]], keys: str) -> None:
    heard = Keys()
    assert "".join(each.digit for event in events if (each := heard.heard(event))) == keys
