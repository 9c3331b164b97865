"""From the words of a block to what is said to this caller. Pure.

A text that was written in one language only is said in that one. The greeting is the number's own where it has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.speech.phrases import LANGUAGES, fill, known_phrases
from callcart.engage.ivr import aloud, phrases
from callcart.engage.ivr.blocks import Words

OWN_WORDS = (
    "flow"  # names no prompt: what has a name is kept once spoken, what has none tells of somebody and is not
)

_TEXTS = {phrase.key: phrase.texts for phrase in phrases.PHRASES}


def known_language(language: str) -> str:
    """The language of ours that comes nearest."""
    return "zh-hans" if aloud.is_chinese(language.lower()) else "en"


def shipped_words(key: str, language: str) -> Utterance:
    """A prompt that ships, which the shop may have replaced."""
    return Utterance(_TEXTS[key][language], language, key)


def spoken_by(words: Words, language: str, welcome: Mapping[str, Any]) -> list[Utterance]:
    """What a block says in a language; nothing where it has no words."""
    shop = str(welcome.get("names", {}).get(language, ""))
    if words.key:
        return [_prompt(words.key, language, shop, welcome)]
    spoken = language if words.texts.get(language) else _other(language)
    text = words.texts.get(spoken, "")
    return [Utterance(fill(text, shop), spoken, OWN_WORDS)] if text else []


def _prompt(key: str, language: str, shop: str, welcome: Mapping[str, Any]) -> Utterance:
    """A prompt by its key. One of the shop's own has no words that ship: it is greeted as shipped if it is ever lost."""
    phrase = known_phrases().get(key)
    texts = phrase.texts if phrase is not None else _TEXTS[phrases.GREETING]
    if key == phrases.GREETING:
        key = str(welcome.get("greetings", {}).get(language, "")) or key
    return Utterance(fill(texts[language], shop), language, key)


def _other(language: str) -> str:
    return next(each for each in LANGUAGES if each != language)
