"""Amounts: parts add up, rounding is exact, and only amounts are read as amounts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.core.money import CurrencyMismatch, Money

AMOUNTS = st.integers(min_value=-(10**14), max_value=10**14)


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_shares_add_up_to_the_whole_and_are_fair(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "USD").allocate(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1
        assert weight or not part


@given(AMOUNTS, st.fractions(min_value=-10, max_value=10, max_denominator=10**9))
def test_scaling_rounds_half_away_from_zero(minor: int, rate: Fraction) -> None:
    exact = rate * minor
    scaled = Money(minor, "CNY").scaled(rate).minor
    assert abs(scaled - exact) <= Fraction(1, 2)
    if abs(scaled - exact) == Fraction(1, 2):
        assert abs(scaled) > abs(exact)


@given(AMOUNTS)
def test_a_printed_amount_is_read_back(minor: int) -> None:
    for currency in ("USD", "CNY", "JPY", "KWD"):
        amount = Money(minor, currency)
        assert Money.parse(str(amount.decimal), currency) == amount


@pytest.mark.parametrize(
    ("text", "minor"), [("12.50", 1250), (" 1,200 ", 120000), ("-.5", -50), ("１２．５", 1250), ("5.", 500)]
)
def test_amounts_people_type(text: str, minor: int) -> None:
    assert Money.parse(text, "USD").minor == minor


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", "12,50", "1,2", "1e3", "1e999999", "NaN", "Infinity", "0.001", "12 50", "$5", "9" * 16],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Money.parse(text, "USD")


def test_yen_has_no_minor_units() -> None:
    assert Money.parse("500", "JPY").minor == 500
    with pytest.raises(ValueError):
        Money.parse("500.5", "JPY")


def test_unlike_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") + Money(1, "CNY")
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") < Money(2, "CNY")  # noqa: B015
    with pytest.raises(TypeError):
        Money(1, "USD") * 1.5  # type: ignore[operator]


def test_only_whole_minor_units_exist() -> None:
    for bad in (1.0, True, "1"):
        with pytest.raises(TypeError):
            Money(bad, "USD")  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        Money(1, "usd")


def test_arithmetic_and_form() -> None:
    assert Money(1299, "USD") * 3 - Money(97, "USD") == Money(3800, "USD")
    assert max(Money(1, "USD"), Money(2, "USD")) == Money(2, "USD")
    assert Money(100, "USD").scaled(Decimal("0.335")).minor == 34
    assert Money(123456, "CNY").format("zh-hans") == "¥1,234.56"
    assert Money(123456, "USD").format("en") == "$1,234.56"
    assert not Money.zero("USD")
