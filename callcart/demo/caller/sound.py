"""Sound as telephones carry it: G.711 µ-law in frames of 20 ms, 8,000 samples of 16 bit a second.

Reads a voice from a WAV file, makes tones, and says of received samples how loud they are and what tone is in them.
"""

from __future__ import annotations

import math
import sys
import wave
from array import array
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

RATE = 8000
FRAME = 160  # samples, 20 ms
SILENT_BELOW = 60.0  # root mean square of 16 bit samples; comfort noise and rounding stay under it
_BIAS, _CLIP = 0x84, 32635
SILENCE = b"\xff" * FRAME


class NotAVoice(ValueError):
    """The file is not 8 kHz mono 16 bit PCM."""


def decode(data: bytes) -> array[int]:
    """Samples of µ-law bytes (ITU-T G.711)."""
    table = _decode_table()
    return array("h", [table[byte] for byte in data])


def encode(samples: Iterable[int]) -> bytes:
    """µ-law bytes of samples."""
    table = _encode_table()
    return bytes([table[(sample + 32768) >> 2] for sample in samples])


@cache
def _decode_table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        value = ~byte & 0xFF
        magnitude = (((value & 0x0F) << 3) + _BIAS << ((value & 0x70) >> 4)) - _BIAS
        found.append(-magnitude if value & 0x80 else magnitude)
    return tuple(found)


@cache
def _encode_table() -> bytes:
    """One byte for every four neighbouring values: µ-law's finest step is 8."""
    return bytes(_encode_one(value) for value in range(-32768, 32768, 4))


def _encode_one(sample: int) -> int:
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, _CLIP) + _BIAS
    exponent = magnitude.bit_length() - 8
    mantissa = magnitude >> (exponent + 3) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def frames(samples: Sequence[int]) -> list[bytes]:
    """µ-law frames of 20 ms; the last is filled up with silence."""
    data = encode(samples)
    cut = [data[start : start + FRAME] for start in range(0, len(data), FRAME)]
    if cut:
        cut[-1] = cut[-1].ljust(FRAME, SILENCE[:1])
    return cut


def read_voice(path: Path) -> array[int]:
    """The samples of a WAV file. Raises NotAVoice, OSError."""
    try:
        with wave.open(str(path), "rb") as source:
            form = (source.getframerate(), source.getnchannels(), source.getsampwidth())
            data = source.readframes(source.getnframes())
    except (wave.Error, EOFError) as error:
        raise NotAVoice(f"{path}: {error}") from error
    if form != (RATE, 1, 2):
        raise NotAVoice(f"{path}: {form[0]} Hz, {form[1]} channels, {form[2] * 8} bit")
    samples = array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def tone(hertz: float, *, seconds: float, loudness: int = 9000) -> array[int]:
    """A steady tone; `loudness` is its peak."""
    step = 2 * math.pi * hertz / RATE
    return array("h", [int(loudness * math.sin(step * n)) for n in range(int(RATE * seconds))])


def loudness(samples: Sequence[int]) -> float:
    """Root mean square, 0 to 32,767."""
    if not samples:
        return 0.0
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def share_of_tone(samples: Sequence[int], hertz: float) -> float:
    """How much of the power lies at one frequency, 0 to 1 (Goertzel's algorithm)."""
    power = sum(sample * sample for sample in samples)
    if not power:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    last = before = 0.0
    for sample in samples:
        last, before = sample + turn * last - before, last
    found = last * last + before * before - turn * last * before
    return min(2 * found / (len(samples) * power), 1.0)
