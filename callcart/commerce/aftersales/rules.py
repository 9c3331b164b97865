"""Until when what may be asked for, as data of the shop: days by kind and category (the closest category up the tree counts),
months of warranty by product. What a shop has not set is `DEFAULT_DAYS`.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils.translation import get_language, gettext

from callcart.commerce.aftersales.models import ShopRules, TimeRule, Warranty
from callcart.commerce.aftersales.states import Carriage, Kind
from callcart.commerce.aftersales.units import OrderUnits, Units
from callcart.commerce.catalog.public import Category, Product
from callcart.commerce.orders.public import Line
from callcart.core import audit, clock
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.core.language import locale_of
from callcart.core.tenancy import current_tenant
from callcart.people.customers.models import Tier
from callcart.people.tenants.public import get_tenant

DEFAULT_DAYS: Mapping[Kind, int | None] = {
    Kind.RETURN: 14, Kind.EXCHANGE: 14, Kind.CLAIM: 30, Kind.REPAIR: None,
}  # fmt: skip
MOST_DAYS = 3650


class StaleRules(Conflict):
    """Somebody else changed these rules in the meantime. Look at them again, then repeat your change."""

    code = "aftersales.stale_rules"


@dataclass(frozen=True, slots=True)
class Possible:
    """Whether a line may be asked for: up to `most` units, until the end of `until`; `why_not` says plainly why it may not.
    `too_late`: only time or the rules forbid it, which somebody with the right to may pass over."""

    most: int
    until: date | None
    why_not: str = ""
    too_late: bool = False


def rules_of() -> ShopRules:
    """The shop's rules; the defaults where it has set none."""
    return ShopRules.objects.first() or ShopRules(tenant_id=current_tenant())


class Times:
    """The rules of time that some lines need, read once."""

    def __init__(self, lines: Sequence[Line]) -> None:
        products = Product.objects.filter(variants__in=[line.variant_id for line in lines]).distinct()
        self._category = {each.id: each.category_id for each in products}
        self._parents = dict(Category.objects.values_list("id", "parent_id"))
        self._rules = {(row.kind, row.category_id): row.days for row in TimeRule.objects.all()}
        months = Warranty.objects.filter(product__in=list(self._category))
        self._months = dict(months.values_list("product_id", "months"))
        rows = Line.objects.filter(id__in=[line.id for line in lines])
        self._product = dict(rows.values_list("id", "variant__product_id"))

    def until(self, kind: Kind, line: Line, delivered: date) -> date | None:
        """The last day on which it may be asked for; None where it never may."""
        product_id = self._product[line.id]
        if kind is Kind.REPAIR and (months := self._months.get(product_id)):
            return add_months(delivered, months)
        days = self._days(kind, self._category.get(product_id))
        return None if days is None else delivered + timedelta(days=days)

    def _days(self, kind: Kind, category_id: UUID | None) -> int | None:
        for _level in range(20):  # a tree that were a circle must not hold anybody up
            if (kind, category_id) in self._rules:
                return self._rules[kind, category_id]
            if category_id is None:
                break
            category_id = self._parents.get(category_id)
        return DEFAULT_DAYS[kind]


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def possible(
    kind: Kind, lines: Sequence[Line], units: OrderUnits, *, times: Times | None = None
) -> dict[UUID, Possible]:
    """What may be asked for of each line today."""
    known = times or Times(lines)
    zone = get_tenant(current_tenant()).timezone
    today = clock.today(zone)
    return {line.id: _possible(kind, line, units.of(line.id), known, zone, today) for line in lines}


def _possible(kind: Kind, line: Line, units: Units, times: Times, zone: str, today: date) -> Possible:
    if units.delivered_at is None:
        return Possible(0, None, gettext("This has not been delivered yet."))
    if not units.free:
        return Possible(0, None, gettext("All of this was asked for already."))
    until = times.until(kind, line, units.delivered_at.astimezone(ZoneInfo(zone)).date())
    if until is None:
        said = (
            gettext("There is no warranty on this product.")
            if kind is Kind.REPAIR
            else gettext("Goods of this kind are not taken back.")
        )
        return Possible(units.free, None, said, too_late=True)
    if today > until:
        return Possible(
            units.free, until, gettext("The time for this ended on %(day)s.") % {"day": _day(until)}, True
        )
    return Possible(units.free, until)


