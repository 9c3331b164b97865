"""Filters of a shelf by specification: what is offered, what the address asks for, and the way to take each off. What cannot be read
is left out, as if it had not been asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest
from django.utils.translation import gettext as _

from callcart.commerce.catalog.public import SpecField, SpecKind, Wanted, number_of, plain
from callcart.web.reader import reader

MOST_CHOICES = 50
_LARGEST = Decimal(10**12)


@dataclass(frozen=True, slots=True)
class SetFilter:
    """A filter that is set, in words; `without` is the query of the shelf without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A field visitors can filter by, and what is asked of it. `least` and `most` as they stand in their fields."""

    name: str
    label: str
    kind: str
    unit: str
    options: tuple[tuple[str, str, bool], ...]
    least: str
    most: str
    wanted: Wanted


def filters_of(request: HttpRequest, fields: Sequence[SpecField]) -> list[Filter]:
    """The filters of a shelf whose goods have these fields."""
    return [_filter(request, field) for field in fields if field.is_filter]


def _filter(request: HttpRequest, field: SpecField) -> Filter:
    language, name = reader().language, f"spec-{field.id.hex}"
    offered = _offered(field, language)
    given = set(request.GET.getlist(name)[:MOST_CHOICES])
    ticked = tuple(code for code, _words in offered if code in given)
    least, most = (_number(request, f"{name}-{end}") for end in ("least", "most"))
    is_number = field.kind == SpecKind.NUMBER
    wanted = Wanted(
        field,
        choices=ticked if field.kind == SpecKind.CHOICE else (),
        yes=ticked == ("yes",) if field.kind == SpecKind.YES_NO and len(ticked) == 1 else None,
        least=least if is_number else None,
        most=most if is_number else None,
    )
    return Filter(
        name,
        field.name_in(language),
        field.kind,
        field.unit_in(language),
        tuple((code, words, code in ticked) for code, words in offered),
        _typed(wanted.least),
        _typed(wanted.most),
        wanted,
    )


def _offered(field: SpecField, language: str) -> list[tuple[str, str]]:
    if field.kind == SpecKind.CHOICE:
        return field.choices_in(language)
    return [("yes", _("Yes")), ("no", _("No"))] if field.kind == SpecKind.YES_NO else []


def _number(request: HttpRequest, name: str) -> Decimal | None:
    found = number_of(request.GET.get(name, ""))
    return found if found is not None and abs(found) <= _LARGEST else None


def _typed(number: Decimal | None) -> str:
    return "" if number is None else plain(number)


def set_filters(request: HttpRequest, filters: Sequence[Filter]) -> list[SetFilter]:
    """Those that are set, each value by itself."""
    found = []
    for each in filters:
        for code, words, ticked in each.options:
            if ticked and not each.wanted.is_empty:
                said = words if each.kind == SpecKind.CHOICE else f"{each.label}: {words}"
                found.append(SetFilter(said, _without(request, each.name, code)))
        for end, value in (("least", each.least), ("most", each.most)):
            if value:
                amount = f"{value} {each.unit}".strip()
                said = _("%(what)s from %(amount)s") if end == "least" else _("%(what)s up to %(amount)s")
                text = said % {"what": each.label, "amount": amount}
                found.append(SetFilter(text, _without(request, f"{each.name}-{end}")))
    return found


def _without(request: HttpRequest, name: str, value: str = "") -> str:
    query = request.GET.copy()
    query.setlist(name, [each for each in query.getlist(name) if value and each != value])
    query.pop("after", None)
    return f"?{query.urlencode()}"
