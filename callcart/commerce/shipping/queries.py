"""Reads of shipping: the methods that serve an address and their price, and the parcels of orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from callcart.commerce.shipping import states
from callcart.commerce.shipping.models import DeliveryMethod, Parcel, ParcelLine
from callcart.core.database import raw
from callcart.core.language import Named
from callcart.core.money import Money
from callcart.core.regions import region_key
from callcart.people.tenants.public import get_tenant


@dataclass(frozen=True, slots=True)
class DeliveryChoice(Named):
    """A delivery method as offered for an order: its price for these goods (zero: free)."""

    code: str
    name: str
    name_zh: str
    price: Money
    days_min: int
    days_max: int
    takes_cod: bool
    free_above: Money | None = None


class _Offered(NamedTuple):
    """A row of `_OFFERED`."""

    code: str
    name: str
    name_zh: str
    price_minor: int
    days_min: int
    days_max: int
    takes_cod: bool
    free_above_minor: int | None
    countries: list[str]
    zones: list[str]


# Read for every order that is priced: by hand, a third of what the ORM takes.
_OFFERED = """
SELECT code, name, name_zh, price_minor, days_min, days_max, takes_cod, free_above_minor, countries, zones
  FROM shipping_deliverymethod WHERE is_active AND currency = %s ORDER BY position, code
"""


def methods_for(*, country: str, region: str, goods: Money) -> list[DeliveryChoice]:
    """The active methods that reach a province or state, in the shop's order, priced for that value of goods in its
    currency. An empty country or region is not checked (the address is not known yet)."""
    rows = raw.all(_OFFERED, (goods.currency,))
    offered = (_Offered(*row) for row in rows)
    return [_choice(method, goods) for method in offered if _reaches(method, country, region)]


def _reaches(method: _Offered, country: str, region: str) -> bool:
    if country and method.countries and country.upper() not in method.countries:
        return False
    if not region or not method.zones:
        return True
    return region_key(region) in {region_key(zone) for zone in method.zones}


def _choice(method: _Offered, goods: Money) -> DeliveryChoice:
    free = method.free_above_minor is not None and goods.minor >= method.free_above_minor
    limit = None if method.free_above_minor is None else Money(method.free_above_minor, goods.currency)
    return DeliveryChoice(
        code=method.code,
        name=method.name,
        name_zh=method.name_zh,
        price=Money(0 if free else method.price_minor, goods.currency),
        days_min=method.days_min,
        days_max=method.days_max,
        takes_cod=method.takes_cod,
        free_above=limit,
    )


def list_methods() -> list[DeliveryMethod]:
    """All methods for the office, those out of use too."""
    return list(DeliveryMethod.objects.all())


def parcels_of(order_ids: Iterable[UUID]) -> dict[UUID, list[Parcel]]:
    """Parcels by order, oldest first, with their events at hand (`parcel.events.all()`)."""
    found: dict[UUID, list[Parcel]] = {}
    rows = (
        Parcel.objects.filter(order_id__in=list(order_ids))
        .select_related("carried_by")
        .prefetch_related("events")
        .order_by("id")
    )
    for parcel in rows:
        found.setdefault(parcel.order_id, []).append(parcel)
    return found


def units_in(parcels: Iterable[Parcel]) -> dict[UUID, dict[UUID, int]]:
    """Units by parcel and order line."""
    found: dict[UUID, dict[UUID, int]] = {}
    rows = ParcelLine.objects.filter(parcel__in=list(parcels))
    for parcel_id, line_id, quantity in rows.values_list("parcel_id", "line_id", "quantity"):
        found.setdefault(parcel_id, {})[line_id] = quantity
    return found


def describe_state(parcel: Parcel, language: str, *, timezone: str = "") -> str:
    """One plain sentence on where a parcel stands, for a screen or to be read aloud. Times are the shop's unless a
    time zone is given."""
    zone = timezone or get_tenant(parcel.tenant_id).timezone
    return states.sentence(parcel.state, parcel.state_at, parcel.place, language=language, timezone=zone)
