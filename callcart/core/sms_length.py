"""An SMS as networks count and cut it: 160 characters of the GSM alphabet (3GPP TS 23.038), or 70 UTF-16 units where one
character is outside of it; of several parts, 153 or 67 each, as their header takes its share (TS 23.040). A character that
takes two units (the extension table's, a surrogate pair) is never cut in two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# By code: the place in the text is the code. 0x1B leads into the extension table and is no character.
GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_ESCAPE = 0x1B
GSM_EXTENDED = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
MOST_PARTS = 255  # the header counts them in one byte

_ONE = frozenset(GSM_BASIC) - {"\x1b"}
_TWO = frozenset(GSM_EXTENDED.values())


@dataclass(frozen=True, slots=True)
class Length:
    """`units` are septets, or UTF-16 units where `wide`; `room` is what fits into as many parts."""

    wide: bool
    units: int
    parts: int
    room: int


def is_wide(text: str) -> bool:
    """Whether a text needs UTF-16: one character is outside of the GSM alphabet."""
    return any(c not in _ONE and c not in _TWO for c in text)


def sms_length(text: str) -> Length:
    """The length of a text, and its parts."""
    wide = is_wide(text)
    units = sum(_weights(text, wide))
    single, share = _sizes(wide)
    if units <= single:
        return Length(wide, units, 1, single)
    parts = sum(1 for _each in _cuts(text, wide))
    return Length(wide, units, parts, parts * share)


def sms_parts(text: str, *, wide: bool = False) -> list[str]:
    """The parts that a text goes in, as many as `sms_length` counts. Joined, they are the text. `wide`: it goes as UTF-16 even where
    the GSM alphabet would do."""
    wide = wide or is_wide(text)
    if sum(_weights(text, wide)) <= _sizes(wide)[0]:
        return [text]
    return list(_cuts(text, wide))


def _sizes(wide: bool) -> tuple[int, int]:
    """What fits into a single SMS, and into each of several parts."""
    return (70, 67) if wide else (160, 153)


def _weights(text: str, wide: bool) -> Iterator[int]:
    return ((2 if ord(c) > 0xFFFF else 1) if wide else 1 + (c in _TWO) for c in text)


def _cuts(text: str, wide: bool) -> Iterator[str]:
    share, filled, start = _sizes(wide)[1], 0, 0
    for at, weight in enumerate(_weights(text, wide)):
        if filled + weight > share:
            yield text[start:at]
            filled, start = 0, at
        filled += weight
    yield text[start:]