def _day(day: date) -> str:
    return format_date(day, "long", locale=locale_of(get_language() or "en"))


@dataclass(frozen=True, slots=True)
class RulesDraft:
    """All rules of a shop as they are to be. `days` by kind and category (None: all others); absent ones fall back."""

    auto_below_minor: int = 0
    auto_tiers: tuple[str, ...] = ()
    at_once_tiers: tuple[str, ...] = ()
    fee_bp: int = 0
    carriage: str = Carriage.ALL_BACK
    wait_days: int = 14
    address: str = ""
    days: Mapping[tuple[str, UUID | None], int | None] | None = None


def set_rules(actor: Actor, draft: RulesDraft, *, version: int) -> ShopRules:
    """Set a shop's rules. Raises PermissionDenied, Invalid, StaleRules."""
    actor.require("aftersales.rules")
    _check(draft)
    found = ShopRules.objects.select_for_update().first() or ShopRules()
    if found.version != version:
        raise StaleRules
    for name in ("auto_below_minor", "fee_bp", "carriage", "wait_days"):
        setattr(found, name, getattr(draft, name))
    found.auto_tiers, found.at_once_tiers = list(draft.auto_tiers), list(draft.at_once_tiers)
    found.address, found.version = draft.address.strip(), version + 1
    found.save()
    if draft.days is not None:
        TimeRule.objects.all().delete()
        TimeRule.objects.bulk_create(
            TimeRule(kind=kind, category_id=category, days=days)
            for (kind, category), days in draft.days.items()
        )
    audit.record(
        actor,
        "aftersales.rules",
        subject=("returns_rules", found.id),
        after={
            "auto_below_minor": found.auto_below_minor,
            "fee_bp": found.fee_bp,
            "carriage": found.carriage,
        },
    )
    return found


def _check(draft: RulesDraft) -> None:
    fields = Fields()
    if not 0 <= draft.auto_below_minor <= 10**12:
        fields.refuse("auto_below", gettext("An amount such as 12.50."))
    if not 0 <= draft.fee_bp <= 10_000:
        fields.refuse("fee", gettext("A per cent from 0 to 100."))
    if not 1 <= draft.wait_days <= 365:
        fields.refuse("wait_days", gettext("A whole number of days from 1 to 365."))
    fields.choice("carriage", draft.carriage, list(Carriage))
    for name, tiers in (("auto_tiers", draft.auto_tiers), ("at_once_tiers", draft.at_once_tiers)):
        for tier in tiers:
            fields.choice(name, tier, Tier.values)
    fields.block("address", draft.address, most=500)
    _check_days(fields, draft.days or {})
    fields.done()


def _check_days(fields: Fields, days: Mapping[tuple[str, UUID | None], int | None]) -> None:
    known = set(
        Category.objects.filter(id__in=[each for _kind, each in days if each]).values_list("id", flat=True)
    )
    for (kind, category), count in days.items():
        name = f"days.{kind}.{category or 'all'}"
        if kind not in set(Kind) or (category is not None and category not in known):
            raise NotFound
        if count is not None and not 0 <= count <= MOST_DAYS:
            fields.refuse(name, gettext("A whole number of days from 0 to %(most)d.") % {"most": MOST_DAYS})


def set_warranty(actor: Actor, product_id: UUID, *, months: int) -> None:
    """For how many months a product is repaired; 0 for none. Raises PermissionDenied, NotFound, Invalid."""
    actor.require("aftersales.rules")
    fields = Fields()
    if not 0 <= months <= 600:
        fields.refuse("months", gettext("A whole number of months from 0 to 600."))
    fields.done()
    if not Product.objects.filter(id=product_id).exists():
        raise NotFound
    if months:
        Warranty.objects.update_or_create(product_id=product_id, defaults={"months": months})
    else:
        Warranty.objects.filter(product_id=product_id).delete()
    audit.record(actor, "aftersales.warranty", subject=("product", product_id), after={"months": months})


def warranties(product_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Months of warranty by product; those without are left out."""
    return dict(Warranty.objects.filter(product__in=list(product_ids)).values_list("product_id", "months"))
