"""What is said, written down by Vosk (Apache 2.0; the extra `callcart[transcripts]`), on this machine and without a network.

Models are not shipped: put an unpacked one into HOME/models/vosk-en, HOME/models/vosk-zh-hans and so on (docs/operate.md). A model
stays in the memory of the worker once it was used: the small ones take about 300 MB.
"""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from callcart.config import config
from callcart.contact.recordings.transcribe import EngineBusy, Word

_one_at_a_time = threading.Lock()


class VoskTranscriber:
    """Implements `callcart.contact.recordings.transcribe.Transcriber`."""

    name = "vosk"

    def __init__(self) -> None:
        """Raises ImportError where Vosk is not installed."""
        if importlib.util.find_spec("vosk") is None:
            raise ImportError("vosk")

    def speaks(self, language: str) -> bool:
        return (_folder(language) / "am").is_dir()

    def transcribe(self, samples: Iterator[bytes], *, rate: int, language: str) -> Sequence[Word]:
        """One voice at a time in a process: it takes a whole core, and calls have the others. Raises EngineBusy."""
        import vosk

        if not _one_at_a_time.acquire(blocking=False):
            raise EngineBusy
        try:
            recogniser = vosk.KaldiRecognizer(_model(_folder(language)), rate)
            recogniser.SetWords(True)
            found: list[Word] = []
            for piece in samples:
                if recogniser.AcceptWaveform(piece):
                    found += _words(recogniser.Result())
            return [*found, *_words(recogniser.FinalResult())]
        finally:
            _one_at_a_time.release()


def _folder(language: str) -> Path:
    return config().home / "models" / f"vosk-{language}"


@cache
def _model(folder: Path) -> Any:
    import vosk

    vosk.SetLogLevel(-1)
    return vosk.Model(str(folder))


def _words(answer: str) -> list[Word]:
    return [
        Word(each["word"], round(each["start"] * 1000), round(each["end"] * 1000))
        for each in json.loads(answer).get("result", ())
    ]
