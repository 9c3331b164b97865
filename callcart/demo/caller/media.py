"""The sound of a call: a packet every 20 ms out, whatever comes in counted and listened to.

Sends a voice, pressed keys, or silence; never stops sending while a call lasts, as a telephone does not.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from callcart.demo.caller import rtp, sound
from callcart.demo.caller.sdp import Media

_PACE = 0.02  # seconds
_KEPT = 500  # frames, 10 s
_PAUSE = 5  # frames of silence between two keys
_PORT_TRIES = 50


@dataclass(slots=True)
class Received:
    """What has come in. `loudness` is of the last second, 0 to 32,767; `keys` are those the other side pressed."""

    packets: int = 0
    silent: int = 0
    lost: int = 0
    keys: str = ""
    _last: int | None = None
    _key_at: int | None = None
    _recent: deque[bytes] = field(default_factory=lambda: deque(maxlen=_KEPT))

    @property
    def heard(self) -> int:
        """Packets with something to hear in them."""
        return self.packets - self.silent

    @property
    def loudness(self) -> float:
        return sound.loudness(self.samples(1.0))

    def samples(self, seconds: float) -> Sequence[int]:
        """The last sound that came, up to 10 s of it."""
        count = int(seconds / _PACE)
        return sound.decode(b"".join(list(self._recent)[-count:]))

    def tone(self, hertz: float, *, seconds: float = 1.0) -> float:
        """How much of the last sound is this tone, 0 to 1."""
        return sound.share_of_tone(self.samples(seconds), hertz)

    def take(self, packet: rtp.Packet) -> None:
        """Count a packet and keep its sound."""
        if packet.kind == rtp.EVENTS:
            self._take_key(packet)
        elif packet.kind == rtp.PCMU:
            self.packets += 1
            if sound.loudness(sound.decode(packet.payload)) < sound.SILENT_BELOW:
                self.silent += 1
            self._recent.append(packet.payload)
        if self._last is not None:
            gap = (packet.sequence - self._last - 1) & 0xFFFF
            self.lost += gap if gap < 0x8000 else 0
        self._last = packet.sequence

    def _take_key(self, packet: rtp.Packet) -> None:
        found = rtp.read_key(packet.payload)
        if found is not None and packet.timestamp != self._key_at:  # one press has one timestamp
            self.keys += found[0]
            self._key_at = packet.timestamp


class Sound(asyncio.DatagramProtocol):
    """The two sound streams of one call."""

    def __init__(self) -> None:
        self.received = Received()
        self.sent = 0
        self.port = 0
        self.pressed = asyncio.Event()  # no key is left to send
        self._transport: asyncio.DatagramTransport | None = None
        self._control: asyncio.DatagramTransport | None = None
        self._target: Media | None = None
        self._voice: list[bytes] = []
        self._at = 0
        self._repeat = False
        self._keys: deque[bytes] = deque()
        self._key_start = True
        self._key_at = 0
        self._pause = 0
        self._task: asyncio.Task[None] | None = None
        self._changed: list[asyncio.Future[None]] = []

    async def open(self, host: str) -> None:
        """Take a pair of ports of the address: sound on the even one, its control stream (unread) on the next."""
        loop = asyncio.get_running_loop()
        for _ in range(_PORT_TRIES):
            port = random.randrange(10_000, 32_000, 2)
            try:
                self._transport, _ = await loop.create_datagram_endpoint(
                    lambda: self, local_addr=(host, port)
                )
                self._control, _ = await loop.create_datagram_endpoint(
                    asyncio.DatagramProtocol, local_addr=(host, port + 1)
                )
            except OSError:
                self._close_ports()
                continue
            self.port = port
            return
        raise OSError(f"no free pair of ports at {host}")

    def direct(self, target: Media) -> None:
        """Send to where the other side listens; begins the sending."""
        self._target = target
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._send_all())

    def play(self, samples: Sequence[int], *, repeat: bool = False) -> None:
        """Say this from now on; what was being said ends."""
        self._voice, self._at, self._repeat = sound.frames(samples), 0, repeat

    def press(self, keys: str) -> None:
        """Press keys, one after the other, 160 ms each. ValueError where one is no key."""
        pressed = [list(rtp.key_payloads(key)) for key in keys]
        self.pressed.clear()
        for payloads in pressed:
            self._keys += payloads
            self._keys.append(b"")  # its end

    async def until(self, happened: Callable[[Received], bool], *, patience: float) -> None:
        """Wait until something is true of what was received; it is asked after each packet. Raises TimeoutError."""
        async with asyncio.timeout(patience):
            while not happened(self.received):
                waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._changed.append(waiting)
                await waiting

    async def close(self) -> None:
        self.pressed.set()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._close_ports()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packet = rtp.parse(data)
        if packet is None:
            return
        self.received.take(packet)
        waiting, self._changed = self._changed, []
        for each in waiting:
            if not each.done():
                each.set_result(None)

    def error_received(self, exc: Exception) -> None:
        """The other side's port is closed for a moment; a telephone goes on sending."""

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        number = random.randrange(0x10000)
        stamp = random.randrange(0x8000_0000)
        source = random.randrange(0x1_0000_0000)
        due = loop.time()
        while True:
            kind, payload, marker = self._next(stamp)
            at = self._key_at if kind == rtp.EVENTS else stamp
            self._send(rtp.Packet(kind, number, at, source, payload, marker or self.sent == 0))
            number, stamp = number + 1, stamp + sound.FRAME
            due += _PACE
            if due < loop.time() - 1:  # the machine slept: do not send a burst of what was missed
                due = loop.time()
            await asyncio.sleep(max(due - loop.time(), 0))

    def _send(self, packet: rtp.Packet) -> None:
        target = self._target
        if target is not None and target.listens and self._transport is not None:
            self._transport.sendto(packet.to_bytes(), (target.host, target.port))
            self.sent += 1

    def _next(self, stamp: int) -> tuple[int, bytes, bool]:
        """Kind, payload and marker of the packet to send now."""
        if self._pause:
            self._pause -= 1
            return rtp.PCMU, sound.SILENCE, False
        if self._keys:
            payload = self._keys.popleft()
            if not payload:
                self._key_start, self._pause = True, _PAUSE
                if not self._keys:
                    self.pressed.set()
                return rtp.PCMU, sound.SILENCE, False
            first, self._key_start = self._key_start, False
            if first:
                self._key_at = stamp
            return rtp.EVENTS, payload, first
        if self._at >= len(self._voice):
            if not (self._repeat and self._voice):
                return rtp.PCMU, sound.SILENCE, False
            self._at = 0
        self._at += 1
        return rtp.PCMU, self._voice[self._at - 1], False

    def _close_ports(self) -> None:
        for transport in (self._transport, self._control):
            if transport is not None:
                transport.close()
        self._transport = self._control = None
