"""An engine in memory: says the words it was given for each side in turn. For tests, and for trying the pages without a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from callcart.contact.recordings.transcribe import Word


class FakeTranscriber:
    """`script`: the words of the sides in the order they are asked for; said anew for each recording."""

    script: ClassVar[Sequence[Sequence[Word]]] = ()
    heard: ClassVar[list[tuple[int, int]]] = []  # rate and samples of each side it was given

    name = "fake"

    def __init__(self) -> None:
        self._turn = 0

    def speaks(self, language: str) -> bool:
        return language in {"en", "zh-hans"}

    def transcribe(self, samples: Iterator[bytes], *, rate: int, language: str) -> Sequence[Word]:
        self.heard.append((rate, sum(len(piece) for piece in samples) // 2))
        words = self.script[self._turn] if self._turn < len(self.script) else ()
        self._turn += 1
        return words
