"""Prompts as sounds: a text becomes a WAV file once, named by what is in it, and is found again from then on.

`Prompts` is the Speech of calls. Files lie under `prompts/` of the installation, where the telephone engine knows them
as `callcart/…`; a sentence of the moment (a read-out) is kept for a day only.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from callcart.config import config
from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.models import TenantPrompt
from callcart.contact.voice.speech import missing
from callcart.contact.voice.speech.music import hold_music, short_tone
from callcart.contact.voice.speech.phrases import LANGUAGES, SHOP, TONE, fill, known_phrases
from callcart.contact.voice.speech.sound import wav, write_file
from callcart.contact.voice.speech.speaker import NotSpoken, Voice, speaker
from callcart.core import files
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.tenancy import acting_for, tenant_transaction
from callcart.people.tenants.public import get_tenant

log = structlog.get_logger(__name__)

VOICES = {"en": Voice("en-us+f3", 145), "zh-hans": Voice("cmn+f3", 150)}
CALLERS = {"en": Voice("en-us+m3", 150), "zh-hans": Voice("cmn+m3", 155)}  # not who speaks our prompts
MADE_AS = "1"  # counts changes of how speech becomes a file

# Said by the telephone engine alone, when nobody of ours is there to choose.
UNAVAILABLE = {
    "unavailable": (
        "en",
        "We are sorry, we cannot take your call just now. Please call again in a few minutes.",
    ),
    "unavailable-zh": ("zh-hans", "非常抱歉，现在暂时无法为您接通，请您过几分钟再拨。"),
}
# Said instead of something that cannot be made just now, so that nobody hears nothing: spoken at set-up.
HOLD_ON = {"en": ("hold-on", "One moment, please."), "zh-hans": ("hold-on-zh", "请稍候。")}
_KEPT_S = 24 * 3600
_SWEEP_S = 3600
_FRESH_S = 5.0


def spoken_language(language: str) -> str:
    """The language of ours that comes nearest to a language tag."""
    return "zh-hans" if language.lower().startswith("zh") else "en"


def speak_to(path: Path, text: str, language: str, *, caller: bool = True) -> None:
    """Speak a text into a WAV file (8 kHz, one channel, 16 bits), by default with a customer's voice. Raises NotSpoken."""
    voice = (CALLERS if caller else VOICES)[spoken_language(language)]
    write_file(path, wav(speaker.speak(text, voice)))


def prompts_folder() -> Path:
    """Where the telephone engine finds our sounds."""
    return config().path("prompts").resolve()


def render_all(folder: Path) -> None:
    """Speak every prompt that ships and make the music, as far as they are not there yet."""
    for name, (language, text) in UNAVAILABLE.items():
        _unless_there(folder / f"{name}.wav", text, language)
    for language, (name, text) in HOLD_ON.items():
        _unless_there(folder / f"{name}.wav", text, language)
    for phrase in known_phrases().values():
        for language, text in phrase.texts.items():
            if SHOP not in text:
                spoken(folder, text, language)
    music = folder / "moh" / f"callcart-{MADE_AS}.wav"
    if not music.exists():
        write_file(music, wav(hold_music()))


def spoken(folder: Path, text: str, language: str, *, moment: bool = False) -> str:
    """The name (below the folder) of a text's sound, spoken now unless it is there. Raises NotSpoken."""
    language = spoken_language(language)
    made = f"{MADE_AS}\n{VOICES[language]!r}\n{text}"
    name = f"{'moment' if moment else 'spoken'}/{language}/{hashlib.sha256(made.encode('utf-8', 'replace')).hexdigest()[:40]}"
    _unless_there(folder / f"{name}.wav", text, language)
    return name


def tone(folder: Path) -> str:
    """The name of the tone after which somebody may speak; made where it is not there."""
    name = f"tone-{MADE_AS}"
    if not (folder / f"{name}.wav").exists():
        write_file(folder / f"{name}.wav", wav(short_tone()))
    return name


