"""Lists of parcels: all of them, and those somebody has to look after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.inventory.public import list_warehouses
from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import Carrier, Parcel, ParcelFilters, ParcelState, Trouble
from callcart.web.http import actor_of, page, requires
from callcart.web.names import order_numbers
from callcart.web.office import words
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of, time_cursor_of
from callcart.web.office.parcels.labels import trouble_words
from callcart.web.reader import reader

AGES = (3, 7, 14, 30)


def _choices() -> dict[str, dict[str, str]]:
    language = reader().language
    return {
        "state": {state: words.parcel_state(state).text for state in ParcelState},
        "carrier": {str(each.id): each.name_in(language) for each in Carrier.objects.all()},
        "warehouse": {str(each.id): each.name_in(language) for each in list_warehouses()},
        "trouble": {key: word.text for key, word in trouble_words().items()},
        "age": {str(days): _("Older than %(days)s days") % {"days": days} for days in AGES},
    }


def _labels() -> dict[str, str]:
    return {
        "state": _("State"), "carrier": _("Carrier"), "warehouse": _("Warehouse"), "trouble": _("Trouble"),
        "age": _("Age"),
    }  # fmt: skip


def _filters(request: HttpRequest, choices: dict[str, dict[str, str]]) -> tuple[ParcelFilters, list[Chip]]:
    chosen = {name: choice(request, name, options) for name, options in choices.items()}
    text = request.GET.get("q", "").strip()[:100]
    chips = [Chip(name, _labels()[name], choices[name][value]) for name, value in chosen.items() if value]
    if request.GET.get("going"):
        chips.append(Chip("going", _("State"), _("On the way")))
    if text:
        chips.append(Chip("q", _("Search"), text))
    filters = ParcelFilters(
        state=chosen.get("state", ""),
        carrier_id=UUID(chosen["carrier"]) if chosen["carrier"] else None,
        warehouse_id=UUID(chosen["warehouse"]) if chosen["warehouse"] else None,
        trouble=chosen["trouble"],
        older_days=int(chosen.get("age") or 0),
        going=bool(request.GET.get("going")),
        text=text,
    )
    return filters, chips


@requires("shipping.view")
def parcels(request: HttpRequest) -> HttpResponse:
    """All parcels, the newest first."""
    choices = _choices()
    filters, chips = _filters(request, choices)
    after = cursor_of(request)
    found = shipping.list_parcels(
        actor_of(request), filters, after=UUID(after.id) if after else None, limit=PAGE + 1
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request, "office/parcels/parcels.html", parcels=found[:PAGE], choices=choices, chips=chips, words=words,
        troubles=trouble_words(), orders=_numbers(found), warehouses=choices["warehouse"],
        next=Cursor("", str(last.id)).text() if last else "",
    )  # fmt: skip


@requires("shipping.view")
def troubles(request: HttpRequest) -> HttpResponse:
    """Parcels in trouble, the longest first, with how many there are of each."""
    actor, choices = actor_of(request), _choices()
    del choices["state"], choices["age"]
    filters, chips = _filters(request, choices)
    after = time_cursor_of(request)
    found = shipping.list_troubles(
        actor, filters, limit=PAGE + 1,
        after=(datetime.fromisoformat(after.key), UUID(after.id)) if after else None,
    )  # fmt: skip
    last = found[PAGE - 1] if len(found) > PAGE else None
    counts = shipping.count_troubles(actor)
    return page(
        request, "office/parcels/troubles.html", parcels=found[:PAGE], choices=choices, chips=chips, words=words,
        troubles=trouble_words(), orders=_numbers(found), kinds=[each for each in Trouble if each], counts=counts,
        next=Cursor(last.trouble_at.isoformat(), str(last.id)).text() if last and last.trouble_at else "",
    )  # fmt: skip


def _numbers(parcels: Sequence[Parcel]) -> dict[UUID, str]:
    return order_numbers(each.order_id for each in parcels)
