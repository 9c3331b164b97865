"""Who the demo caller can be: an invented number, a language, and what they say. Nobody here exists."""

from __future__ import annotations

import random
from dataclasses import dataclass

from callcart.demo.data.people import KNOWN_CALLERS, KnownCaller

KEYS = ("known", "unknown", "hidden", "chinese")
LANGUAGE_KEYS = {"en": "1", "zh-hans": "2"}  # what the greeting asks callers to press

_SAID = {
    "known": {
        "en": "Hello, this is {name}. I ordered something from you, and I would like to know where it is. Thank you.",
        "zh-hans": "你好，我是{name}。我在你们店里买了东西，想问一下现在到哪里了。谢谢。",
    },
    "unknown": {
        "en": "Hello, I have never bought from you before. I would like to order something by phone, please.",
        "zh-hans": "你好，我是第一次在你们这里买东西，想打电话订一件，可以吗？",
    },
    "hidden": {
        "en": "Hello, I have a question about one of your products before I order it.",
        "zh-hans": "你好，我想下单之前先问一下你们的一款商品。",
    },
}


class NoSuchCaller(ValueError):
    """The demo has no such caller."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One demo call: who calls, and how. An empty `number` is a hidden one."""

    number: str
    name: str
    language: str
    words: str

    @property
    def keys(self) -> str:
        return LANGUAGE_KEYS[self.language]


def scene(key: str, *, tenant: str, language: str) -> Scene:
    """A scene for a kind of caller of a shop; `language` is the shop's own. Raises NoSuchCaller."""
    own = [each for each in KNOWN_CALLERS if each.tenant == tenant]
    if key == "known" and own:
        speaking = [each for each in own if each.language == language]
        return _known(random.choice(speaking or own))
    if key == "chinese" and own:
        return _known(next(each for each in own if each.language == "zh-hans"))
    if key == "unknown":
        return Scene(_unheard(tenant), "", language, _SAID["unknown"][language])
    if key == "hidden":
        return Scene("", "", language, _SAID["hidden"][language])
    raise NoSuchCaller(key)


def all_words() -> set[tuple[str, str]]:
    """Every (language, text) that a demo caller may say."""
    said = {(language, text) for key in ("unknown", "hidden") for language, text in _SAID[key].items()}
    return said | {(each.language, _known(each).words) for each in KNOWN_CALLERS}


def _known(who: KnownCaller) -> Scene:
    words = _SAID["known"][who.language].format(name=who.name)
    return Scene(who.number, who.name, who.language, words)


def _unheard(tenant: str) -> str:
    """A number that no customer of the demo shops has: of the ranges kept for fiction, and of a mobile prefix of tests."""
    if tenant == "qinghe":
        return f"+861380000{random.randrange(9000, 10_000)}"
    return f"+120255501{random.randrange(80, 100)}"
