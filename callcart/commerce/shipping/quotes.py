"""What it costs to send something somewhere, with whom, and when it is there: the rate sheets of all carriers asked at once.

A price explains itself: its parts (carriage, far-away charge, fuel, cash on delivery) add up to it. The day is honest: what
misses today's cut-off leaves on the next day on which the carrier comes, and nothing moves on a holiday.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from callcart.commerce.shipping.calendar import Calendar, calendars
from callcart.commerce.shipping.models import CarrierService, CarrierZone, RateStep, ServiceMethod
from callcart.core.clock import now
from callcart.core.errors import Invalid
from callcart.core.language import in_language
from callcart.core.money import Money
from callcart.core.regions import region_key
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import get_tenant

MOST_GRAMS = 10**8
_BASIS_POINTS = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class PricePart:
    """One part of a price: `carriage`, `zone`, `fuel` or `cod`."""

    kind: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """One service's offer. `billed_g` is the weight that is paid for; it leaves on `ships_on` and is there between `first` and
    `last`."""

    service_id: UUID
    carrier_id: UUID
    carrier_code: str
    carrier_name: str
    carrier_name_zh: str
    service_code: str
    service_name: str
    service_name_zh: str
    zone: str
    price: Money
    parts: tuple[PricePart, ...]
    billed_g: int
    ships_on: date
    first: date
    last: date
    takes_cod: bool

    def carrier_in(self, language: str) -> str:
        return in_language(language, self.carrier_name, self.carrier_name_zh)

    def service_in(self, language: str) -> str:
        return in_language(language, self.service_name, self.service_name_zh)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a parcel goes, as far as prices depend on it."""

    country: str
    region: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent, as far as offers depend on it; the fields are those of `quotes`."""

    to: Destination
    weight_g: int
    volume_cm3: int = 0
    cod: Money | None = None
    method: str = ""
    warehouse_id: UUID | None = None


def quotes(
    *,
    country: str,
    region: str = "",
    postcode: str = "",
    weight_g: int,
    volume_cm3: int = 0,
    cod: Money | None = None,
    method: str = "",
    warehouse_id: UUID | None = None,
    at: datetime | None = None,
    timezone: str = "",
) -> list[Quote]:
    """All services that carry it there, the cheapest first, then the soonest. Grams and cubic centimetres; `cod` is the cash to
    be collected (only services that do are asked); `method` the code of the delivery method the customer chose (only services
    that serve it, where it has any); `at` when it is ready (now), `timezone` the warehouse's (the shop's). Raises Invalid."""
    wrong = _impossible(weight_g, volume_cm3)
    if wrong:
        raise Invalid(fields=dict.fromkeys(wrong, gettext("This cannot be right.")))
    asked = Sending(
        Destination(country.strip().upper(), region, postcode),
        weight_g,
        volume_cm3,
        cod,
        method,
        warehouse_id,
    )
    return quotes_each([asked], at=at, timezone=timezone)[0]


def quotes_each(
    asked: Sequence[Sending], *, at: datetime | None = None, timezone: str = ""
) -> list[list[Quote]]:
    """What `quotes` says of each, with the sheets read once for all; no offers for a weight that no parcel has."""
    ready, zone_name = at or now(), timezone or get_tenant(current_tenant()).timezone
    able = _services(asked)
    zones = [_closest(rows, each.to) for rows, each in zip(_zones(able, asked), asked, strict=True)]
    steps = _steps({zone.id for its in zones for zone in its.values()})
    used = {service_id: its[service_id] for its, near in zip(able, zones, strict=True) for service_id in near}
    plans = calendars(list(used.values()), {each.warehouse_id for each in asked})
    found: list[list[Quote]] = []
    for each, near in zip(asked, zones, strict=True):
        offers = (
            _offer(used[service_id], zone, steps.get(zone.id, ()), each, plans[service_id, each.warehouse_id], ready, zone_name)
            for service_id, zone in near.items()
        )  # fmt: skip
        found.append(
            sorted(
                (offer for offer in offers if offer is not None),
                key=lambda offer: (offer.price.minor, offer.last, offer.carrier_code, offer.service_code),
            )
        )
    return found


def _impossible(weight_g: int, volume_cm3: int) -> list[str]:
    given = (("weight", weight_g), ("volume", volume_cm3))
    return [name for name, value in given if not 0 <= value <= MOST_GRAMS]


def _offer(
    service: CarrierService,
    zone: CarrierZone,
    steps: Sequence[RateStep],
    asked: Sending,
    calendar: Calendar,
    ready: datetime,
    timezone: str,
) -> Quote | None:
    billed = billed_grams(asked.weight_g, asked.volume_cm3, service.divisor)
    carriage = carriage_minor(zone, steps, billed)
    if carriage is None or (service.max_weight_g is not None and billed > service.max_weight_g):
        return None
    return _quote(
        service, zone, _parts(service, zone, carriage, asked.cod), billed, calendar, ready, timezone
    )


def billed_grams(weight_g: int, volume_cm3: int, divisor: int) -> int:
    """The greater of weight and volumetric weight, at least a gram; a gram begun counts."""
    volumetric = -(-volume_cm3 * 1000 // divisor) if divisor else 0
    return max(weight_g, volumetric, 1)


def carriage_minor(zone: CarrierZone, steps: Sequence[RateStep], billed_g: int) -> int | None:
    """The price of a weight in a zone: its step, or the last step and what is charged for the further weight; None where the
    sheet ends below it."""
    if not steps:
        return None
    for step in steps:
        if billed_g <= step.up_to_g:
            return step.price_minor
    if not zone.further_g:
        return None
    last = steps[-1]
    return last.price_minor + -(-(billed_g - last.up_to_g) // zone.further_g) * zone.further_minor


def _services(asked: Sequence[Sending]) -> list[dict[UUID, CarrierService]]:
    """Of each the services that may carry it at all, before prices."""
    rows = CarrierService.objects.filter(is_active=True, carrier__is_active=True).select_related("carrier")
    services = list(rows)
    serving: dict[str, set[UUID]] = defaultdict(set)
    mapped = ServiceMethod.objects.filter(method_code__in={each.method for each in asked if each.method})
    for code, service_id in mapped.values_list("method_code", "service_id"):
        serving[code].add(service_id)
    return [
        {
            row.id: row
            for row in services
            if _collects(row, each.cod) and (each.method not in serving or row.id in serving[each.method])
        }
        if not _impossible(each.weight_g, each.volume_cm3)
        else {}
        for each in asked
    ]


def _collects(service: CarrierService, cod: Money | None) -> bool:
    if cod is None or not cod.minor:
        return True
    most = service.cod_most_minor
    return service.takes_cod and service.currency == cod.currency and (most is None or cod.minor <= most)


def _zones(
    able: Sequence[Mapping[UUID, CarrierService]], asked: Sequence[Sending]
) -> list[list[CarrierZone]]:
    """Of each the zones of its services that its country and province lie in."""
    keys = [region_key(each.to.region) for each in asked]
    rows = list(
        CarrierZone.objects.filter(service__in={service_id for its in able for service_id in its})
        .filter(Q(countries=[]) | Q(countries__overlap=sorted({each.to.country for each in asked})))
        .filter(Q(province_keys=[]) | Q(province_keys__overlap=sorted(set(keys))))
    )
    return [
        [
            row
            for row in rows
            if row.service_id in its
            and (not row.countries or each.to.country in row.countries)
            and (not row.province_keys or key in row.province_keys)
        ]
        for its, each, key in zip(able, asked, keys, strict=True)
    ]


def _closest(rows: Iterable[CarrierZone], to: Destination) -> dict[UUID, CarrierZone]:
    """Each service's zone for an address, the one that names it most closely."""
    best: dict[UUID, tuple[tuple[int, int, int, int], CarrierZone]] = {}
    for row in rows:
        prefix = _longest_prefix(row.postcodes, to.postcode)
        if row.postcodes and not prefix:
            continue
        closeness = (prefix, bool(row.province_keys), bool(row.countries), -row.position)
        if row.service_id not in best or closeness > best[row.service_id][0]:
            best[row.service_id] = (closeness, row)
    return {service_id: zone for service_id, (_closeness, zone) in best.items()}


