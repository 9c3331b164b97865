"""Names a shop keeps in both languages, and which of them a reader gets."""

from __future__ import annotations

from typing import Protocol


def in_language(language: str, english: str, chinese: str) -> str:
    """The text for a reader, or the other one where it was not written."""
    first, second = (chinese, english) if language.lower().startswith("zh") else (english, chinese)
    return first or second


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
