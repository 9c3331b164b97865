"""A sentence of a flow as callers hear it: the shop's own recording where there is one, else spoken."""

from __future__ import annotations

from pathlib import Path

from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.speech.prompts import Prompts, prompts_folder
from callcart.core.actor import Actor
from callcart.core.errors import NotFound, Unavailable
from callcart.engage.ivr.graphs import MOST_CHARACTERS
from callcart.engage.ivr.spoken import known_language

_prompts: dict[str, Prompts] = {}


def sound_of(actor: Actor, text: str, language: str, *, key: str = "") -> Path:
    """The file; made now where it is not there yet, so call it outside a transaction. Raises NotFound, Unavailable."""
    actor.require("ivr.view")
    if not text.strip() or len(text) > MOST_CHARACTERS * 2 or len(key) > 80:
        raise NotFound
    folder = prompts_folder()
    speech = _prompts.setdefault(str(folder), Prompts(folder))
    speech.forget(actor.tenant_id)
    names = speech.sounds(actor.tenant_id, [Utterance(text, known_language(language), key)])
    if not names:
        raise Unavailable
    return folder / f"{names[0].removeprefix('callcart/')}.wav"
