"""Names a shop keeps in both languages, and which of them a reader gets."""

from __future__ import annotations


def in_language(language: str, english: str, chinese: str) -> str:
    """The text for a reader, or the other one where it was not written."""
    first, second = (chinese, english) if language.lower().startswith("zh") else (english, chinese)
    return first or second
