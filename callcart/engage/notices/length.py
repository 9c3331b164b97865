"""How long an SMS is as networks count it: 160 characters of the GSM alphabet (3GPP TS 23.038), or 70 UTF-16 units where one
character is outside of it; of several parts, 153 or 67 each, as their header takes its share."""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class Length:
    """`units` are septets, or UTF-16 units where `wide`; `room` is what fits into as many parts."""

    wide: bool
    units: int
    parts: int
    room: int


def sms_length(text: str) -> Length:
    """The length of a text. A character that takes two units is never split over two parts."""
    wide = any(c not in _BASIC and c not in _EXTENDED for c in text)
    weights = [_wide(c) if wide else 1 + (c in _EXTENDED) for c in text]
    units, single, share = sum(weights), 70 if wide else 160, 67 if wide else 153
    if units <= single:
        return Length(wide, units, 1, single)
    parts, filled = 1, 0
    for weight in weights:
        if filled + weight > share:
            parts, filled = parts + 1, 0
        filled += weight
    return Length(wide, units, parts, parts * share)


def _wide(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1
