"""Packets of sound (RFC 3550) and of pressed keys (RFC 4733), to bytes and back. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from callcart.demo.caller.sound import FRAME

PCMU = 0
EVENTS = 101
KEYS = "0123456789*#ABCD"
KEY_PACKETS = 8  # 160 ms
KEY_ENDS = 3  # the end is sent three times: one lost packet does not make a key stick
_VOLUME = 10  # -10 dBm0
_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet."""

    kind: int
    sequence: int
    timestamp: int
    source: int
    payload: bytes
    marker: bool = False

    def to_bytes(self) -> bytes:
        second = self.kind | (0x80 if self.marker else 0)
        head = _HEADER.pack(
            0x80, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.source & 0xFFFFFFFF
        )
        return head + self.payload


def parse(data: bytes) -> Packet | None:
    """A packet, its contributors, extension and padding taken off; None for what is not RTP version 2."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp, source = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        return None
    start, end = _HEADER.size + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    if first & 0x20 and end > start:
        end -= data[-1]
    if start > end:
        return None
    return Packet(second & 0x7F, sequence, timestamp, source, data[start:end], bool(second & 0x80))


def key_payloads(key: str) -> Iterator[bytes]:
    """The payloads of one pressed key, to be sent 20 ms apart under one timestamp. ValueError for no such key."""
    event = KEYS.index(key.upper())
    for count in range(1, KEY_PACKETS + 1):
        yield _EVENT.pack(event, _VOLUME, count * FRAME)
    for _ in range(KEY_ENDS):
        yield _EVENT.pack(event, 0x80 | _VOLUME, KEY_PACKETS * FRAME)


def read_key(payload: bytes) -> tuple[str, bool] | None:
    """The key of an event packet and whether it is its end; None for other events."""
    if len(payload) < _EVENT.size:
        return None
    event, flags, _ = _EVENT.unpack_from(payload)
    return (KEYS[event], bool(flags & 0x80)) if event < len(KEYS) else None
