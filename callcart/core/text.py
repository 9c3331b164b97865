"""Texts from outside that are kept as they come (a name in a file, a carrier's words): what cannot be stored is replaced, not
refused. PostgreSQL cannot hold NUL, and no name needs control characters; emoji, right-to-left writing and markup are plain text
and are escaped where they are shown. A form that people fill in refuses instead, at its field: `fields`."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext, ngettext

_KEPT = {"\n", "\t"}


def clean(value: str) -> str:
    """The text in composed form, trimmed; control characters become spaces."""
    composed = unicodedata.normalize("NFC", value)
    return "".join(
        c if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cs"} else " " for c in composed
    ).strip()


def problem(value: str, *, longest: int, required: bool = False) -> str:
    """What is wrong with a cleaned text as a sentence for its field; empty where nothing is."""
    if required and not value:
        return gettext("Please fill this in.")
    if len(value) > longest:
        return ngettext(
            "At most %(longest)d character, this is %(length)d.",
            "At most %(longest)d characters, this is %(length)d.",
            longest,
        ) % {"longest": longest, "length": len(value)}
    return ""
