"""Vosk as the engine of transcripts, with a stand-in for the wheel: its answers become words, it is asked one voice at a time."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from callcart.config import config
from callcart.contact.recordings.transcribe import EngineBusy, Word
from callcart.integrations import vosk as adapter


class Recogniser:
    """Hears a word in every piece, and one at the end."""

    def __init__(self, model: str, rate: int) -> None:
        self.said, self.model, self.rate = 0, model, rate

    def SetWords(self, on: bool) -> None:
        assert on

    def AcceptWaveform(self, piece: bytes) -> bool:
        self.said += 1
        return self.said % 2 == 0

    def Result(self) -> str:
        word = {"word": f"{self.model}-{self.rate}", "start": 0.5, "end": 0.75, "conf": 1}
        return json.dumps({"result": [word], "text": "x"})

    def FinalResult(self) -> str:
        return json.dumps({"text": ""})


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    wheel: Any = ModuleType("vosk")
    wheel.KaldiRecognizer, wheel.SetLogLevel = Recogniser, lambda level: None
    wheel.Model = lambda folder: Path(folder).name
    wheel.__spec__ = object()
    monkeypatch.setitem(sys.modules, "vosk", wheel)
    home = config().model_copy(update={"home": tmp_path})
    monkeypatch.setattr(adapter, "config", lambda: home)
    (tmp_path / "models" / "vosk-en" / "am").mkdir(parents=True)
    return tmp_path


def test_its_answers_become_words(installed: Path) -> None:
    engine = adapter.VoskTranscriber()
    assert (engine.speaks("en"), engine.speaks("zh-hans")) == (True, False)
    words = engine.transcribe(iter([b"a", b"b", b"c", b"d"]), rate=8000, language="en")
    assert list(words) == [Word("vosk-en-8000", 500, 750)] * 2


def test_one_voice_at_a_time_and_free_again_after_a_fault(installed: Path) -> None:
    engine = adapter.VoskTranscriber()

    def pieces() -> Iterator[bytes]:
        with pytest.raises(EngineBusy):
            engine.transcribe(iter(()), rate=8000, language="en")
        yield b"a"
        raise OSError

    with pytest.raises(OSError):
        engine.transcribe(pieces(), rate=8000, language="en")
    assert list(engine.transcribe(iter(()), rate=8000, language="en")) == []


def test_without_the_wheel_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError):
        adapter.VoskTranscriber()
