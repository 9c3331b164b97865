"""Working days, counted from the day after the order."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from callcart.commerce.shipping.public import (
    DeliveryChoice,
    ServiceDraft,
    arrival,
    promise,
    save_service,
    set_holidays,
)
from callcart.core.money import Money
from tests.commerce.shipping.conftest import Depot
from tests.commerce.shop import Shop


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


MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 12:00 in New York
MONDAY_NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def test_without_a_carriers_service_the_usual_cut_off_and_the_holidays_count(shop: Shop) -> None:
    asked = choice(1, 3)
    assert promise(asked, country="US", at=MONDAY_NOON) == (date(2026, 11, 24), date(2026, 11, 26))
    assert promise(asked, country="US", at=MONDAY_NIGHT) == (date(2026, 11, 25), date(2026, 11, 27))
    set_holidays(shop.boss, [(date(2026, 11, 26), "Thanksgiving")])
    assert promise(asked, country="US", at=MONDAY_NIGHT) == (date(2026, 11, 25), date(2026, 11, 30))


def test_with_one_its_zone_and_its_cut_off_count(depot: Depot) -> None:
    asked = DeliveryChoice("ground", "Ground", "", Money(0, "USD"), 1, 9, takes_cod=True)
    boss = depot.shop.boss
    draft = ServiceDraft(code="road", name="Road", days_min=2, days_max=4, methods=("ground",))
    save_service(boss, depot.carrier.id, draft, service_id=depot.road.id)
    west = {"country": "US", "region": "Oregon", "at": MONDAY_NOON}
    assert promise(asked, **west) == (date(2026, 11, 24), date(2026, 11, 25))  # type: ignore[arg-type]
    assert promise(asked, country="US", at=MONDAY_NIGHT) == (date(2026, 11, 26), date(2026, 11, 30))
    # nobody carries it there: the method's own days
    assert promise(asked, country="CN", at=MONDAY_NOON) == (date(2026, 11, 24), date(2026, 12, 4))
