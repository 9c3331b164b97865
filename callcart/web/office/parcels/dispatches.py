"""Dispatch documents as the warehouse's worklist: what waits, is picked, packed, gone; ticked ones are picked on one round or
have their waybills printed."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.inventory.public import Warehouse, list_warehouses
from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import Carrier, DispatchFilters
from callcart.core.actor import Actor
from callcart.core.ids import unspoken
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of
from callcart.web.office.orders_desk.beside import dispatch_words
from callcart.web.office.parcels.choices import ticked
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader

FIRST = "waiting"


@requires("shipping.view")
def dispatches(request: HttpRequest) -> HttpResponse:
    """The list, what has waited longest first."""
    return show(request)


def show(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    actor, words, said = actor_of(request), dispatch_words(), refusal(tried)
    places = {str(each.id): each for each in seen_places(actor)}
    state = choice(request, "state", [*words, "all"]) or FIRST
    place = choice(request, "place", places)
    carriers = {each.name: each.name_in(reader().language) for each in Carrier.objects.all()}
    carrier = choice(request, "carrier", carriers)
    text = request.GET.get("q", "").strip()[:60]
    after = cursor_of(request)
    filters = DispatchFilters(
        states=() if state == "all" or text else (state,), carrier=carrier, text=unspoken(text) or text,
        warehouse_ids=(UUID(place),) if place else tuple(each.id for each in places.values()),
    )  # fmt: skip
    found = shipping.list_dispatches(actor, filters, cursor=after.id if after else "", limit=PAGE)
    chips = [
        Chip(name, label, value)
        for name, label, value in (
            ("place", _("Warehouse"), places[place].name_in(reader().language) if place else ""),
            ("carrier", _("Carrier"), carriers.get(carrier, "")),
            ("q", _("Search"), text),
        )
        if value
    ]
    return page(
        request, "office/parcels/dispatches.html", rows=found.rows, words=words, state="" if text else state, chips=chips, places=places,
        place_names={key: each.name_in(reader().language) for key, each in places.items()}, carriers=carriers, said=said, status=said.status,
        packings=fulfilment.packings_of([each.id for each in found.rows]), may=actor.can("shipping.pack"),
        next=Cursor("", found.cursor).text() if found.cursor else "", ticked=set(request.POST.getlist("dispatch")),
    )  # fmt: skip


def seen_places(actor: Actor) -> list[Warehouse]:
    """The warehouses whose documents somebody sees: those they pack in, all where they do not pack."""
    return fulfilment.places_of(actor) if actor.can("shipping.pack") else list_warehouses()


@require_POST
@requires("shipping.pack")
def pick_together(request: HttpRequest) -> HttpResponse:
    """The ticked documents are picked on one round."""
    wave = None
    with attempt() as tried:
        wanted = ticked(request)
        wave = fulfilment.make_wave(actor_of(request), wanted)
    if wave is None or not tried:
        return show(request, tried)
    left_out = len(set(wanted)) - wave.slots.count()
    toast = _("The round is ready.")
    if left_out:
        toast = ngettext(
            "%(count)s document is no longer waiting and was left out.",
            "%(count)s documents are no longer waiting and were left out.", left_out,
        ) % {"count": left_out}  # fmt: skip
    return go(request, url("office:wave", wave.id), toast=toast, kind="warning" if left_out else "success")