def _longest_prefix(prefixes: Iterable[str], postcode: str) -> int:
    plain = postcode_key(postcode)
    return max((len(each) for each in prefixes if plain.startswith(each)), default=0)


def postcode_key(postcode: str) -> str:
    """A postcode without gaps and case, as prefixes are compared."""
    return "".join(postcode.split()).replace("-", "").upper()


def _steps(zone_ids: Iterable[UUID]) -> dict[UUID, list[RateStep]]:
    found: dict[UUID, list[RateStep]] = defaultdict(list)
    for row in RateStep.objects.filter(zone__in=list(zone_ids)).order_by("zone_id", "up_to_g"):
        found[row.zone_id].append(row)
    return found


def _parts(
    service: CarrierService, zone: CarrierZone, carriage: int, cod: Money | None
) -> tuple[PricePart, ...]:
    parts = {
        "carriage": Money(carriage, service.currency),
        "zone": Money(zone.surcharge_minor, service.currency),
    }
    parts["fuel"] = (parts["carriage"] + parts["zone"]).scaled(Decimal(service.fuel_bp) / _BASIS_POINTS)
    if cod is not None and cod.minor:
        share = cod.scaled(Decimal(service.cod_bp) / _BASIS_POINTS)
        parts["cod"] = Money(max(service.cod_fee_minor, share.minor), service.currency)
    return tuple(PricePart(kind, amount) for kind, amount in parts.items() if amount or kind == "carriage")


def _quote(
    service: CarrierService,
    zone: CarrierZone,
    parts: tuple[PricePart, ...],
    billed: int,
    calendar: Calendar,
    ready: datetime,
    timezone: str,
) -> Quote:
    ships_on = calendar.ships_on(ready, timezone)
    least = service.days_min if zone.days_min is None else zone.days_min
    most = service.days_max if zone.days_max is None else zone.days_max
    return Quote(
        service_id=service.id,
        carrier_id=service.carrier_id,
        carrier_code=service.carrier.code,
        carrier_name=service.carrier.name,
        carrier_name_zh=service.carrier.name_zh,
        service_code=service.code,
        service_name=service.name,
        service_name_zh=service.name_zh,
        zone=zone.name,
        price=sum((part.amount for part in parts[1:]), start=parts[0].amount),
        parts=parts,
        billed_g=billed,
        ships_on=ships_on,
        first=calendar.delivery_day(ships_on, least),
        last=calendar.delivery_day(ships_on, max(most, least)),
        takes_cod=service.takes_cod,
    )
