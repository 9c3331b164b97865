"""Money: whole minor units and a currency. Adding unlike currencies is an error; parts always add up.

Rounding happens in one place (`scaled`), half away from zero; sharing out uses the largest remainder
method, so the parts sum to the whole. Minor units per currency follow ISO 4217.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision, get_currency_symbol

_AMOUNT = re.compile(r"[+-]?(?=\.?\d)(\d{1,15}|\d{1,3}(,\d{3}){1,4})?(\.\d{0,6})?", re.ASCII)


class CurrencyMismatch(TypeError):
    """Two amounts of different currencies were mixed."""


# The sign of a currency in its own country.
NARROW = {
    "CNY": "¥",
    "USD": "$",
    "HKD": "$",
    "TWD": "$",
    "AUD": "$",
    "CAD": "$",
    "SGD": "$",
    "JPY": "¥",
    "EUR": "€",
    "GBP": "£",
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, fen) of an ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError("minor units are whole numbers")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not a currency code: {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a plain decimal such as `12.50` or `1,200`; raises ValueError where it is no amount of that currency.
        A comma is taken between thousands only: `12,50` is refused, not read as twelve hundred."""
        plain = unicodedata.normalize("NFKC", text[:100]).strip()  # full-width digits of a Chinese keyboard
        if not _AMOUNT.fullmatch(plain):
            raise ValueError(f"not an amount: {text[:40]!r}")
        exact = Decimal(plain.replace(",", "")).scaleb(get_currency_precision(currency))
        if exact != exact.to_integral_value():
            raise ValueError(f"not an amount in {currency}: {text!r}")
        return cls(int(exact), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    def _same(self, other: Money) -> Money:
        if not isinstance(other, Money):
            raise TypeError(f"money and {type(other).__name__} do not mix")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")
        return other

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, count: int) -> Money:
        if not isinstance(count, int):
            raise TypeError("multiply money by whole numbers; use scaled() for rates")
        return Money(self.minor * count, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def scaled(self, rate: Decimal | Fraction) -> Money:
        """The amount times a rate, rounded half away from zero to a whole minor unit."""
        exact = Fraction(rate) * abs(self.minor)
        whole = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
        return Money(whole if (self.minor < 0) == (exact < 0) else -whole, self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Money]:
        """Share the amount out by weights; the parts sum to the whole (largest remainder, earlier part first)."""
        total = sum(weights)
        if not weights or total <= 0 or min(weights) < 0:
            raise ValueError("weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        shares = [divmod(abs(self.minor) * weight, total) for weight in weights]
        parts = [share for share, _ in shares]
        left = abs(self.minor) - sum(parts)
        for index in sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))[:left]:
            parts[index] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def format(self, locale: str = "en", *, at_home: bool = False) -> str:
        """The amount as the reader writes it, e.g. `$12.50`, `¥12.50`; `at_home` where it can be no other country's dollar."""
        plain = locale.replace("-", "_")
        text = format_currency(self.decimal, self.currency, locale=plain)
        if at_home and self.currency in NARROW:
            text = text.replace(get_currency_symbol(self.currency, plain), NARROW[self.currency])
        return text


def known_currencies() -> frozenset[str]:
    """Every ISO 4217 code the locale data knows."""
    return frozenset(get_global("all_currencies"))
