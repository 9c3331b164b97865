"""Reads what people type into the forms of prices: percentages, amounts, moments, lists of codes. What cannot be read is marked
at its field; nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from callcart.commerce.catalog.public import Variant
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.people.customers.models import Category as CustomerCategory
from callcart.people.customers.models import Tier
from callcart.people.tenants.public import get_tenant
from callcart.web.http import actor_of
from callcart.web.reader import reader

_NUMBER = re.compile(r"\d{1,7}(\.\d{1,4})?", re.ASCII)
_BETWEEN = re.compile(r"[\s,;，；、]+")


def plain(text: str) -> str:
    """Full-width digits and signs as plain ones, without blanks around."""
    return unicodedata.normalize("NFKC", text[:1000]).strip()


def scaled(form: Fields, posted: QueryDict, name: str, *, places: int) -> int:
    """A percentage typed, in 10^-places of a percent (2: basis points, 4: parts per million); empty is zero."""
    text = plain(posted.get(name, "")).removesuffix("%").strip()
    if not text:
        return 0
    value = Decimal(text).scaleb(places) if _NUMBER.fullmatch(text) else Decimal("0.5")
    if value != value.to_integral_value():
        form.refuse(name, _("Give a percentage, such as 5 or 7.5."))
        return 0
    return int(value)


def amount(form: Fields, request: HttpRequest, name: str) -> int:
    """An amount typed, in minor units of the shop's currency; empty is zero."""
    text = plain(request.POST.get(name, ""))
    if not text:
        return 0
    try:
        return Money.parse(text, currency_of(request)).minor
    except ValueError:
        form.refuse(name, _("Give an amount, such as 12.50."))
        return 0


def currency_of(request: HttpRequest) -> str:
    return get_tenant(actor_of(request).tenant_id).currency


def whole(form: Fields, posted: QueryDict, name: str) -> int | None:
    """A whole number typed; None where nothing is."""
    text = plain(posted.get(name, ""))
    if not text:
        return None
    digits = text.removeprefix("-")
    if not digits.isdecimal() or len(digits) > 9:
        form.refuse(name, _("A whole number."))
        return None
    return int(text)


def moment(form: Fields, posted: QueryDict, name: str) -> datetime | None:
    """A moment of the reader's clock; None where nothing is typed."""
    text = posted.get(name, "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text[:40])
    except ValueError:
        form.refuse(name, _("This is not a date."))
        return None
    return found if found.tzinfo else found.replace(tzinfo=reader().tz)


def day(form: Fields, posted: QueryDict, name: str) -> date | None:
    text = posted.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        form.refuse(name, _("This is not a date."))
        return None


def codes(text: str) -> tuple[str, ...]:
    """Words separated by blanks, commas or line breaks, each once."""
    found = _BETWEEN.split(unicodedata.normalize("NFKC", text[:40_000]))
    return tuple(dict.fromkeys(each for each in found if each))


def products(form: Fields, posted: QueryDict, name: str) -> tuple[UUID, ...]:
    """The products whose SKUs are typed; unknown ones are named."""
    wanted = codes(posted.get(name, ""))
    known = dict(Variant.objects.filter(sku__in=wanted[:1000]).values_list("sku", "product_id"))
    if missing := [sku for sku in wanted if sku not in known]:
        form.refuse(name, _("No product has the code %(codes)s.") % {"codes": ", ".join(missing[:5])[:200]})
    return tuple(dict.fromkeys(known[sku] for sku in wanted if sku in known))


def bundle(form: Fields, posted: QueryDict, name: str) -> tuple[tuple[UUID, int], ...]:
    """A set, a line for each SKU: its code and how many (one where nothing is said)."""
    found: dict[str, int] = {}
    for line in map(plain, posted.get(name, "")[:20_000].splitlines()):
        sku, _space, units = line.rpartition(" ")
        count = units.lstrip("x×*")
        if not sku or not count.isdecimal():
            sku, count = line, "1"
        if not sku:
            continue
        if len(count) > 4:
            form.refuse(name, _("A line for each product: its SKU, then how many."))
            return ()
        found[sku.strip()] = found.get(sku.strip(), 0) + int(count)
    known = dict(Variant.objects.filter(sku__in=list(found)[:500]).values_list("sku", "id"))
    if missing := [sku for sku in found if sku not in known]:
        form.refuse(name, _("No product has the code %(codes)s.") % {"codes": ", ".join(missing[:5])[:200]})
    return tuple((known[sku], units) for sku, units in found.items() if sku in known)


def groups() -> list[tuple[str, str]]:
    """The groups of customers that prices know: (key, label)."""
    found = [(f"tier:{value}", str(label)) for value, label in Tier.choices]
    rows = CustomerCategory.objects.order_by("code")
    return found + [(f"category:{each.code}", each.name_in(reader().language)) for each in rows]


def local(moment_: datetime | None) -> str:
    """A moment as a field of date and time shows it."""
    return moment_.astimezone(reader().tz).strftime("%Y-%m-%dT%H:%M") if moment_ else ""


def shown_percent(value: int, places: int = 2) -> str:
    """What stands in a field of a percentage; empty for zero."""
    return format(Decimal(value).scaleb(-places).normalize(), "f") if value else ""


def shown_amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency).decimal) if minor else ""
