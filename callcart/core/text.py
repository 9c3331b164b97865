"""Texts from outside that are kept as they come (a name in a file, a carrier's words): what cannot be stored is replaced, not
refused. PostgreSQL cannot hold NUL, and no name needs control characters; emoji, right-to-left writing and markup are plain text
and are escaped where they are shown. A form that people fill in refuses instead, at its field: `fields`."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext, ngettext

from callcart.core.normal import normal_form

_KEPT = {"\n", "\t"}
# What numbers of payment cards begin with and how long they are (Visa, Mastercard, American Express, UnionPay, JCB, Discover), with
# blanks or hyphens between their groups. No letter or digit may touch them.
_CARD = re.compile(
    r"(?<![\w-])(?=(?:4|5[1-5]|2[2-7]|3[457]|6[0245]|81))\d(?:[ \u00a0-]?\d){14,18}(?![\w-])", re.ASCII
)


def clean(value: str) -> str:
    """The text in composed form, trimmed; control characters become spaces."""
    composed = normal_form("NFC", value)
    return "".join(
        c if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cs"} else " " for c in composed
    ).strip()


def printable(value: str, most: int) -> str:
    """What a stranger's program says of itself, cut to `most` characters and without those that cannot be shown."""
    return "".join(c for c in value if c.isprintable())[:most]


def mask_cards(value: str) -> str:
    """The text with what is a card number by its form and check digit made unreadable but for its end: none is kept here, also
    where somebody pastes one into a note."""
    return _CARD.sub(lambda found: _masked(found[0]), value)


def _masked(text: str) -> str:
    digits = [int(c) for c in text if c.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    if (sum(doubled) + sum(digits[-1::-2])) % 10:
        return text
    return "•••• " + "".join(str(digit) for digit in digits[-4:])


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
