"""What a shop says in its own way: a recording or a text instead of a prompt that ships, and greetings of its own.

A recording is checked and made fit for the telephone before anything is kept; every change is in the audit. Whoever
may not change prompts may not list them either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from callcart.contact.voice.models import TenantPrompt
from callcart.contact.voice.speech.phrases import LANGUAGES, Phrase, fill, known_phrases
from callcart.contact.voice.speech.prompts import prompts_folder, spoken
from callcart.contact.voice.speech.sound import Unreadable, for_telephone, read_wav, wav
from callcart.contact.voice.speech.speaker import NotSpoken
from callcart.core import audit, files, ids
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound, Unavailable
from callcart.core.fields import Fields
from callcart.people.tenants.public import get_tenant, list_service_numbers

MOST_BYTES = 8_000_000
MOST_SECONDS = 60
LEAST_SECONDS = 0.3
MOST_CHARACTERS = 600
GREETING = "greeting"
_OWN_GREETING = re.compile(r"greeting\.[0-9a-f]{32}")


class GreetingInUse(Conflict):
    """A service number greets with this. Choose another greeting there first."""

    code = "voice.greeting_in_use"


@dataclass(frozen=True, slots=True)
class Version:
    """A prompt in one language as it is heard now. `kind`: shipped, text or recording."""

    language: str
    kind: str
    text: str
    shipped: str = ""
    duration_ms: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""
    is_lost: bool = False  # its file is not there any more: callers hear the words


@dataclass(frozen=True, slots=True)
class PromptView:
    """A prompt for the office. `is_own`: a greeting that the shop has added."""

    key: str
    label: str | Promise
    heard: str | Promise
    versions: tuple[Version, ...]
    is_own: bool = False


def list_prompts(actor: Actor) -> list[PromptView]:
    """Every prompt of the shop in the order in which callers hear them; its own greetings after the one that ships."""
    actor.require("voice.manage")
    rows = {(row.key, row.language): row for row in TenantPrompt.objects.all()}
    found: list[PromptView] = []
    for phrase in known_phrases().values():
        found.append(_view(phrase.key, phrase.label, phrase.heard, rows, phrase.texts))
        if phrase.key == GREETING:
            found += _own_greetings(rows)
    return found


def greetings(actor: Actor) -> list[tuple[str, str]]:
    """Keys and titles of the greetings that the shop has added, for the choice at a service number."""
    actor.require("tenants.manage")
    rows = TenantPrompt.objects.filter(key__startswith=f"{GREETING}.").order_by("title", "key")
    return list({row.key: row.title for row in rows}.items())


def say_text(actor: Actor, key: str, language: str, text: str) -> TenantPrompt:
    """Say these words instead; `{shop}` in them is the shop's name. Raises Invalid, NotFound."""
    return _keep(actor, key, language, text=_checked_text(text), file_key="", duration_ms=0)


