"""The demo callers' recorded voices, `home/demo-voices/`: made once at set-up, one file for each thing said.

A text that could not be spoken gives a tone instead of failing the call.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable
from pathlib import Path

from callcart.config import config
from callcart.demo.caller import sound

_PAUSE_SECONDS = 3  # before it is said again
_FALLBACK_HERTZ = {"en": 440.0, "zh-hans": 520.0}


def make_voices(words: Iterable[tuple[str, str]]) -> int:
    """Speak every (language, text) that has no file yet; how many were made."""
    from callcart.contact.voice.speech.prompts import speak_to

    made = 0
    for language, text in words:
        path = _path(language, text)
        if not path.exists():
            speak_to(path, text, language)
            made += 1
    return made


def voice(language: str, text: str) -> array[int]:
    """What to play for a text, a pause at its end included."""
    try:
        samples = sound.read_voice(_path(language, text))
    except (OSError, sound.NotAVoice):
        samples = sound.tone(_FALLBACK_HERTZ.get(language, 440.0), seconds=2)
    return samples + array("h", bytes(2 * sound.RATE * _PAUSE_SECONDS))


def _path(language: str, text: str) -> Path:
    """Named by what is said: a changed text is spoken anew."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return config().path("demo-voices", f"{language}-{digest}.wav")
