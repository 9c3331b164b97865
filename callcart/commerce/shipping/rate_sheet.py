"""A service's zones and prices as one table, the way carriers publish them: a row a zone, a column a weight. It is read from
typed cells, from a file or from what somebody pasted, and written the same way.

All that is wrong is told at once, by row and column; nothing is changed then.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.shipping.carriers import get_service
from callcart.commerce.shipping.models import CarrierService, CarrierZone, RateStep
from callcart.commerce.shipping.quotes import postcode_key
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.exchange.public import harmless, plain
from callcart.core.money import Money
from callcart.core.regions import region_key

MOST_ROWS, MOST_COLUMNS, MOST_CHARACTERS = 500, 60, 200_000
FIXED = ("zone", "countries", "provinces", "postcodes", "days", "surcharge", "further_kg", "further_price")
_WEIGHT = re.compile(r"(\d{1,5}(?:\.\d{1,3})?)\s*(?:kg|公斤|千克)?", re.IGNORECASE)
_DAYS = re.compile(r"(\d{1,3})(?:\s*[-–~至]\s*(\d{1,3}))?")
_LIST = re.compile(r"[;；,，、|\n]+")
# How these columns are called in files; compared without case and gaps.
_HEADINGS = {
    "zone": ("zone", "name", "区域", "分区"),
    "countries": ("countries", "country", "国家"),
    "provinces": ("provinces", "province", "states", "state", "省份", "省"),
    "postcodes": ("postcodes", "postcode", "zip", "postal code", "邮编"),
    "days": ("days", "天数", "时效"),
    "surcharge": ("surcharge", "附加费"),
    "further_kg": ("further kg", "further_kg", "续重", "续重kg"),
    "further_price": ("further price", "further_price", "续重价", "续重费"),
}


@dataclass(frozen=True, slots=True)
class ZoneDraft:
    """A row of the sheet. Steps are (grams, minor units), rising."""

    name: str
    countries: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    days_min: int | None = None
    days_max: int | None = None
    surcharge_minor: int = 0
    further_g: int = 0
    further_minor: int = 0
    steps: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table as text: `weights` head its price columns, each row maps a column (or a weight) to what stands there."""

    weights: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


def read_pasted(text: str) -> Sheet:
    """A table from a file or a spreadsheet: tabs, commas or semicolons between cells, the first row its headings. Raises
    Invalid (`pasted`)."""
    if len(text) > MOST_CHARACTERS:
        raise Invalid(fields={"pasted": gettext("This is too much for one table.")})
    table = [
        row for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=_delimiter(text)) if any(row)
    ]
    if len(table) < 2:
        raise Invalid(fields={"pasted": gettext("A table has a row of headings and one row for each zone.")})
    if len(table) > MOST_ROWS or max(map(len, table)) > MOST_COLUMNS:
        raise Invalid(fields={"pasted": gettext("This is too much for one table.")})
    columns = [_column(heading) for heading in table[0]]
    unknown = [table[0][at] for at, name in enumerate(columns) if not name and table[0][at].strip()]
    if unknown or "zone" not in columns:
        said = (
            gettext("This column is not known: %s") % unknown[0]
            if unknown
            else gettext("The column “zone” is missing.")
        )
        raise Invalid(fields={"pasted": said})
    weights = tuple(name for name in columns if name and name not in FIXED)
    rows = tuple(
        {name: plain(cell.strip()) for name, cell in zip(columns, row, strict=False) if name}
        for row in table[1:]
    )
    return Sheet(weights, rows)


def _delimiter(text: str) -> str:
    head = text.partition("\n")[0]
    return max("\t;,", key=head.count)


def _column(heading: str) -> str:
    """The column that a heading means: one of FIXED, or a weight as it was written; empty for an unknown one."""
    said = unicodedata.normalize("NFKC", heading).strip()
    for name, spellings in _HEADINGS.items():
        if said.casefold() in spellings:
            return name
    return said if _WEIGHT.fullmatch(said) else ""


def read_sheet(sheet: Sheet, currency: str) -> tuple[ZoneDraft, ...]:
    """The zones of a table; empty rows are passed over. Raises Invalid with `row.column` for each cell that is wrong."""
    reading = _Reading(currency)
    grams = reading.weights(sheet.weights)
    zones = tuple(
        reading.zone(number, row, grams) for number, row in enumerate(sheet.rows) if any(row.values())
    )
    if not zones:
        reading.wrong.setdefault(
            "pasted", gettext("A table has a row of headings and one row for each zone.")
        )
    if reading.wrong:
        raise Invalid(fields=reading.wrong)
    return zones


