"""The sound of a SIP telephone in a test: speaks a tone, presses keys, and keeps what it hears, in RTP on a UDP port.

G.711 µ-law at 20 ms, telephone events as payload type 101. What was heard can be asked for packets, loudness and tones.
"""

from __future__ import annotations

import math
import select
import socket
import struct
import threading
import time
from collections import deque
from contextlib import suppress

RATE = 8000
FRAME = 160  # samples in 20 ms
EVENT_PAYLOAD = 101
KEYS = "0123456789*#"


def _expand(code: int) -> int:
    code = ~code & 0xFF
    value = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return 0x84 - value if code & 0x80 else value - 0x84


LINEAR = [_expand(code) for code in range(256)]


def _compress(sample: int) -> int:
    return min(range(256), key=lambda code: abs(LINEAR[code] - sample))


def _tone(hertz: int) -> bytes:
    """A second of it: a whole number of periods, so that it may be repeated."""
    codes = {}
    out = bytearray()
    for index in range(RATE):
        sample = int(9000 * math.sin(2 * math.pi * hertz * index / RATE))
        if sample not in codes:
            codes[sample] = _compress(sample)
        out.append(codes[sample])
    return bytes(out)


class Heard:
    """What has come in so far."""

    def __init__(self) -> None:
        self.packets = 0
        self._frames: deque[bytes] = deque(maxlen=50 * 120)

    def add(self, packet: bytes) -> None:
        self.packets += 1
        if packet[1] & 0x7F == 0:
            self._frames.append(packet[12:])

    def samples(self, seconds: float = 1.0) -> list[int]:
        """The last of it."""
        count = int(seconds * 50)
        return [LINEAR[code] for frame in list(self._frames)[-count:] for code in frame]

    def loudness(self, seconds: float = 1.0) -> float:
        """Root mean square of 16-bit samples; a voice has hundreds, silence some tens. 0 before that much was heard."""
        samples = self.samples(seconds)
        if len(samples) < seconds * RATE:
            return 0.0
        return math.sqrt(sum(each * each for each in samples) / len(samples))

    def tone(self, hertz: int, seconds: float = 0.5) -> float:
        """The share (0–1) of the sound's energy that is this tone; 0 before that much has been heard."""
        samples = self.samples(seconds)
        energy = sum(each * each for each in samples)
        if not energy or len(samples) < seconds * RATE:
            return 0.0
        step = 2 * math.pi * hertz / RATE
        real = sum(each * math.cos(step * index) for index, each in enumerate(samples))
        imaginary = sum(each * math.sin(step * index) for index, each in enumerate(samples))
        return 2 * (real * real + imaginary * imaginary) / (len(samples) * energy)

    def forget(self) -> None:
        """Listen anew from here."""
        self._frames.clear()


class Sound:
    """Mouth and ear on a port of their own. Speaks once it knows to whom; stop it by `close()`."""

    def __init__(self, address: str, *, hertz: int = 440) -> None:
        self.heard = Heard()
        self.speaking = True
        self._voice = _tone(hertz)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.port = int(self._socket.getsockname()[1])
        self._peer: tuple[str, int] | None = None
        self._keys: deque[str] = deque()
        self._ending = threading.Event()
        self._sequence = self._clock = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def speak_to(self, address: str, port: int) -> None:
        self._peer = (address, port)

    def press(self, keys: str) -> None:
        """Keys, one after the other, each 100 ms long."""
        self._keys.extend(keys)

    def close(self) -> None:
        self._ending.set()
        self._thread.join(5)
        self._socket.close()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ending.is_set():
            wait = due - time.monotonic()
            if wait > 0:
                if select.select([self._socket], [], [], wait)[0]:
                    with suppress(OSError):
                        self.heard.add(self._socket.recv(2048))
                continue
            due = max(due + 0.02, time.monotonic() - 0.2)
            if self._peer is None:
                continue
            if self._keys:
                self._send_key(self._keys.popleft())
                due = time.monotonic() + 0.06
            else:
                self._send_voice()

    def _send_voice(self) -> None:
        start = self._clock % RATE
        frame = (self._voice + self._voice)[start : start + FRAME] if self.speaking else b"\xff" * FRAME
        self._send(0, frame, self._clock, mark=False)
        self._clock += FRAME

    def _send_key(self, key: str) -> None:
        """RFC 4733: one event with growing duration, its end three times."""
        begun = self._clock
        for step in range(1, 6):
            body = struct.pack("!BBH", KEYS.index(key), 10, step * FRAME)
            self._send(EVENT_PAYLOAD, body, begun, mark=step == 1)
            time.sleep(0.02)
        for _repeat in range(3):
            body = struct.pack("!BBH", KEYS.index(key), 0x80 | 10, 5 * FRAME)
            self._send(EVENT_PAYLOAD, body, begun, mark=False)
        self._clock += 6 * FRAME

    def _send(self, payload: int, body: bytes, clock: int, *, mark: bool) -> None:
        head = struct.pack("!BBHII", 0x80, payload | (0x80 if mark else 0), self._sequence, clock, 0xCA11)
        self._sequence = (self._sequence + 1) & 0xFFFF
        if self._peer is not None:
            with suppress(OSError):
                self._socket.sendto(head + body, self._peer)
