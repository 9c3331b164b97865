"""Weights, amounts and per cents as they are typed in forms of carriers, and back."""

from __future__ import annotations

import unicodedata
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.core.money import Money

_MOST_GRAMS = 10**8


def decimal(text: str, name: str, *, said: str) -> Decimal:
    """A plain decimal; Invalid at `name` saying `said`."""
    plain = unicodedata.normalize("NFKC", text[:20]).strip()
    try:
        found = Decimal(plain) if plain.replace(".", "", 1).isdecimal() and plain.isascii() else Decimal(-1)
    except InvalidOperation:
        found = Decimal(-1)
    if found < 0:
        raise Invalid(fields={name: said})
    return found


def grams(text: str, name: str) -> int:
    """Kilograms as typed, in grams; what is finer than a gram counts as one."""
    said = _("A weight in kilograms, such as 0.5.")
    found = -int(-decimal(text, name, said=said) * 1000 // 1)
    if not 0 < found <= _MOST_GRAMS:
        raise Invalid(fields={name: said})
    return found


def kilograms(value: int | None) -> str:
    """Grams as kilograms, without needless zeros; empty for none."""
    return "" if value is None else f"{(Decimal(value) / 1000).normalize():f}"


def basis_points(text: str, name: str) -> int:
    """Per cent as typed, in hundredths of it; empty is none."""
    return int(decimal(text or "0", name, said=_("A per cent, such as 2.5.")) * 100)


def per_cent(value: int) -> str:
    return f"{(Decimal(value) / 100).normalize():f}"


def minor(text: str, name: str, currency: str) -> int:
    """An amount as typed, in minor units; empty is none."""
    try:
        found = Money.parse(text or "0", currency).minor
    except ValueError:
        found = -1
    if found < 0:
        raise Invalid(fields={name: _("An amount such as 12.50.")})
    return found


def amount(value: int | None, currency: str) -> str:
    return "" if value is None else str(Money(value, currency).decimal)


def whole(text: str, name: str) -> int:
    """A whole number, not negative."""
    plain = unicodedata.normalize("NFKC", text[:12]).strip()
    if not (plain.isascii() and plain.isdecimal()):
        raise Invalid(fields={name: _("A whole number.")})
    return int(plain)