class _Reading:
    """Reads cells and collects what is wrong with them."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.wrong: dict[str, str] = {}

    def weights(self, headings: Sequence[str]) -> dict[str, int]:
        """Grams by heading, rising."""
        found: dict[str, int] = {}
        for at, heading in enumerate(headings):
            grams = _grams(heading)
            if not grams or (found and grams <= max(found.values())):
                self.wrong[f"w.{at}"] = gettext("Weights in kilograms, from light to heavy.")
            else:
                found[heading] = grams
        return found

    def zone(self, number: int, row: Mapping[str, str], grams: Mapping[str, int]) -> ZoneDraft:
        name = row.get("zone", "")
        if not name or len(name) > 100:
            self._refuse(number, "zone", gettext("Give the zone a name of at most 100 characters."))
        least, most = self._days(number, row.get("days", ""))
        further = _grams(row.get("further_kg", "")) if row.get("further_kg") else 0
        if further is None:
            self._refuse(number, "further_kg", gettext("A weight in kilograms, such as 0.5."))
        steps = [
            (grams[heading], minor)
            for heading in grams
            if row.get(heading) and (minor := self._money(number, heading, row[heading])) is not None
        ]
        if not steps and not self.wrong:
            self._refuse(number, "zone", gettext("This zone has no price."))
        return ZoneDraft(
            name=name,
            countries=self._countries(number, row.get("countries", "")),
            provinces=_listed(row.get("provinces", "")),
            postcodes=tuple(postcode_key(each) for each in _listed(row.get("postcodes", ""))),
            days_min=least,
            days_max=most,
            surcharge_minor=self._money(number, "surcharge", row.get("surcharge", "") or "0") or 0,
            further_g=further or 0,
            further_minor=self._money(number, "further_price", row.get("further_price", "") or "0") or 0,
            steps=tuple(steps),
        )

    def _days(self, number: int, text: str) -> tuple[int | None, int | None]:
        if not text:
            return None, None
        found = _DAYS.fullmatch(unicodedata.normalize("NFKC", text).strip())
        least = int(found[1]) if found else 0
        most = int(found[2] or found[1]) if found else -1
        if not 0 <= least <= most <= 365:
            self._refuse(number, "days", gettext("Days such as 2 or 2-4."))
            return None, None
        return least, most

    def _countries(self, number: int, text: str) -> tuple[str, ...]:
        found = tuple(each.upper() for each in _listed(text))
        if any(not re.fullmatch(r"[A-Z]{2}", each) for each in found):
            self._refuse(number, "countries", gettext("Two letters for each country, such as US or CN."))
        return found

    def _money(self, number: int, column: str, text: str) -> int | None:
        try:
            minor = Money.parse(text, self.currency).minor
        except ValueError:
            minor = -1
        if not 0 <= minor <= 10**10:
            self._refuse(number, column, gettext("An amount such as 12.50."))
            return None
        return minor

    def _refuse(self, number: int, column: str, said: str) -> None:
        self.wrong.setdefault(f"{number}.{column}", said)


def _grams(text: str) -> int | None:
    found = _WEIGHT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    grams = int(Decimal(found[1]) * 1000) if found else 0
    return grams if 0 < grams <= 10**7 else None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in _LIST.split(text) if part.strip()))[:200]


def save_sheet(actor: Actor, service_id: UUID, zones: Sequence[ZoneDraft]) -> None:
    """Replace a service's zones and prices by these. Raises NotFound."""
    actor.require("shipping.manage")
    service = get_service(service_id)
    CarrierService.objects.select_for_update().get(
        id=service.id
    )  # two who save at once leave one table, not a mixture
    CarrierZone.objects.filter(service=service).delete()
    rows = [
        CarrierZone(
            service=service, name=each.name, countries=list(each.countries), provinces=list(each.provinces),
            province_keys=[region_key(name) for name in each.provinces], postcodes=list(each.postcodes),
            days_min=each.days_min, days_max=each.days_max, surcharge_minor=each.surcharge_minor,
            further_g=each.further_g, further_minor=each.further_minor, position=place,
        )
        for place, each in enumerate(zones)
    ]  # fmt: skip
    CarrierZone.objects.bulk_create(rows)
    RateStep.objects.bulk_create(
        RateStep(zone=row, up_to_g=grams, price_minor=minor)
        for row, each in zip(rows, zones, strict=True)
        for grams, minor in each.steps
    )
    audit.record(
        actor,
        "shipping.save_rates",
        subject=("carrier_service", service.id),
        after={"zones": [each.name for each in zones], "steps": sum(len(each.steps) for each in zones)},
    )


def sheet_of(service: CarrierService) -> Sheet:
    """A service's zones and prices as the table that is edited."""
    zones = list(CarrierZone.objects.filter(service=service).prefetch_related("steps"))
    grams = sorted({step.up_to_g for zone in zones for step in zone.steps.all()})
    rows = []
    for zone in zones:
        row = {
            "zone": zone.name,
            "countries": ", ".join(zone.countries),
            "provinces": ", ".join(zone.provinces),
            "postcodes": ", ".join(zone.postcodes),
            "days": _days_text(zone.days_min, zone.days_max),
            "surcharge": _amount(zone.surcharge_minor, service.currency) if zone.surcharge_minor else "",
            "further_kg": _kg(zone.further_g) if zone.further_g else "",
            "further_price": _amount(zone.further_minor, service.currency) if zone.further_minor else "",
        }
        row |= {_kg(step.up_to_g): _amount(step.price_minor, service.currency) for step in zone.steps.all()}
        rows.append(row)
    return Sheet(tuple(_kg(each) for each in grams), tuple(rows))


def written(sheet: Sheet) -> str:
    """The table as CSV that `read_pasted` takes again; no spreadsheet takes a cell for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    columns: Iterable[str] = (*FIXED, *sheet.weights)
    writer.writerow(
        [
            "further kg" if each == "further_kg" else "further price" if each == "further_price" else each
            for each in columns
        ]
    )
    for row in sheet.rows:
        writer.writerow([harmless(row.get(each, "")) for each in columns])
    return out.getvalue()


def _days_text(least: int | None, most: int | None) -> str:
    if least is None or most is None:
        return ""
    return str(least) if least == most else f"{least}-{most}"


def _kg(grams: int) -> str:
    return f"{Decimal(grams) / 1000:f}".rstrip("0").rstrip(".") if grams % 1000 else str(grams // 1000)


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency).decimal)
