"""`depot`: a shop with one carrier, `swift`, whose service `road` has a rate sheet of three zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time

import pytest
from django.test import override_settings

from callcart.commerce.orders.public import confirm_order, ship_order
from callcart.commerce.shipping.carrier import Party
from callcart.commerce.shipping.fake import FakeCarrier
from callcart.commerce.shipping.public import (
    Carrier,
    CarrierDraft,
    CarrierService,
    Parcel,
    ServiceDraft,
    ZoneDraft,
    save_carrier,
    save_service,
    save_sheet,
    set_cut_offs,
)
from tests.commerce.shop import Shop

ZONES = (
    ZoneDraft("Everywhere", ("US",), steps=((1000, 900), (5000, 1500)), further_g=1000, further_minor=200),
    ZoneDraft("West", ("US",), ("Oregon", "Washington"), days_min=1, days_max=2, steps=((1000, 500), (5000, 900))),
    ZoneDraft("Islands", ("US",), (), ("967", "968"), days_min=5, days_max=8, surcharge_minor=1000,
              steps=((5000, 2000),)),
)  # fmt: skip


@dataclass
class Depot:
    shop: Shop
    carrier: Carrier
    road: CarrierService


def open_depot(shop: Shop, **changes: object) -> Depot:
    """The carrier and its service, with collections at 15:00 from Monday to Friday."""
    carrier = save_carrier(
        shop.boss,
        CarrierDraft(code="swift", name="Swift", name_zh="迅捷", **changes),  # type: ignore[arg-type]
    )
    road = save_service(
        shop.boss,
        carrier.id,
        ServiceDraft(
            code="road", name="Road", days_min=2, days_max=4, divisor=5000, fuel_bp=1000, takes_cod=True,
            cod_fee_minor=200, cod_bp=150, cod_most_minor=50_000, max_weight_g=20_000,
        ),
    )  # fmt: skip
    save_sheet(shop.boss, road.id, ZONES)
    set_cut_offs(shop.boss, road.id, {day: time(15) for day in range(5)})
    return Depot(shop, carrier, road)


@pytest.fixture
def depot(shop: Shop) -> Depot:
    return open_depot(shop)


_fake = FakeCarrier()


def the_fake(account: Mapping[str, str]) -> FakeCarrier:
    """What the adapter `fake` is made by: always the one carrier in memory."""
    _fake.account = account
    return _fake


@pytest.fixture
def swift() -> Iterator[FakeCarrier]:
    """The carrier in memory, installed as the adapter `fake`."""
    global _fake
    _fake = FakeCarrier()
    info = {"path": f"{__name__}.the_fake", "label": "Fake", "account": ("key",)}
    with override_settings(CALLCART_CARRIERS={"fake": info}):
        yield _fake


def packed(depot: Depot, *, tracking: str = "T1", carrier: str = "Swift") -> Parcel:
    """A parcel of one unit that left the shop's stock."""
    if "A" not in depot.shop.variants:
        depot.shop.goods("A", west=99)
    order = depot.shop.place(("A", 1))
    order = confirm_order(depot.shop.boss, order.id, version=order.version)
    return ship_order(depot.shop.boss, order.id, version=order.version, carrier=carrier, tracking=tracking)


RECEIVER = Party("Ada Example", "+12125550142", "US", "Oregon", "Portland", "1 Pine Street", postcode="97201")
