"""The table of prompts that ship: whoever speaks on the telephone declares its phrases, set-up speaks them, the office lists
them. A shop may say each of them in its own way; sentences made of numbers and names of the moment are not in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

LANGUAGES = ("en", "zh-hans")
TONE = "tone"  # the key of an utterance without words: a short tone, after which somebody may speak
SHOP = "{shop}"  # stands for the shop's name in the language spoken


@dataclass(frozen=True, slots=True)
class Phrase:
    """A prompt that ships: its name for the office, when it is heard, and its words in each language."""

    key: str
    label: str | Promise
    heard: str | Promise
    texts: Mapping[str, str]


_table: dict[str, Phrase] = {}


def declare_phrases(*phrases: Phrase) -> None:
    """Add phrases, in the order in which a caller hears them."""
    for phrase in phrases:
        if set(phrase.texts) != set(LANGUAGES):
            raise ValueError(f"the prompt {phrase.key} does not speak every language")
        _table[phrase.key] = phrase


def known_phrases() -> dict[str, Phrase]:
    return dict(_table)


def fill(text: str, shop: str) -> str:
    """The text with the shop's name in it."""
    return text.replace(SHOP, shop)
