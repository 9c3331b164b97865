"""Tax classes and rates. A rate is never changed behind an order's back: orders keep the rate of their day."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.pricing.models import TaxClass, TaxRate
from callcart.commerce.pricing.promotions import check_names
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.regions import region_key
from callcart.core.text import clean

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_COUNTRY = re.compile(r"[A-Z]{2}")


class TaxCodeTaken(Conflict):
    """Another tax class already has this code."""

    code = "pricing.tax_code_taken"


class RateTaken(Conflict):
    """There is a rate for this class and place from this day on already."""

    code = "pricing.rate_taken"


@dataclass(frozen=True, slots=True)
class RateDraft:
    """A tax rate to be, in parts per million. An empty region is the whole country, `valid_to` the last day."""

    tax_class_id: UUID
    country: str
    rate_ppm: int
    name: str = ""
    name_zh: str = ""
    region: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


def save_tax_class(
    actor: Actor, code: str, *, name: str = "", name_zh: str = "", is_default: bool = False
) -> TaxClass:
    """Make a tax class, or change the one of this code. One is the default: the last that was made so. Raises Invalid."""
    actor.require("pricing.tax")
    values: dict[str, Any] = {"name": name, "name_zh": name_zh}
    problems = check_names(values)
    if not _CODE.fullmatch(code):
        problems["code"] = gettext("Small letters, digits and hyphens only.")
    if problems:
        raise Invalid(fields=problems)
    found = TaxClass.objects.select_for_update().filter(code=code).first() or TaxClass(code=code)
    if is_default:
        TaxClass.objects.filter(is_default=True).exclude(id=found.id).update(is_default=False)
    found.name, found.name_zh, found.is_default = values["name"], values["name_zh"], is_default
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError as error:
        raise TaxCodeTaken from error
    audit.record(
        actor,
        "pricing.save_tax_class",
        subject=("tax_class", found.id),
        after={**values, "default": is_default},
    )
    events.emit("pricing.changed", subject=("tax_class", found.id))
    return found


def add_rate(actor: Actor, draft: RateDraft) -> TaxRate:
    """Raises Invalid, RateTaken."""
    actor.require("pricing.tax")
    values: dict[str, Any] = asdict(draft)
    problems = check_names(values)
    values["country"] = clean(draft.country).upper()
    values["region"] = region_key(clean(draft.region))
    if not _COUNTRY.fullmatch(values["country"]):
        problems["country"] = gettext("Two letters for each country, such as US or CN.")
    if not 0 <= draft.rate_ppm <= 1_000_000:
        problems["rate"] = gettext("This cannot be right.")
    if draft.valid_from and draft.valid_to and draft.valid_to < draft.valid_from:
        problems["valid_to"] = gettext("The end comes after the start.")
    if not TaxClass.objects.filter(id=draft.tax_class_id).exists():
        problems["tax_class"] = gettext("Choose one of the values offered.")
    if problems:
        raise Invalid(fields=problems)
    try:
        with transaction.atomic():
            rate = TaxRate.objects.create(**values)
    except IntegrityError as error:
        raise RateTaken from error
    audit.record(actor, "pricing.add_rate", subject=("tax_rate", rate.id), after=values)
    events.emit("pricing.changed", subject=("tax_rate", rate.id))
    return rate


def end_rate(actor: Actor, rate_id: UUID, *, last_day: date) -> TaxRate:
    """Let a rate hold up to a day. Raises NotFound, Invalid."""
    actor.require("pricing.tax")
    rate = _rate(rate_id)
    if rate.valid_from and last_day < rate.valid_from:
        raise Invalid(fields={"valid_to": gettext("The end comes after the start.")})
    before, rate.valid_to = rate.valid_to, last_day
    rate.save(update_fields=["valid_to"])
    audit.record(
        actor,
        "pricing.end_rate",
        subject=("tax_rate", rate.id),
        before={"valid_to": before},
        after={"valid_to": last_day},
    )
    return rate


def remove_rate(actor: Actor, rate_id: UUID) -> None:
    """Take a rate away that was a mistake; orders keep what they were taxed. Raises NotFound."""
    actor.require("pricing.tax")
    rate = _rate(rate_id)
    before = {"country": rate.country, "region": rate.region, "rate_ppm": rate.rate_ppm}
    audit.record(actor, "pricing.remove_rate", subject=("tax_rate", rate.id), before=before)
    rate.delete()


def _rate(rate_id: UUID) -> TaxRate:
    rate = TaxRate.objects.select_for_update().filter(id=rate_id).first()
    if rate is None:
        raise NotFound
    return rate
