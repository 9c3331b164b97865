"""The agents' telephones: one address for all, an account each. They register again and again, ring, answer, and leave when the other
side does. What they say is a packet twice a second: enough to be heard, and to be known to live.
"""

from __future__ import annotations

import asyncio
import random
import re
import secrets
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from callcart.demo.caller import rtp, sdp, sip
from callcart.demo.caller.media import Sound
from callcart.demo.caller.sound import FRAME

ADDRESS = "127.0.0.40"
REGISTER_SECONDS = 4.0
RING_SECONDS = (0.3, 1.5)
REPEATS = (0.5, 1.0, 2.0, 4.0)
SPEAK_SECONDS = 0.5
# 2 kHz and 1 kHz, loud enough for a recording not to be silent.
AGENTS_VOICE = bytes([0x90, 0x90, 0x10, 0x10] * (FRAME // 4))
CALLERS_VOICE = bytes([0x90] * 4 + [0x10] * 4) * (FRAME // 8)
_CHALLENGE = re.compile(r'(\w+)=(?:"([^"]*)"|([^,\s]*))')


class QuietSound(Sound):
    """Sound of which only comes and goes are looked at: `silence` is the longest while without any in seconds, since the first word of
    an agent's telephone (whose voice is unlike all else); from then on something must be heard all the time."""

    def __init__(self, voice: bytes) -> None:
        super().__init__()
        self._voice, self._repeat = [voice], True
        self.silence = 0.0
        self._heard_at: float | None = None

    @property
    def talked(self) -> bool:
        return self._heard_at is not None

    def look(self) -> None:
        """It has been silent until now, or it is heard now."""
        if self._heard_at is not None:
            now = asyncio.get_running_loop().time()
            self.silence = max(self.silence, now - self._heard_at)
            self._heard_at = now

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received.packets += 1
        if self._heard_at is None and data[12:] == AGENTS_VOICE:
            self._heard_at = asyncio.get_running_loop().time()
        self.look()

    async def _send_all(self) -> None:
        number, stamp = random.randrange(0x10000), random.randrange(0x8000_0000)
        source = random.randrange(0x1_0000_0000)
        while True:
            kind, payload, marker = self._next(stamp)
            at = self._key_at if kind == rtp.EVENTS else stamp
            self._send(rtp.Packet(kind, number, at, source, payload, marker or self.sent == 0))
            pause = 0.02 if self._keys or self._pause else SPEAK_SECONDS
            number, stamp = number + 1, stamp + int(pause / 0.02) * FRAME
            await asyncio.sleep(pause)


@dataclass
class Leg:
    """One call of an agent's telephone. `answer` is what its INVITE was last answered with."""

    invite: sip.Message
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    sound: QuietSound = field(default_factory=lambda: QuietSound(AGENTS_VOICE))
    answer: sip.Message | None = None
    acknowledged: bool = False
    over: bool = False
    version: int = 1


class Handsets(asyncio.DatagramProtocol):
    """All of them."""

    def __init__(self, server: tuple[str, int], accounts: dict[str, str]) -> None:
        self._server, self._accounts = server, accounts
        self._legs: dict[str, Leg] = {}
        self._registering: dict[str, asyncio.Future[sip.Message]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None
        self._port = 0
        self.registered = 0

    async def open(self) -> None:
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(ADDRESS, 0)
        )
        self._port = int(self._transport.get_extra_info("sockname")[1])
        for username, password in self._accounts.items():
            self._spawn(self._stay_registered(username, password))

    async def close(self) -> None:
        self.lost()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()

    def lost(self) -> None:
        """The exchange died: there is no call any more."""
        for call_id in list(self._legs):
            self._drop(call_id)

    # ---- registering ----

    async def _stay_registered(self, username: str, password: str) -> None:
        """Asterisk forgets all of it when it dies; a page would notice by its connection."""
        number = 0
        while True:
            number += 1
            with suppress(TimeoutError):
                final = await self._register(username, number, "")
                if final.status == 401:
                    number += 1
                    final = await self._register(username, number, _answer(final, username, password))
                self.registered += final.status == 200
            await asyncio.sleep(REGISTER_SECONDS if number > 4 else 0.5)

    async def _register(self, username: str, number: int, answer: str) -> sip.Message:
        host, port = self._server
        call_id, uri = f"register-{username}", f"sip:{host}:{port}"
        headers = [
            ("via", f"SIP/2.0/UDP {ADDRESS}:{self._port};rport;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("max-forwards", "70"),
            ("from", f"<sip:{username}@{host}>;tag={secrets.token_hex(5)}"),
            ("to", f"<sip:{username}@{host}>"),
            ("call-id", call_id),
            ("cseq", f"{number} REGISTER"),
            ("contact", f"<sip:{username}@{ADDRESS}:{self._port}>"),
            ("expires", "3600"),
        ]
        if answer:
            headers.append(("authorization", answer))
        final: asyncio.Future[sip.Message] = asyncio.get_running_loop().create_future()
        self._registering[call_id] = final
        self._send(sip.Message(method="REGISTER", uri=uri, headers=headers))
        return await asyncio.wait_for(final, 2)

    # ---- being rung ----

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not data.strip():
            return
        try:
            message = sip.parse(data)
        except sip.NotSip:
            return
        if message.method:
            self._on_request(message)
            return
        final = self._registering.get(message.get("call-id"))
        if message.status >= 200 and final is not None and not final.done():
            final.set_result(message)

    def error_received(self, exc: Exception) -> None:
        """Asterisk is away for a moment."""

    def _on_request(self, message: sip.Message) -> None:
        call_id = message.get("call-id")
        leg = self._legs.get(call_id)
        if message.method == "ACK":
            if leg is not None:
                leg.acknowledged = True
        elif message.method == "INVITE" and leg is None:
            self._legs[call_id] = Leg(message)
            self._spawn(self._ring(call_id, self._legs[call_id]))
        elif message.method in ("INVITE", "UPDATE") and leg is not None:
            self._again(leg, message)
        elif message.method == "CANCEL" and leg is not None:
            self._reply(leg, message, 200, "OK")
            if leg.answer is None or leg.answer.status < 200:
                self._reply(leg, leg.invite, 487, "Request Terminated")
            self._drop(call_id)
        elif leg is not None:
            self._reply(leg, message, 200, "OK")
            if message.method == "BYE":
                self._drop(call_id)
        else:
            gone = message.method in ("BYE", "CANCEL", "UPDATE")
            status = (481, "Call/Transaction Does Not Exist") if gone else (200, "OK")
            self._send(sip.reply(message, *status, tag=secrets.token_hex(4)))

    async def _ring(self, call_id: str, leg: Leg) -> None:
        await leg.sound.open(ADDRESS)
        self._reply(leg, leg.invite, 180, "Ringing")
        await asyncio.sleep(random.uniform(*RING_SECONDS))
        if leg.over:
            return
        with suppress(sdp.NoSound):
            leg.sound.direct(sdp.parse(leg.invite.body))
        self._answer(leg, leg.invite)
        for pause in REPEATS:
            await asyncio.sleep(pause)
            if leg.acknowledged or leg.over or leg.answer is None:
                return
            self._send(leg.answer)

    def _again(self, leg: Leg, message: sip.Message) -> None:
        """The same INVITE once more, or a new one within the call: the other side moves its sound."""
        if message.cseq == leg.invite.cseq:
            if leg.answer is not None:
                self._send(leg.answer)
            return
        if message.body:
            with suppress(sdp.NoSound):
                leg.sound.direct(sdp.parse(message.body))
        leg.version += 1
        self._answer(leg, message)

    def _answer(self, leg: Leg, message: sip.Message) -> None:
        leg.answer = sip.reply(message, 200, "OK", tag=leg.tag)
        leg.answer.headers += [
            ("contact", f"<sip:agent@{ADDRESS}:{self._port}>"),
            ("content-type", "application/sdp"),
        ]
        leg.answer.body = sdp.describe(ADDRESS, leg.sound.port, version=leg.version)
        self._send(leg.answer)

    def _reply(self, leg: Leg, message: sip.Message, status: int, reason: str) -> None:
        answer = sip.reply(message, status, reason, tag=leg.tag)
        if status == 180:
            answer.headers.append(("contact", f"<sip:agent@{ADDRESS}:{self._port}>"))
            leg.answer = answer
        self._send(answer)

    def _drop(self, call_id: str) -> None:
        leg = self._legs.pop(call_id)
        leg.over = True
        self._spawn(leg.sound.close())

    def _send(self, message: sip.Message) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(message.to_bytes(), self._server)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _answer(challenge: sip.Message, username: str, password: str) -> str:
    """RFC 2617: the answer to a challenge of a REGISTER."""
    found = {each[1]: each[2] or each[3] for each in _CHALLENGE.finditer(challenge.get("www-authenticate"))}
    host = challenge.get("to").partition("@")[2].partition(">")[0]
    uri, cnonce = f"sip:{host}", secrets.token_hex(4)
    secret = _digest(f"{username}:{found.get('realm', '')}:{password}")
    asked = _digest(f"REGISTER:{uri}")
    response = _digest(f"{secret}:{found.get('nonce', '')}:00000001:{cnonce}:auth:{asked}")
    opaque = f', opaque="{found["opaque"]}"' if "opaque" in found else ""
    return (
        f'Digest username="{username}", realm="{found.get("realm", "")}", nonce="{found.get("nonce", "")}", uri="{uri}", '
        f'response="{response}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc=00000001{opaque}'
    )


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
