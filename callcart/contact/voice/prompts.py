"""Prompts as sounds: a text becomes a WAV file once, named by what is in it, and is found again from then on.

`Prompts` is the Speech of calls. Files lie under `prompts/` of the installation, where the telephone engine knows them
as `callcart/…`; a text of the moment (a read-out) is kept for a day only.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from callcart.contact.voice.sound import for_telephone, wav, write_file
from callcart.contact.voice.speaker import Voice, speaker

VOICES = {
    "en": Voice("en-us+f3", 145),
    "zh-hans": Voice("cmn+f3", 150),
}
CALLERS = {  # somebody else than the one who speaks our prompts
    "en": Voice("en-us+m3", 150),
    "zh-hans": Voice("cmn+m3", 155),
}


def voice_for(language: str, voices: dict[str, Voice] = VOICES) -> Voice:
    return voices["zh-hans" if language.lower().startswith("zh") else "en"]


def speak_to(path: Path, text: str, language: str, *, caller: bool = True) -> None:
    """Speak a text into a WAV file (8 kHz, one channel, 16 bits), by default with a customer's voice. Raises NotSpoken."""
    voice = voice_for(language, CALLERS if caller else VOICES)
    write_file(path, wav(for_telephone(speaker.speak(text, voice))))


def digest_of(text: str, voice: Voice) -> str:
    """What a spoken text is named by: other words or another voice give another name."""
    return hashlib.sha256(f"{voice!r}\n{text}".encode()).hexdigest()[:40]


def render_all(folder: Path) -> None:
    """Speak every prompt that ships and is not there yet."""
    for language, name, text in (
        (
            "en",
            "unavailable",
            "We are sorry, we cannot take your call just now. Please call again in a few minutes.",
        ),
        ("zh-hans", "unavailable-zh", "非常抱歉,现在暂时无法为您接通,请您过几分钟再拨。"),
    ):
        if not (folder / f"{name}.wav").exists():
            speak_to(folder / f"{name}.wav", text, language, caller=False)