def _unless_there(path: Path, text: str, language: str) -> None:
    try:
        os.utime(path)  # used today: not swept
    except FileNotFoundError:
        speak_to(path, text, language, caller=False)


@dataclass(frozen=True, slots=True)
class _Own:
    """What a shop says in its own way, and its name in each language."""

    prompts: Mapping[tuple[str, str], TenantPrompt]
    names: Mapping[str, str]
    until: float


@dataclass
class Prompts:
    """Turns utterances into names of sounds. A shop's changes are heard within seconds. What cannot be spoken is left out and told of
    (`missing`): a call goes on without it, and where nothing else is left, with a sentence that ships."""

    folder: Path = field(default_factory=prompts_folder)
    _shops: dict[int, _Own] = field(default_factory=dict)
    _swept: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sounds(self, tenant_id: int, utterances: Sequence[Utterance]) -> list[str]:
        """Names of sounds; renders what is not there. Call it in a thread, outside a transaction."""
        self._sweep_if_due()
        own = self._own(tenant_id)
        names = []
        for utterance in utterances:
            try:
                names.append(f"callcart/{self._name(tenant_id, own, utterance)}")
            except (NotSpoken, OSError, NotFound) as error:
                missing.tell(tenant_id, utterance.key, type(error).__name__)
        return names or self._hold_on(utterances)

    def _hold_on(self, utterances: Sequence[Utterance]) -> list[str]:
        """What ships and is there, instead of all that is not."""
        for utterance in utterances:
            name = HOLD_ON[spoken_language(utterance.language)][0]
            if utterance.key != TONE and (self.folder / f"{name}.wav").exists():
                return [f"callcart/{name}"]
        return []

    def forget(self, tenant_id: int) -> None:
        """Read anew what this shop says in its own way: whoever has just changed it wants to hear it."""
        with self._lock:
            self._shops.pop(tenant_id, None)

    def _name(self, tenant_id: int, own: _Own, utterance: Utterance) -> str:
        language = spoken_language(utterance.language)
        if utterance.key == TONE:
            return tone(self.folder)
        replaced = own.prompts.get((utterance.key, language)) if utterance.key else None
        if replaced is not None and replaced.file_key:
            try:
                return self._recording(tenant_id, replaced.file_key)
            except (NotFound, OSError) as error:  # lost, or cannot be copied: the words are still there
                missing.tell(tenant_id, utterance.key, type(error).__name__)
        text = replaced.text if replaced is not None and replaced.text else utterance.text
        text = fill(text, own.names[language])
        return spoken(self.folder, text, language, moment=not utterance.key)

    def _recording(self, tenant_id: int, file_key: str) -> str:
        """A shop's own sound, copied to where the engine may read."""
        name = f"shop/{tenant_id}/{Path(file_key).stem[:40]}"
        target = self.folder / f"{name}.wav"
        if not target.exists():
            with acting_for(tenant_id):
                write_file(target, files.path(file_key).read_bytes())
        return name

    def _own(self, tenant_id: int) -> _Own:
        moment = time.monotonic()
        with self._lock:
            kept = self._shops.get(tenant_id)
        if kept is not None and moment < kept.until:
            return kept
        with tenant_transaction(tenant_id):
            rows = list(TenantPrompt.objects.all())
            shop = get_tenant(tenant_id)
        found = _Own(
            prompts={(row.key, row.language): row for row in rows},
            names={language: shop.name_in(language) for language in LANGUAGES},
            until=moment + _FRESH_S,
        )
        with self._lock:
            self._shops[tenant_id] = found
        return found

    def _sweep_if_due(self) -> None:
        moment = time.monotonic()
        with self._lock:
            if moment - self._swept < _SWEEP_S:
                return
            self._swept = moment
        sweep(self.folder)


def sweep(folder: Path) -> None:
    """Delete sentences of the moment that nobody has heard for a day: they told of somebody's order."""
    limit = now().timestamp() - _KEPT_S
    for path in (folder / "moment").glob("*/*.wav"):
        with suppress(FileNotFoundError):  # another process sweeps too
            if path.stat().st_mtime < limit:
                path.unlink()