def say_recording(actor: Actor, key: str, language: str, data: bytes) -> TenantPrompt:
    """Play this recording instead: a WAV file (PCM, one or two channels, any usual rate). Raises Invalid, NotFound."""
    actor.require("voice.manage")
    check_prompt(key, language)
    sound = _checked_recording(data)
    kept = files.put(sound, kind="prompts", suffix=".wav")
    return _keep(actor, key, language, text=None, file_key=kept, duration_ms=(len(sound) - 44) // 16)


def say_shipped(actor: Actor, key: str, language: str) -> None:
    """Go back to the prompt that ships; nothing happens where it was never changed. Raises NotFound."""
    actor.require("voice.manage")
    if key not in known_phrases():
        raise NotFound
    row = TenantPrompt.objects.filter(key=key, language=language).first()
    if row is not None:
        audit.record(actor, "voice.say_shipped", subject=("prompt", row.id), before=_audited(row))
        row.delete()


def add_greeting(actor: Actor, title: str, *, texts: Mapping[str, str]) -> str:
    """A greeting of the shop's own, to be chosen for service numbers; its key. `texts` by language, at least one; a
    language left empty is greeted as shipped. Raises Invalid."""
    actor.require("voice.manage")
    form = Fields()
    title = form.line("title", title, most=100, required=True)
    said = {
        language: _read_text(form, f"text_{language}", texts[language])
        for language in LANGUAGES
        if texts.get(language, "").strip()
    }
    if not said:
        form.refuse(f"text_{LANGUAGES[0]}", _("Write what is said, in one language at least."))
    form.done()
    key = f"{GREETING}.{ids.new_id().hex}"
    with transaction.atomic():
        for language, text in said.items():
            row = TenantPrompt.objects.create(
                key=key, language=language, title=title, text=text, changed_at=now(), changed_by=actor.name
            )
            audit.record(actor, "voice.add_greeting", subject=("prompt", row.id), after=_audited(row))
    return key


def remove_greeting(actor: Actor, key: str) -> None:
    """Take a greeting of the shop's own away. Raises NotFound, GreetingInUse."""
    actor.require("voice.manage")
    rows = (
        list(TenantPrompt.objects.filter(key=key).select_for_update()) if _OWN_GREETING.fullmatch(key) else []
    )
    if not rows:
        raise NotFound
    if any(number.greeting == key for number in list_service_numbers(actor.tenant_id)):
        raise GreetingInUse
    for row in rows:
        audit.record(actor, "voice.remove_greeting", subject=("prompt", row.id), before=_audited(row))
        row.delete()


def prompt_sound(actor: Actor, key: str, language: str) -> Path:
    """The file of a prompt as callers hear it. Raises NotFound, Unavailable."""
    actor.require("voice.manage")
    phrase = check_prompt(key, language)
    row = TenantPrompt.objects.filter(key=key, language=language).first()
    if row is not None and row.file_key:
        return files.path(row.file_key)
    text = row.text if row is not None else phrase.texts[language] if phrase is not None else ""
    if not text:
        raise NotFound
    folder = prompts_folder()
    try:
        name = spoken(folder, fill(text, get_tenant().name_in(language)), language)
    except (NotSpoken, OSError):
        raise Unavailable from None
    return folder / f"{name}.wav"


def _view(
    key: str,
    label: str | Promise,
    heard: str | Promise,
    rows: Mapping[tuple[str, str], TenantPrompt],
    shipped: Mapping[str, str],
    *,
    is_own: bool = False,
) -> PromptView:
    versions = tuple(
        _version(language, rows.get((key, language)), shipped.get(language, "")) for language in LANGUAGES
    )
    return PromptView(key, label, heard, versions, is_own)


def _version(language: str, row: TenantPrompt | None, shipped: str) -> Version:
    if row is None:
        return Version(language, "shipped", shipped, shipped)
    kind = "recording" if row.file_key else "text"
    lost = bool(row.file_key) and not files.is_there(row.file_key)
    return Version(language, kind, row.text, shipped, row.duration_ms, row.changed_at, row.changed_by, lost)


def _own_greetings(rows: Mapping[tuple[str, str], TenantPrompt]) -> list[PromptView]:
    titles = {row.key: row.title for row in rows.values() if _OWN_GREETING.fullmatch(row.key)}
    heard = _("At the service numbers where it is chosen")
    return [
        _view(key, title, heard, rows, {}, is_own=True)
        for key, title in sorted(titles.items(), key=lambda each: (each[1], each[0]))
    ]


def check_prompt(key: str, language: str) -> Phrase | None:
    """The phrase that ships under a key, None for a greeting of the shop's own; NotFound for anything else."""
    if language not in LANGUAGES:
        raise NotFound
    phrase = known_phrases().get(key)
    own = _OWN_GREETING.fullmatch(key) and TenantPrompt.objects.filter(key=key).exists()
    if phrase is None and not own:
        raise NotFound
    return phrase


def _keep(
    actor: Actor, key: str, language: str, *, text: str | None, file_key: str, duration_ms: int
) -> TenantPrompt:
    """Write a version. A recording keeps the words known before, as what is said if its file is ever lost."""
    actor.require("voice.manage")
    phrase = check_prompt(key, language)
    sibling = None if phrase else TenantPrompt.objects.filter(key=key).first()
    row, fresh = TenantPrompt.objects.select_for_update().get_or_create(
        key=key,
        language=language,
        defaults={
            "title": sibling.title if sibling else "",
            "text": text or "",
            "file_key": file_key,
        },
    )
    before = {} if fresh else _audited(row)
    row.text = row.text if text is None else text
    row.file_key, row.duration_ms = file_key, duration_ms
    row.changed_at, row.changed_by = now(), actor.name
    row.save()
    action = "voice.say_recording" if file_key else "voice.say_text"
    audit.record(actor, action, subject=("prompt", row.id), before=before, after=_audited(row))
    return row


def _audited(row: TenantPrompt) -> dict[str, str]:
    return {"key": row.key, "language": row.language, "text": row.text, "recording": row.file_key}


def _checked_text(text: str) -> str:
    form = Fields()
    checked = _read_text(form, "text", text)
    form.done()
    return checked


def _read_text(form: Fields, name: str, text: str) -> str:
    plain = form.block(name, text, most=MOST_CHARACTERS, required=True)
    if plain and not any(character.isalnum() for character in plain):
        form.refuse(name, _("There is nothing in this text that can be spoken."))
    return plain


def _checked_recording(data: bytes) -> bytes:
    """The recording as a WAV file for the telephone, or Invalid with what to do about it."""
    problem = ""
    if not data:
        problem = _("Choose a sound file.")
    elif len(data) > MOST_BYTES:
        problem = _("The file is too large. At most %(most)s MB.") % {"most": MOST_BYTES // 1_000_000}
    if problem:
        raise Invalid(fields={"recording": problem})
    try:
        sound = read_wav(data)
    except Unreadable:
        raise Invalid(
            fields={
                "recording": _(
                    "This is not a WAV file that can be read. Save it as WAV (PCM), mono or stereo."
                )
            }
        ) from None
    if sound.seconds > MOST_SECONDS:
        problem = _("This is too long. At most %(most)s seconds.") % {"most": MOST_SECONDS}
        raise Invalid(fields={"recording": problem})
    ready = for_telephone(sound)
    if ready.seconds < LEAST_SECONDS:
        raise Invalid(fields={"recording": _("There is nothing to hear in this file.")})
    return wav(ready)
