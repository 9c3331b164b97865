"""Reading a recording: is it whole, how long, how loud where. WAV, 16 bit, one channel, as the engine writes it.

A recorder that was killed leaves a header that speaks of no sound although there is some: then the file's size is believed.
"""

from __future__ import annotations

import array
import io
import struct
import sys
import wave
from dataclasses import dataclass
from pathlib import Path

MAX_PEAKS = 2000
_HEADER = 44
_LOUDEST = 32767


class NotASound(Exception):
    """This is not a recording of ours."""


@dataclass(frozen=True, slots=True)
class Sound:
    """`peaks`: the loudest in each stretch, 0 to 100. `data` is a WAV file with a true header."""

    data: bytes
    duration_ms: int
    peaks: list[int]

    @property
    def is_silent(self) -> bool:
        return not any(self.peaks)


def is_whole(path: Path) -> bool:
    """Whether the recorder has closed the file: its header then tells the length of what follows."""
    with path.open("rb") as file:
        head = file.read(_HEADER)
    if len(head) < _HEADER:
        return False
    told: int = struct.unpack("<I", head[40:44])[0]
    return told > 0 and told == path.stat().st_size - _HEADER


def read_sound(path: Path) -> Sound:
    """All of a recording. Raises NotASound."""
    data = path.read_bytes()
    if len(data) < _HEADER or data[:4] != b"RIFF" or data[8:16] != b"WAVEfmt ":
        raise NotASound
    channels, rate = struct.unpack("<HI", data[22:28])
    if channels != 1 or struct.unpack("<H", data[34:36])[0] != 16 or not 8000 <= rate <= 48000:
        raise NotASound
    frames = data[_HEADER : len(data) - (len(data) - _HEADER) % 2]
    return Sound(_with_header(frames, rate), len(frames) * 500 // rate, _peaks(frames))


def _with_header(frames: bytes, rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(frames)
    return out.getvalue()


def _peaks(frames: bytes) -> list[int]:
    samples = array.array("h", frames)
    if sys.byteorder == "big":
        samples.byteswap()
    stretch = max(1, -(-len(samples) // MAX_PEAKS))
    found = []
    for start in range(0, len(samples), stretch):
        part = samples[start : start + stretch]
        loudest = max(max(part), -min(part))
        # what is there at all is seen
        found.append(min(100, -(-loudest * 100 // _LOUDEST)))
    return found
