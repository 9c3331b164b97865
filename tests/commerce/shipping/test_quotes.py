"""Quotes: the closest zone, the weight that is billed, parts that add up, and a day that is honest about cut-off and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.commerce.shipping.models import CarrierZone, RateStep
from callcart.commerce.shipping.public import (
    CarrierCodeTaken,
    CarrierDraft,
    Destination,
    Quote,
    Sending,
    ServiceDraft,
    ZoneDraft,
    quotes,
    quotes_each,
    save_carrier,
    save_service,
    save_sheet,
    set_cut_offs,
    set_holidays,
)
from callcart.commerce.shipping.quotes import billed_grams, carriage_minor
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.core.tenancy import acting_for
from tests.commerce.shipping.conftest import Depot

MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # 12:00 in New York


def one(depot: Depot, **asked: object) -> Quote:
    values = {"country": "US", "region": "Ohio", "weight_g": 800, "at": MONDAY_NOON} | asked
    found = quotes(**values)  # type: ignore[arg-type]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("region", "postcode", "zone"),
    [
        ("Ohio", "43004", "Everywhere"),
        ("oregon", "97201", "West"),
        ("Hawaii", "967 93", "Islands"),
        ("Oregon", "96701", "Islands"),  # a postcode is closer than a province
        ("", "", "Everywhere"),
    ],
)
def test_the_zone_that_names_the_address_most_closely(
    depot: Depot, region: str, postcode: str, zone: str
) -> None:
    assert one(depot, region=region, postcode=postcode).zone == zone


def test_a_country_without_zone_and_a_weight_above_all_have_no_offer(depot: Depot) -> None:
    assert quotes(country="CN", weight_g=100) == []
    assert quotes(country="US", region="Oregon", weight_g=5001) == []  # its sheet ends at 5 kg
    assert quotes(country="US", weight_g=20_001) == []  # above what the service carries
    with pytest.raises(Invalid) as refused:
        quotes(country="US", weight_g=-1, volume_cm3=10**9)
    assert set(refused.value.fields) == {"weight", "volume"}


@pytest.mark.parametrize(
    ("weight", "volume", "billed", "carriage"),
    [
        (800, 0, 800, 900),
        (1000, 0, 1000, 900),
        (1001, 0, 1001, 1500),
        (5001, 0, 5001, 1700),
        (7000, 0, 7000, 1900),
        (7001, 0, 7001, 2100),
        (800, 10_000, 2000, 1500),
        (0, 0, 1, 900),
    ],
)
def test_weight_and_volumetric_weight(
    depot: Depot, weight: int, volume: int, billed: int, carriage: int
) -> None:
    found = one(depot, weight_g=weight, volume_cm3=volume)
    assert (found.billed_g, found.parts[0].amount.minor) == (billed, carriage)


def test_the_parts_of_a_price_add_up_to_it(depot: Depot) -> None:
    found = one(depot, region="Hawaii", postcode="96793", cod=Money(20_000, "USD"))
    assert [(part.kind, part.amount.minor) for part in found.parts] == [
        ("carriage", 2000), ("zone", 1000), ("fuel", 300), ("cod", 300),
    ]  # fmt: skip
    assert found.price == Money(3600, "USD")
    assert one(depot, cod=Money(1000, "USD")).parts[-1].amount.minor == 200  # at least the fee


def test_cash_only_with_who_collects_that_much(depot: Depot) -> None:
    assert quotes(country="US", weight_g=1, cod=Money(50_001, "USD")) == []
    save_service(
        depot.shop.boss, depot.carrier.id, ServiceDraft(code="road", name="Road"), service_id=depot.road.id
    )
    assert quotes(country="US", weight_g=1, cod=Money(100, "USD")) == []
    assert len(quotes(country="US", weight_g=1)) == 1


@pytest.mark.parametrize(
    ("at", "ships", "first", "last"),
    [
        (
            datetime(2026, 11, 23, 19, 59, tzinfo=UTC),
            date(2026, 11, 23),
            date(2026, 11, 25),
            date(2026, 11, 30),
        ),
        (
            datetime(2026, 11, 23, 20, 0, tzinfo=UTC),
            date(2026, 11, 24),
            date(2026, 11, 27),
            date(2026, 12, 1),
        ),
        (datetime(2026, 11, 28, 15, 0, tzinfo=UTC), date(2026, 11, 30), date(2026, 12, 2), date(2026, 12, 4)),
    ],
)
def test_cut_off_weekend_and_holiday(
    depot: Depot, at: datetime, ships: date, first: date, last: date
) -> None:
    set_holidays(depot.shop.boss, [(date(2026, 11, 26), "Thanksgiving")])
    found = one(depot, at=at)
    assert (found.ships_on, found.first, found.last) == (ships, first, last)


def test_a_carriers_own_holiday_and_a_warehouse_with_times_of_its_own(depot: Depot) -> None:
    place = new_id()
    set_cut_offs(depot.shop.boss, depot.road.id, {1: time(9)}, warehouse_id=place)
    assert one(depot, warehouse_id=place).ships_on == date(2026, 11, 24)
    assert one(depot, warehouse_id=new_id()).ships_on == date(2026, 11, 23)
    set_holidays(depot.shop.boss, [(date(2026, 11, 23), "")], carrier_id=depot.carrier.id)
    assert one(depot).ships_on == date(2026, 11, 24)


def test_the_warehouses_clock_decides(depot: Depot) -> None:
    late = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)  # 16:00 in New York, 13:00 in Los Angeles
    assert one(depot, at=late).ships_on == date(2026, 11, 24)
    assert one(depot, at=late, timezone="America/Los_Angeles").ships_on == date(2026, 11, 23)


def test_cheapest_first_and_only_what_serves_the_method(depot: Depot) -> None:
    boss = depot.shop.boss
    slow = save_service(boss, depot.carrier.id, ServiceDraft(code="slow", name="Slow", methods=("ground",)))
    save_sheet(boss, slow.id, (ZoneDraft("All", steps=((1000, 100),)),))
    assert [each.service_code for each in quotes(country="US", weight_g=1)] == ["slow", "road"]
    assert [each.service_code for each in quotes(country="US", weight_g=1, method="ground")] == ["slow"]
    assert [each.service_code for each in quotes(country="US", weight_g=1, method="air")] == ["slow", "road"]
    save_service(
        boss, depot.carrier.id, ServiceDraft(code="slow", name="Slow", is_active=False), service_id=slow.id
    )
    assert [each.service_code for each in quotes(country="US", weight_g=1)] == ["road"]


def test_many_asked_at_once_get_what_each_would_get_alone(depot: Depot) -> None:
    boss, place = depot.shop.boss, new_id()
    slow = save_service(boss, depot.carrier.id, ServiceDraft(code="slow", name="Slow", methods=("ground",)))
    save_sheet(boss, slow.id, (ZoneDraft("All", steps=((1000, 100),)),))
    set_cut_offs(boss, depot.road.id, {1: time(9)}, warehouse_id=place)
    asked = [
        Sending(Destination(country, region, postcode), weight, cod=cod, method=method, warehouse_id=where)
        for country, region, postcode in (
            ("US", "Ohio", "43004"),
            ("US", "Oregon", "96701"),
            ("CN", "浙江", ""),
        )
        for weight in (1, 4000)
        for cod in (None, Money(40_000, "USD"), Money(60_000, "USD"), Money(100, "CNY"))
        for method in ("", "ground", "air")
        for where in (None, place)
    ]
    alone = [
        quotes(
            country=each.to.country, region=each.to.region, postcode=each.to.postcode, weight_g=each.weight_g,
            cod=each.cod, method=each.method, warehouse_id=each.warehouse_id, at=MONDAY_NOON,
        )
        for each in asked
    ]  # fmt: skip
    assert quotes_each(asked, at=MONDAY_NOON) == alone
    assert {len(each) for each in alone} == {0, 1, 2}
    too_heavy = Sending(Destination("US"), 10**9)
    assert quotes_each([too_heavy, asked[0]], at=MONDAY_NOON) == [[], alone[0]]
    assert quotes_each([]) == []


@given(
    st.lists(st.tuples(st.integers(1, 50_000), st.integers(0, 10**6)), min_size=1, max_size=8, unique_by=lambda s: s[0]),
    st.integers(0, 3000), st.integers(0, 500), st.integers(1, 60_000),
)  # fmt: skip
def test_a_sheet_with_rising_prices_never_gets_cheaper_with_weight(
    steps: list[tuple[int, int]], further_g: int, further: int, weight: int
) -> None:
    prices = sorted(price for _grams, price in steps)
    weights = sorted(grams for grams, _price in steps)
    with acting_for(1):
        rows = [
            RateStep(up_to_g=grams, price_minor=price) for grams, price in zip(weights, prices, strict=True)
        ]
        zone = CarrierZone(name="Z", further_g=further_g, further_minor=further)
    lighter, heavier = carriage_minor(zone, rows, weight), carriage_minor(zone, rows, weight + 1)
    assert heavier is None or (lighter is not None and lighter <= heavier)
    assert billed_grams(weight, weight, 0) == weight


def test_drafts_are_checked_at_once_and_denied_ones_change_nothing(depot: Depot) -> None:
    boss = depot.shop.boss
    with pytest.raises(CarrierCodeTaken):
        save_carrier(boss, CarrierDraft(code="swift", name="Other"))
    with pytest.raises(Invalid) as refused:
        save_carrier(
            boss,
            CarrierDraft(
                code="",
                name="n" * 101,
                stuck_days=0,
                poll_minutes=0,
                adapter="nobody",
                tracking_page="ftp://x",
            ),
        )
    assert set(refused.value.fields) == {
        "code",
        "name",
        "stuck_days",
        "poll_minutes",
        "adapter",
        "tracking_page",
    }
    with pytest.raises(Invalid) as refused:
        save_service(
            boss,
            depot.carrier.id,
            ServiceDraft(code="x", name="", days_min=5, days_max=2, fuel_bp=-1, delivers_on=(9,)),
        )
    assert set(refused.value.fields) == {"name", "days_max", "fuel_bp", "delivers_on"}
    with pytest.raises(Invalid) as refused:
        save_service(boss, depot.carrier.id, ServiceDraft(code="y", name="Y", methods=("nothing",)))
    assert set(refused.value.fields) == {"methods"}
    clerk = depot.shop.staff("shipping.view", "shipping.update")
    for attempt in (
        lambda: save_carrier(clerk, CarrierDraft(code="z", name="Z"), carrier_id=depot.carrier.id),
        lambda: save_service(clerk, depot.carrier.id, ServiceDraft(code="z", name="Z")),
        lambda: save_sheet(clerk, depot.road.id, ()),
        lambda: set_cut_offs(clerk, depot.road.id, {}),
        lambda: set_holidays(clerk, []),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    with pytest.raises(NotFound):
        save_sheet(boss, new_id(), ())
    depot.carrier.refresh_from_db()
    assert (depot.carrier.name, CarrierZone.objects.count()) == ("Swift", 3)
