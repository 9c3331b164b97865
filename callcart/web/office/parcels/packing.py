"""The packing table: scan a waybill, scan articles until nothing is missing, weigh, done. Works with a scanner and no mouse; the same
forms work without script. What goes wrong is said in colour, in words and aloud."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.public import Packing, PackOutcome, PackScan
from callcart.commerce.shipping import public as shipping
from callcart.core import ids
from callcart.core.errors import Invalid
from callcart.web.http import Attempt, actor_of, attempt, go, page, render, requires
from callcart.web.jinja import url
from callcart.web.office.parcels.labels import pack_scans
from callcart.web.office.parcels.numbers import grams, kilograms
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("shipping.pack")
def table(request: HttpRequest) -> HttpResponse:
    """Scan what is to be packed next."""
    if request.method != "POST":
        return _table(request)
    found, packing = fulfilment.find_dispatch(request.POST.get("code", "")), None
    with attempt() as tried:
        if found is None:
            raise Invalid(fields={"code": _("No waybill, document or order has this number.")})
        packing = fulfilment.begin_packing(actor_of(request), found.id, take_over="take_over" in request.POST)
    if packing is not None and tried:
        return go(request, url("office:packing", packing.id))
    return _table(request, tried)


def _table(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    actor, said = actor_of(request), refusal(tried)
    return page(
        request, "office/parcels/packing_table.html", said=said, status=said.status, code=request.POST.get("code", "")[:100],
        taken=isinstance(said.error, fulfilment.PackedByAnother), goes_back=isinstance(said.error, fulfilment.GoodsGoBack),
        going=fulfilment.list_going(actor), places={each.id: each for each in fulfilment.places_of(actor)},
    )  # fmt: skip


@requires("shipping.pack")
def packing(request: HttpRequest, packing_id: UUID) -> HttpResponse:
    """One document on the table."""
    if request.method != "POST":
        return _page(request, packing_id)
    scans: list[PackScan] = []
    with attempt() as tried:
        scans = fulfilment.scan_items(
            actor_of(request), packing_id, request.POST.getlist("code"), idempotency_key=request.POST.get("key", "")
        )  # fmt: skip
    if request.headers.get("Accept") == "application/json":
        said = refusal(tried)
        values = _values(request, packing_id)
        lines = render(request, "office/parcels/packing.html", block="lines", said=said, **values)
        body = {"message": said.message, "scans": [_told(each) for each in scans], "lines": lines}
        # a refusal is an answer here: the module shows it and sends the batch no more
        return JsonResponse(body, status=said.status if said.status < 500 else 503)
    return _page(request, packing_id, tried, scans)


def _told(each: PackScan) -> dict[str, Any]:
    """A scan as `scan.js` says it."""
    word = pack_scans()[each.outcome]
    good = each.outcome is PackOutcome.PACKED
    progress = _("%(came)d of %(expected)d") % {"came": each.inside, "expected": each.wanted}
    return {
        "code": each.code, "units": each.units, "outcome": "booked" if good else str(each.outcome), "said": word.text,
        "name": each.variant.name_in(reader().language) if each.variant else "", "tone": word.tone, "again": False,
        "progress": progress if each.wanted else "",
    }  # fmt: skip


def _page(
    request: HttpRequest, packing_id: UUID, tried: Attempt | None = None, scans: list[PackScan] | None = None
) -> HttpResponse:
    said = refusal(tried)
    return page(
        request, "office/parcels/packing.html", said=said, status=said.status, scans=[_told(each) for each in scans or []],
        key=str(ids.new_id()), **_values(request, packing_id),
    )  # fmt: skip


def _values(request: HttpRequest, packing_id: UUID) -> dict[str, Any]:
    actor = actor_of(request)
    found = fulfilment.get_packing(actor, packing_id)
    dispatch = shipping.Dispatch.objects.get(id=found.dispatch_id)
    lines = fulfilment.lines_of(found)
    wanted, inside = sum(each.wanted for each in lines), sum(each.inside for each in lines)
    mine = found.state == "open" and found.staff_id == actor.id and dispatch.state in shipping.OPEN
    return {
        "packing": found, "dispatch": dispatch, "lines": lines, "wanted": wanted, "inside": inside, "mine": mine, "kilograms": kilograms,
        "complete": inside >= wanted, "cancelled": dispatch.state == "cancelled", "posted": request.POST,
        "boxes": [(box, sum(each.quantity for each in box.lines.all())) for box in found.boxes.all()],
        "guess": kilograms(dispatch.weight_g) if dispatch.weight_g and len(found.boxes.all()) == 1 else "",
    }  # fmt: skip


@require_POST
@requires("shipping.pack")
def new_box(request: HttpRequest, packing_id: UUID) -> HttpResponse:
    with attempt() as tried:
        fulfilment.new_box(actor_of(request), packing_id)
    return _answer(request, packing_id, tried, url("office:packing", packing_id), _("A new box is begun."))


@require_POST
@requires("shipping.pack")
def finish(request: HttpRequest, packing_id: UUID) -> HttpResponse:
    """Everything is in."""
    posted = request.POST
    with attempt() as tried:
        found = fulfilment.get_packing(actor_of(request), packing_id)
        weights, numbers = _typed(request, found)
        fulfilment.finish_packing(actor_of(request), packing_id, weights=weights, trackings=numbers)
    toast = _("Packed. Scan the next one.")
    onward = url("office:packing", packing_id) if "stay" in posted else url("office:packing_table")
    return _answer(request, packing_id, tried, onward, toast)


def _typed(request: HttpRequest, found: Packing) -> tuple[dict[int, int], dict[int, str]]:
    weights, numbers, wrong = dict[int, int](), dict[int, str](), dict[str, str]()
    for box in found.boxes.all():
        name = f"weight-{box.position}"
        if text := request.POST.get(name, "").strip():
            try:
                weights[box.position] = grams(text, name)
            except Invalid as error:
                wrong |= error.fields
        if f"tracking-{box.position}" in request.POST:
            numbers[box.position] = request.POST[f"tracking-{box.position}"]
    if wrong:
        raise Invalid(fields=wrong)
    return weights, numbers


@require_POST
@requires("shipping.pack")
def leave(request: HttpRequest, packing_id: UUID) -> HttpResponse:
    with attempt() as tried:
        fulfilment.leave_table(actor_of(request), packing_id)
    return _answer(
        request, packing_id, tried, url("office:packing_table"), _("Laid aside. Anybody can go on with it.")
    )


@require_POST
@requires("shipping.pack")
def take_apart(request: HttpRequest, packing_id: UUID) -> HttpResponse:
    with attempt() as tried:
        found = fulfilment.get_packing(actor_of(request), packing_id)
        fulfilment.put_back(actor_of(request), found.dispatch_id)
    return _answer(
        request,
        packing_id,
        tried,
        url("office:put_back"),
        _("It waits again. What was in it is on this list."),
    )


def _answer(request: HttpRequest, packing_id: UUID, tried: Attempt, onward: str, toast: str) -> HttpResponse:
    if tried:
        return go(request, onward, toast=toast)
    return _page(request, packing_id, tried)


@requires("shipping.pack")
def put_back(request: HttpRequest) -> HttpResponse:
    """What is to be carried back to its shelf."""
    actor = actor_of(request)
    return page(
        request, "office/parcels/put_back.html", rows=fulfilment.list_put_back(actor), reasons=put_back_reasons(),
        places={each.id: each for each in fulfilment.places_of(actor)},
    )  # fmt: skip


def put_back_reasons() -> dict[str, str]:
    return {
        "cancelled": _("The order was cancelled"),
        "short": _("Something was short"),
        "by_hand": _("Taken apart"),
    }


@require_POST
@requires("shipping.pack")
def put_back_done(request: HttpRequest, put_back_id: UUID) -> HttpResponse:
    fulfilment.done_putting_back(actor_of(request), put_back_id)
    return go(request, url("office:put_back"), toast=_("Noted."))
