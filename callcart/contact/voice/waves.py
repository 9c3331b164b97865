"""Reading what the engine wrote of a call: is it whole, how long, how loud where; and both sides as one sound of two channels,
the caller left and the agent right, piece by piece in constant memory. WAV, 16 bit, one channel a file.

A recorder that was killed leaves a header that speaks of no sound although there is some: then the file's size is believed.
"""

from __future__ import annotations

import array
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAX_PEAKS = 800
HEADER = 44
_BLOCK = 64 * 1024  # samples of each side in memory at a time, about
_LOUDEST = 32767
_MOST_BYTES = 0xFFFFFFFF - HEADER


class NotASound(Exception):
    """This is not a recording of ours."""


@dataclass(frozen=True, slots=True)
class Track:
    """One side as it lies in a file."""

    path: Path
    rate: int
    samples: int


def is_whole(path: Path) -> bool:
    """Whether the recorder has closed the file: its header then tells the length of what follows."""
    with path.open("rb") as file:
        head = file.read(HEADER)
    if len(head) < HEADER:
        return False
    told: int = struct.unpack("<I", head[40:44])[0]
    return told > 0 and told == path.stat().st_size - HEADER


def read_track(path: Path) -> Track:
    """What a file holds. Raises FileNotFoundError, NotASound."""
    with path.open("rb") as file:
        head = file.read(HEADER)
        size = file.seek(0, 2)
    if len(head) < HEADER or head[:4] != b"RIFF" or head[8:16] != b"WAVEfmt ":
        raise NotASound
    channels, rate = struct.unpack("<HI", head[22:28])
    if channels != 1 or struct.unpack("<H", head[34:36])[0] != 16 or not 8000 <= rate <= 48000:
        raise NotASound
    return Track(path, rate, (size - HEADER) // 2)


class Joined:
    """One sound made of one track or of two; the shorter one goes on in silence. `peaks`, for each side the loudest in each
    stretch from 0 to 100, are known when all `pieces` have been taken."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        """Raises NotASound where two sides cannot be one sound."""
        if not 1 <= len(tracks) <= 2 or len({track.rate for track in tracks}) != 1:
            raise NotASound
        self._tracks = tracks
        self._samples = max(track.samples for track in tracks)
        self.channels, self.rate = len(tracks), tracks[0].rate
        self.duration_ms = self._samples * 1000 // self.rate
        self.size = HEADER + self._samples * 2 * self.channels
        self.peaks: list[list[int]] = [[] for _track in tracks]

    @property
    def is_silent(self) -> bool:
        return not any(any(side) for side in self.peaks)

    def pieces(self) -> Iterator[bytes]:
        """A WAV file with a true header. Raises OSError."""
        yield self._header()
        stretch = max(1, -(-self._samples // MAX_PEAKS))
        block = stretch * max(1, _BLOCK // stretch)
        sides = [track.path.open("rb") for track in self._tracks]
        try:
            for side in sides:
                side.seek(HEADER)
            for start in range(0, self._samples, block):
                count = min(block, self._samples - start)
                parts = [
                    _samples(side, min(count, max(0, track.samples - start)), count)
                    for side, track in zip(sides, self._tracks, strict=True)
                ]
                for found, part in zip(self.peaks, parts, strict=True):
                    found += _peaks(part, stretch)
                yield _woven(parts)
        finally:
            for side in sides:
                side.close()

    def _header(self) -> bytes:
        body = min(self.size - HEADER, _MOST_BYTES)
        frame = 2 * self.channels
        head = struct.pack("<4sI4s4sI", b"RIFF", body + 36, b"WAVE", b"fmt ", 16)
        form = struct.pack("<HHIIHH", 1, self.channels, self.rate, self.rate * frame, frame, 16)
        return head + form + struct.pack("<4sI", b"data", body)


def _samples(file: BinaryIO, there: int, wanted: int) -> bytes:
    data = file.read(2 * there)
    return data + bytes(2 * wanted - len(data))


def _woven(parts: Sequence[bytes]) -> bytes:
    if len(parts) == 1:
        return parts[0]
    both = array.array("h", bytes(2 * len(parts[0])))
    both[0::2], both[1::2] = array.array("h", parts[0]), array.array("h", parts[1])
    return both.tobytes()


def _peaks(data: bytes, stretch: int) -> list[int]:
    samples = array.array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    found = []
    for start in range(0, len(samples), stretch):
        part = samples[start : start + stretch]
        # what is there at all is seen
        found.append(min(100, -(-max(max(part), -min(part)) * 100 // _LOUDEST)))
    return found
