"""What lines do wrong: a codec that nobody has, addresses that lie behind NAT, keys as tones in the sound."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import time
from collections.abc import AsyncIterator, Iterator
from itertools import groupby
from pathlib import Path

import pytest

from callcart.config import config
from callcart.contact.voice.engine import (
    CallArrived,
    EngineUp,
    KeyPressed,
    LegAnswered,
    LegEnded,
    Softphone,
)
from callcart.core.ids import new_id
from callcart.core.secrets import secret
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.processes.asterisk import Asterisk
from tests.integrations.asterisk.conftest import CARRIER, PASSWORD, PLAIN, SERVICE, Exchange
from tests.integrations.asterisk.test_account_only_rings import channels
from tests.integrations.asterisk.wire import Wire
from tests.journeys.agent import Account, Manner, noted, sit_down
from tests.journeys.sound import Sound, _compress
from tests.journeys.system import eventually

pytestmark = pytest.mark.journey
NOBODY_THERE = "127.0.0.99"
TONES = {"1": (697, 1209), "5": (770, 1336), "#": (941, 1477)}


@pytest.fixture
def carrier(asterisk: Asterisk) -> Iterator[Wire]:
    wire = Wire(Account("+12025550177", "", config().sip_port, address=CARRIER))
    yield wire
    wire.close()


def offer(carrier: Wire, media: str, address: str) -> asyncio.Future[object]:
    """An INVITE with this sound in it; its final answer."""
    body = f"v=0\r\no=x 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n{media}"
    headers = ("Content-Type: application/sdp",)
    call = asyncio.to_thread(carrier.ask, "INVITE", f"sip:{SERVICE}@127.0.0.1", headers=headers, body=body)
    return asyncio.ensure_future(call)


async def test_a_codec_that_nobody_has_is_refused_at_once(exchange: Exchange, carrier: Wire) -> None:
    media = "m=audio 40000 RTP/AVP 97\r\na=rtpmap:97 AMR-WB/16000\r\n"
    answer = await offer(carrier, media, CARRIER)
    assert getattr(answer, "status", 0) == 488
    assert exchange.count(CallArrived) == 0
    assert (await channels(), (await exchange.engine.snapshot()).legs) == ([], {}), "no ghost of a call"


async def test_sound_goes_to_where_it_comes_from_whatever_the_address_in_it_says(
    exchange: Exchange, carrier: Wire
) -> None:
    sound = Sound(CARRIER)
    try:
        media = f"m=audio {sound.port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        answering = offer(carrier, media, NOBODY_THERE)
        leg = (await exchange.wait(CallArrived)).channel
        assert await exchange.engine.answer(leg)
        text = str(getattr(await answering, "text", ""))
        sound.speak_to("127.0.0.1", int(text.partition("m=audio ")[2].split()[0]))
        await exchange.engine.play(leg, f"play-{new_id()}", ["callcart/tone-600", "callcart/tone-600"])
        await asyncio.to_thread(eventually, lambda: sound.heard.tone(600) > 0.5, "it is heard behind the NAT")
        heard = await exchange.engine.packets_received(leg)
        assert heard is not None and heard > 10, "and it hears us"
        await exchange.engine.hang_up(leg)
        await exchange.wait(LegEnded, lambda event: event.channel == leg)
    finally:
        sound.close()


@pytest.fixture
async def tonal(asterisk: Asterisk) -> AsyncIterator[Exchange]:
    """Lines that tell keys by tones only, as `dtmf_mode = inband` of a trunk means."""
    fields = {**PLAIN, "dtmf_mode": "inband"}
    made = Exchange(
        AsteriskEngine(port=config().asterisk_http_port, password=secret("ari"), softphone=fields)
    )
    await made.wait(EngineUp)
    yield made
    await made.close()


def dial_tones(port: int, keys: str) -> None:
    """Each key for 200 ms as the two tones it is, by RTP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        clock, sequence = 0, 0
        for key in keys:
            for frame in range(20):
                loud = 0 if frame >= 10 else 8000
                low, high = TONES[key]
                body = bytes(
                    _compress(
                        int(
                            loud * math.sin(2 * math.pi * low * (clock + n) / 8000)
                            + loud * math.sin(2 * math.pi * high * (clock + n) / 8000)
                        )
                    )
                    for n in range(160)
                )
                wire.sendto(struct.pack("!BBHII", 0x80, 0, sequence, clock, 4711) + body, ("127.0.0.1", port))
                clock, sequence = clock + 160, sequence + 1
                time.sleep(0.02)


async def test_keys_as_tones_are_heard_once_each(tonal: Exchange, tmp_path: Path) -> None:
    name, channel = f"desk-{new_id().hex}", f"agent-{new_id()}"
    await tonal.engine.add_softphone(Softphone(name, PASSWORD))
    phone = await asyncio.to_thread(
        sit_down, tmp_path / "phone", Account(name, PASSWORD, config().sip_port), Manner.ANSWER
    )
    try:
        assert await tonal.engine.dial(
            channel, name, caller=SERVICE, seconds=20, originator="", conversation=str(new_id())
        )
        await tonal.wait(LegAnswered)
        port = int((await asyncio.to_thread(noted, phone, "media")).split()[0])
        await asyncio.to_thread(dial_tones, port, "15#")
        await tonal.wait(KeyPressed, lambda event: event.digit == "#")
        heard = [event.digit for event in tonal.seen if isinstance(event, KeyPressed)]
        # Asterisk tells a page's leg by two subscriptions, each press at the same instant: `Ear` takes those for one.
        assert [key for key, _same in groupby(heard)] == ["1", "5", "#"]
        await tonal.engine.hang_up(channel)
    finally:
        phone.close()
        await tonal.engine.remove_softphone(name)
