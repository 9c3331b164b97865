"""Sound for the telephone: what can be read, how it is changed, and that nothing else gets through."""

from __future__ import annotations

import io
import math
import struct
import wave
from array import array

import pytest

from callcart.contact.voice.speech.sound import (
    PEAK,
    RATE,
    Sound,
    Unreadable,
    for_telephone,
    level,
    loudness,
    read_wav,
    resample,
    trim,
    wav,
)


def tone(hertz: float, *, rate: int = RATE, seconds: float = 0.5, loud: float = 0.5) -> Sound:
    count = round(seconds * rate)
    return Sound(
        array("h", (round(32767 * loud * math.sin(2 * math.pi * hertz * at / rate)) for at in range(count))),
        rate,
    )


def strength(sound: Sound, hertz: float) -> float:
    """How much of one tone is in a sound, of full scale (Goertzel)."""
    turn = 2 * math.cos(2 * math.pi * hertz / sound.rate)
    before, last = 0.0, 0.0
    for value in sound.samples:
        before, last = last, value + turn * last - before
    power = before * before + last * last - turn * before * last
    return 2 * math.sqrt(max(0.0, power)) / len(sound.samples) / 32767


def file(*, rate: int = 44100, channels: int = 1, width: int = 2, frames: bytes = b"\0" * 8000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(channels)
        target.setsampwidth(width)
        target.setframerate(rate)
        target.writeframes(frames)
    return out.getvalue()


@pytest.mark.parametrize("rate", [11025, 16000, 22050, 44100, 48000])
def test_the_rate_changes_and_the_tone_stays(rate: int) -> None:
    sound = resample(tone(1000, rate=rate), RATE)
    assert sound.rate == RATE
    assert abs(sound.seconds - 0.5) < 0.001
    assert strength(sound, 1000) == pytest.approx(0.5, rel=0.05)


def test_what_a_telephone_line_cannot_carry_is_filtered_not_folded_back() -> None:
    high = resample(tone(6000, rate=44100), RATE)
    assert loudness(high) < 0.005
    assert strength(high, 2000) < 0.005


def test_stereo_becomes_the_middle_of_both() -> None:
    left, right = tone(500), tone(500, loud=0.1)
    frames = b"".join(
        struct.pack("<hh", one, other) for one, other in zip(left.samples, right.samples, strict=True)
    )
    sound = read_wav(file(rate=8000, channels=2, frames=frames))
    assert strength(sound, 500) == pytest.approx(0.3, rel=0.01)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_every_width_of_samples_is_read(width: int) -> None:
    steps = {1: "<B", 2: "<h", 4: "<i"}
    values = [
        round(0.5 * math.sin(2 * math.pi * 500 * at / 8000) * (1 << (8 * width - 1))) for at in range(4000)
    ]
    if width == 1:
        frames = b"".join(struct.pack("<B", value + 128) for value in values)
    elif width == 3:
        frames = b"".join(value.to_bytes(3, "little", signed=True) for value in values)
    else:
        frames = b"".join(struct.pack(steps[width], value) for value in values)
    assert strength(read_wav(file(rate=8000, width=width, frames=frames)), 500) == pytest.approx(
        0.5, rel=0.02
    )


def test_silence_at_both_ends_is_cut_but_for_a_margin() -> None:
    quiet = array("h", bytes(2 * RATE))
    trimmed = trim(Sound(quiet + tone(500).samples + quiet, RATE))
    assert 0.6 <= trimmed.seconds <= 0.63
    assert trim(Sound(quiet, RATE)).samples == array("h")


@pytest.mark.parametrize("loud", [0.02, 0.5, 1.0])
def test_every_prompt_is_as_loud_as_the_next(loud: float) -> None:
    levelled = level(tone(500, loud=loud))
    assert loudness(levelled) == pytest.approx(0.12, rel=0.02)
    assert max(map(abs, levelled.samples)) <= PEAK * 32767


def test_what_is_written_is_read_again() -> None:
    sound = for_telephone(tone(700, rate=44100, seconds=1))
    assert read_wav(wav(sound)) == sound


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"\xff\xfb\x90\x00" * 100,
        b"OggS" + b"\0" * 200,
        file(rate=1),
        file(rate=44101),
        file(channels=6, frames=b"\0" * 7200),
        file()[:30],
        file().replace(b"\x01\x00\x01\x00", b"\x55\x00\x01\x00", 1),  # MPEG in a WAV's clothes
    ],
    ids=["empty", "a beginning", "mp3", "ogg", "1 Hz", "odd rate", "six channels", "cut short", "compressed"],
)
def test_what_is_no_sound_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_wav(data)


def test_a_length_that_lies_is_no_more_than_the_file_holds() -> None:
    data = bytearray(file(rate=8000, frames=b"\1\0" * 800))
    data[40:44] = struct.pack("<I", 0x7FFFFFF0)
    assert len(read_wav(bytes(data)).samples) == 800
