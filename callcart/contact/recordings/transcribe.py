"""The interface to an engine that writes down what is said, and what goes through it: one side at a time, in constant memory.

An engine is named in settings (`CALLCART_TRANSCRIBER`) and works on this machine; where it or its model is not installed nothing
is written down and nothing else changes.
"""

from __future__ import annotations

import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from callcart.contact.recordings.audio import SoundFile

HEADER = 44


@dataclass(frozen=True, slots=True)
class Word:
    """One word with when it begins and ends, in milliseconds from the beginning of the recording."""

    text: str
    at_ms: int
    end_ms: int


class EngineBusy(Exception):
    """The engine is at another recording: ask again later, so that no worker stands and waits."""


class Transcriber(Protocol):
    """An engine. What it loads it may keep."""

    @property
    def name(self) -> str:
        """What is kept with a transcript of its making."""

    def speaks(self, language: str) -> bool:
        """Whether it and a model for this language (`en`, `zh-hans`) are installed."""

    def transcribe(self, samples: Iterator[bytes], *, rate: int, language: str) -> Sequence[Word]:
        """The words of one voice: samples of 16 bit, little-endian, one channel. Raises EngineBusy."""


def engine() -> Transcriber | None:
    """The engine of the settings; None where none is named or it is not installed."""
    path = getattr(settings, "CALLCART_TRANSCRIBER", "")
    try:
        made = import_string(path)() if path else None
    except ImportError:
        return None
    found: Transcriber | None = made
    return found


def rate_of(sound: SoundFile) -> int:
    """Samples a second of a kept sound."""
    return int.from_bytes(sound.read_all(24, 28), "little")


def side_of(sound: SoundFile, side: int, channels: int) -> Iterator[bytes]:
    """The samples of one side (0: the caller), a piece at a time."""
    frame, rest = 2 * channels, b""
    for piece in sound.pieces(HEADER):
        data = rest + piece
        whole = len(data) - len(data) % frame
        samples, rest = array.array("h", data[:whole]), data[whole:]
        yield samples[side::channels].tobytes()
