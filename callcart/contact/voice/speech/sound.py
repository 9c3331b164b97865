"""Sound as the telephone wants it: 8 kHz, one channel, 16 bits. Pure functions over samples, and WAV in and out.

Reads PCM of 8 to 32 bits, any usual rate and one or two channels; changes the rate with a low-pass filter, trims silence at both
ends and sets the level, so that every prompt is as loud as the next.
"""

from __future__ import annotations

import io
import math
import os
import sys
import tempfile
import wave
from array import array
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from operator import mul
from pathlib import Path

RATE = 8000
PEAK = 0.7  # of full scale: what a telephone line takes without clipping
LOUDNESS = 0.12  # wanted root mean square of speech, of full scale
SILENCE = 0.01  # of full scale
_RATES = frozenset({8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000})
_MARGIN_S = 0.06
_ZERO_CROSSINGS = 8


class Unreadable(ValueError):
    """This is no sound that can be read."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples of one channel, from -32768 to 32767, at `rate` a second."""

    samples: array[int]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def read_wav(data: bytes) -> Sound:
    """A PCM WAV file as one channel. Raises Unreadable; what is wrong is in its text, for developers."""
    try:
        with wave.open(io.BytesIO(data), "rb") as source:
            channels, width, rate = source.getnchannels(), source.getsampwidth(), source.getframerate()
            frames = source.readframes(source.getnframes())
    except (wave.Error, EOFError, ValueError, ZeroDivisionError, MemoryError, OverflowError) as error:
        raise Unreadable(str(error) or "cut short") from None
    if width not in (1, 2, 3, 4) or channels not in (1, 2) or rate not in _RATES:
        raise Unreadable(f"{channels} channels of {width} bytes at {rate} Hz")
    frames = frames[: len(frames) - len(frames) % (width * channels)]
    samples = _to_16_bits(frames, width)
    if channels == 2:
        samples = array(
            "h", ((left + right) >> 1 for left, right in zip(samples[::2], samples[1::2], strict=True))
        )
    return Sound(samples, rate)


def _to_16_bits(frames: bytes, width: int) -> array[int]:
    if width == 1:
        return array("h", ((byte - 128) << 8 for byte in frames))
    if width > 2:  # the two high bytes of each little-endian sample
        high = bytearray(len(frames) // width * 2)
        high[::2], high[1::2] = frames[width - 2 :: width], frames[width - 1 :: width]
        frames = bytes(high)
    samples = array("h")
    samples.frombytes(frames)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def for_telephone(sound: Sound) -> Sound:
    """Resampled, trimmed of silence and levelled."""
    return level(trim(resample(sound, RATE)))


def resample(sound: Sound, rate: int) -> Sound:
    """The same sound at another rate: a windowed-sinc filter, one set of taps for each phase between samples."""
    if sound.rate == rate or not sound.samples:
        return Sound(sound.samples, rate)
    step = Fraction(sound.rate, rate)
    reach, phases = _filter(sound.rate, rate)
    padded = [0.0] * reach + [float(value) for value in sound.samples] + [0.0] * (reach + 1)
    count = len(sound.samples) * rate // sound.rate
    out = array("h", bytes(2 * count))
    whole, part, up = 0, 0, step.denominator
    width = 2 * reach + 1
    for index in range(count):
        value = sum(map(mul, phases[part], padded[whole : whole + width]))
        out[index] = max(-32768, min(32767, round(value)))
        part += step.numerator
        whole += part // up
        part %= up
    return Sound(out, rate)


@lru_cache(maxsize=8)
def _filter(source: int, target: int) -> tuple[int, list[tuple[float, ...]]]:
    """Taps for each fraction of a source sample. Cut off a little below half of the lower rate."""
    up = Fraction(source, target).denominator
    cutoff = 0.92 * min(1.0, target / source)
    reach = math.ceil(_ZERO_CROSSINGS / cutoff)
    phases = []
    for phase in range(up):
        centre = phase / up
        taps = [_tap(place - centre, cutoff, reach + 1) for place in range(-reach, reach + 1)]
        total = sum(taps)
        phases.append(tuple(tap / total for tap in taps))
    return reach, phases


def _tap(place: float, cutoff: float, reach: int) -> float:
    angle = math.pi * cutoff * place
    window = 0.5 + 0.5 * math.cos(math.pi * place / reach)
    return window * (math.sin(angle) / angle if angle else 1.0)


def trim(sound: Sound) -> Sound:
    """Without the silence at both ends, but for a short margin. A sound that is silent throughout becomes empty."""
    limit = round(SILENCE * 32767)
    samples = sound.samples
    first = next((place for place, value in enumerate(samples) if abs(value) > limit), None)
    if first is None:
        return Sound(array("h"), sound.rate)
    last = next(place for place in range(len(samples) - 1, -1, -1) if abs(samples[place]) > limit)
    margin = round(_MARGIN_S * sound.rate)
    return Sound(samples[max(0, first - margin) : last + margin + 1], sound.rate)


def level(sound: Sound) -> Sound:
    """As loud as all prompts are, never clipped."""
    if not sound.samples:
        return sound
    most = max(map(abs, sound.samples))
    gain = min(LOUDNESS * 32767 / (loudness(sound) * 32767), PEAK * 32767 / most) if most else 1.0
    return Sound(array("h", (round(value * gain) for value in sound.samples)), sound.rate)


def loudness(sound: Sound) -> float:
    """Root mean square, of full scale."""
    if not sound.samples:
        return 0.0
    return math.sqrt(sum(value * value for value in sound.samples) / len(sound.samples)) / 32767


def wav(sound: Sound) -> bytes:
    """The sound as a WAV file."""
    samples = sound.samples
    if sys.byteorder == "big":
        samples = array("h", samples)
        samples.byteswap()
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(sound.rate)
        target.writeframes(samples.tobytes())
    return out.getvalue()


def write_file(path: Path, data: bytes) -> None:
    """All or nothing, and readable for the telephone engine's user."""
    for folder in reversed(path.parents):  # whatever our umask, the engine's user must get through
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.chmod(draft, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
