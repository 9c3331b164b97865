"""Names a shop keeps in both languages, and which of them a reader gets."""

from __future__ import annotations

from typing import Protocol


def in_language(language: str, english: str, chinese: str) -> str:
    """The text for a reader, or the other one where it was not written."""
    first, second = (chinese, english) if is_chinese(language) else (english, chinese)
    return first or second


def is_chinese(language: str) -> bool:
    return language.lower().startswith("zh")


def locale_of(language: str) -> str:
    """How numbers, money and days are written for a reader of a language: a name of the locale data."""
    return "zh_Hans" if is_chinese(language) else "en_US"


class _TwoNames(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def name_zh(self) -> str: ...


class Named:
    """What has a name in both languages: `name` and `name_zh`."""

    __slots__ = ()

    def name_in(self: _TwoNames, language: str) -> str:
        """The name for a reader, or the other one where it was not written."""
        return in_language(language, self.name, self.name_zh)
