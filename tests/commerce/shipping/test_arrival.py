"""Working days, counted from the day after the order."""

from __future__ import annotations

from datetime import date

import pytest

from callcart.commerce.shipping.public import DeliveryChoice, arrival
from callcart.core.money import Money


def choice(least: int, most: int) -> DeliveryChoice:
    return DeliveryChoice("x", "X", "", Money(0, "USD"), least, most, takes_cod=True)


@pytest.mark.parametrize(
    ("ordered", "days", "first", "last"),
    [
        (date(2026, 11, 23), (1, 2), date(2026, 11, 24), date(2026, 11, 25)),  # a Monday
        (date(2026, 11, 27), (1, 3), date(2026, 11, 30), date(2026, 12, 2)),  # a Friday
        (date(2026, 11, 28), (1, 1), date(2026, 11, 30), date(2026, 11, 30)),  # a Saturday
        (date(2026, 11, 23), (0, 5), date(2026, 11, 23), date(2026, 11, 30)),
    ],
)
def test_weekends_do_not_count(ordered: date, days: tuple[int, int], first: date, last: date) -> None:
    assert arrival(choice(*days), ordered) == (first, last)
