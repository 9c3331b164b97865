"""Making and changing price lists and the prices on them, singly or pasted from a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.catalog.public import Variant
from callcart.commerce.pricing.models import ListPrice, PriceList
from callcart.commerce.pricing.promotions import check_names
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.money import Money
from callcart.core.regions import region_key
from callcart.core.text import clean, problem
from callcart.people.tenants.public import get_tenant

MOST_PRICE = 10**12
MOST_ROWS = 5_000
MOST_UNITS = 1_000_000
_COUNTRY = re.compile(r"[A-Z]{2}")


class ListCodeTaken(Conflict):
    """Another price list already has this code."""

    code = "pricing.list_code_taken"


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A price list to be; empty conditions hold for everybody. `percent_bp`: off the retail price of SKUs not on the list."""

    code: str
    name: str = ""
    name_zh: str = ""
    priority: int = 0
    is_active: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    groups: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    percent_bp: int = 0


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price for a list as somebody gives it: code of the SKU, minor units, from how many units on."""

    sku: str
    unit_minor: int
    min_quantity: int = 1


def create_list(actor: Actor, draft: ListDraft) -> PriceList:
    """Raises Invalid, ListCodeTaken."""
    actor.require("pricing.manage")
    values = _checked(draft)
    made = PriceList(currency=get_tenant(actor.tenant_id).currency, **values)
    _save(made, new=True)
    _tell(actor, made, "pricing.create_list", after=values)
    return made


def update_list(actor: Actor, list_id: UUID, draft: ListDraft, *, version: int) -> PriceList:
    """Raises NotFound, Conflict, Invalid, ListCodeTaken. Orders keep what they were placed with."""
    actor.require("pricing.manage")
    found = _locked(list_id)
    if found.version != version:
        raise Conflict
    values = _checked(draft)
    before = {name: getattr(found, name) for name in values}
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    _save(found, new=False)
    _tell(actor, found, "pricing.update_list", before=before, after=values)
    return found


def set_prices(actor: Actor, list_id: UUID, rows: Sequence[PriceRow]) -> int:
    """Put prices on a list; one for the same SKU and number of units is replaced. All or nothing: Invalid names each wrong
    row (`rows.3`, counted from 0). Raises NotFound. Returns how many."""
    actor.require("pricing.manage")
    found = _locked(list_id)
    known = dict(Variant.objects.filter(sku__in={row.sku for row in rows}).values_list("sku", "id"))
    problems = {f"rows.{index}": said for index, row in enumerate(rows) if (said := _problem(row, known))}
    if not rows:
        problems["rows"] = gettext("Give one price at least.")
    elif len(rows) > MOST_ROWS:
        problems = {"rows": gettext("At most %(most)d rows at once.") % {"most": MOST_ROWS}}
    if problems:
        raise Invalid(fields=problems)
    last = {(known[row.sku], row.min_quantity): row.unit_minor for row in rows}
    ListPrice.objects.bulk_create(
        [
            ListPrice(price_list=found, variant_id=variant, min_quantity=units, unit_minor=price)
            for (variant, units), price in last.items()
        ],
        update_conflicts=True,
        unique_fields=["variant", "price_list", "min_quantity"],
        update_fields=["unit_minor"],
        batch_size=1000,
    )
    after = {
        "prices": [[row.sku, row.min_quantity, row.unit_minor] for row in rows[:100]],
        "count": len(last),
    }
    _tell(actor, found, "pricing.set_prices", after=after)
    return len(last)


def remove_price(actor: Actor, price_id: UUID) -> None:
    """Take one price off its list. Raises NotFound."""
    actor.require("pricing.manage")
    row = ListPrice.objects.select_related("price_list", "variant").filter(id=price_id).first()
    if row is None:
        raise NotFound
    row.delete()
    before = {"sku": row.variant.sku, "min_quantity": row.min_quantity, "unit_minor": row.unit_minor}
    _tell(actor, row.price_list, "pricing.remove_price", before=before)


def read_pasted(text: str, currency: str) -> list[PriceRow]:
    """Rows pasted from a spreadsheet or a CSV: SKU, price, and from how many units (or nothing); a heading is passed over.
    Raises Invalid naming each row that cannot be read (`rows.3`)."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if len(lines) > MOST_ROWS + 1:
        raise Invalid(fields={"rows": gettext("At most %(most)d rows at once.") % {"most": MOST_ROWS}})
    mark = "\t" if any("\t" in line for line in lines) else ";" if any(";" in line for line in lines) else ","
    rows, problems = list[PriceRow](), dict[str, str]()
    for index, cells in enumerate(csv.reader(lines, delimiter=mark)):
        try:
            rows.append(_row(cells, currency))
        except ValueError:
            if index:
                problems[f"rows.{index}"] = gettext("Row %(row)d: SKU, price, units from.") % {
                    "row": index + 1
                }
    if problems:
        raise Invalid(fields=dict(list(problems.items())[:50]))
    return rows


def _row(cells: Sequence[str], currency: str) -> PriceRow:
    sku, price, *rest = [clean(cell) for cell in cells]
    if len(rest) > 1 or (rest and rest[0] and not rest[0].isdecimal()):
        raise ValueError(rest)
    return PriceRow(sku, Money.parse(price, currency).minor, int(rest[0][:10]) if rest and rest[0] else 1)


def _problem(row: PriceRow, known: dict[str, UUID]) -> str:
    if row.sku not in known:
        return gettext("%(sku)s: no product has this code.") % {"sku": row.sku[:64]}
    if not 0 <= row.unit_minor <= MOST_PRICE or not 1 <= row.min_quantity <= MOST_UNITS:
        return gettext("%(sku)s: this price cannot be right.") % {"sku": row.sku[:64]}
    return ""


def _locked(list_id: UUID) -> PriceList:
    found = PriceList.objects.select_for_update(no_key=True).filter(id=list_id).first()
    if found is None:
        raise NotFound
    return found


def _save(row: PriceList, *, new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=new)
    except IntegrityError as error:
        raise ListCodeTaken from error


def _tell(actor: Actor, row: PriceList, action: str, **change: Any) -> None:
    audit.record(actor, action, subject=("price_list", row.id), **change)
    events.emit("pricing.changed", subject=("price_list", row.id), data={"price_list_id": row.id})


def _checked(draft: ListDraft) -> dict[str, Any]:
    values: dict[str, Any] = asdict(draft)
    problems = check_names(values)
    values["code"] = clean(draft.code)
    if said := problem(values["code"], longest=32, required=True):
        problems["code"] = said
    if not 0 <= draft.percent_bp <= 10_000:
        problems["percent"] = gettext("This cannot be right.")
    if not -(10**6) <= draft.priority <= 10**6:
        problems["priority"] = gettext("This cannot be right.")
    if draft.starts_at and draft.ends_at and draft.ends_at <= draft.starts_at:
        problems["ends_at"] = gettext("The end comes after the start.")
    values["countries"] = sorted({clean(each).upper() for each in draft.countries if clean(each)})
    if not all(map(_COUNTRY.fullmatch, values["countries"])):
        problems["countries"] = gettext("Two letters for each country, such as US or CN.")
    values["regions"] = sorted({region_key(each) for each in draft.regions if clean(each)})
    for name in ("groups", "campaigns"):
        values[name] = sorted({clean(each) for each in values[name] if clean(each)})
    if problems:
        raise Invalid(fields=problems)
    return values
