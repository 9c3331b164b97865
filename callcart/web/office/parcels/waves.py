"""Picking rounds: the list, and one round as the picker walks it with a phone, or prints it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.papers import picking_list
from callcart.commerce.inventory.public import Warehouse
from callcart.core.errors import Invalid
from callcart.web import formats
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Cursor, cursor_of
from callcart.web.office.parcels.labels import off_reasons, wave_words
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("shipping.pack")
def waves(request: HttpRequest) -> HttpResponse:
    actor, after = actor_of(request), cursor_of(request)
    only_open = request.GET.get("show") != "all"
    found = fulfilment.list_waves(
        actor, only_open=only_open, after=UUID(after.id) if after else None, limit=PAGE + 1
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request, "office/parcels/waves.html", rows=found[:PAGE], words=wave_words(), only_open=only_open,
        places={each.id: each for each in fulfilment.places_of(actor)}, next=Cursor("", str(last.wave.id)).text() if last else "",
    )  # fmt: skip


@requires("shipping.pack")
def wave(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    return _page(request, wave_id)


def _page(request: HttpRequest, wave_id: UUID, tried: Attempt | None = None) -> HttpResponse:
    said = refusal(tried)
    plan = fulfilment.wave_plan(actor_of(request), wave_id)
    todo = [each for each in plan.lines if each.row.quantity]
    is_done = {each.row.id for each in todo if each.row.picked >= each.row.quantity or each.row.is_short}
    return page(
        request, "office/parcels/wave.html", plan=plan, wave=plan.wave, said=said, status=said.status, words=wave_words(),
        lines=[each for each in todo if each.row.id not in is_done] + [each for each in todo if each.row.id in is_done],
        is_done=is_done, place=_place(request, plan.wave), is_open=plan.wave.state == "open", reasons=off_reasons(),
    )  # fmt: skip


def _place(request: HttpRequest, wave: fulfilment.Wave) -> Warehouse:
    return next(each for each in fulfilment.places_of(actor_of(request)) if each.id == wave.warehouse_id)


@require_POST
@requires("shipping.pack")
def pick(request: HttpRequest, wave_id: UUID, variant_id: UUID) -> HttpResponse:
    """So many of an article are in the trolley now."""
    posted = request.POST
    with attempt() as tried:
        text = posted.get("picked", "").strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 9):
            raise Invalid(fields={"picked": _("Give a whole number.")})
        fulfilment.pick(actor_of(request), wave_id, variant_id, picked=int(text), is_short="short" in posted)
    return _answer(request, wave_id, tried, "")


@require_POST
@requires("shipping.pack")
def finish(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    with attempt() as tried:
        fulfilment.finish_wave(actor_of(request), wave_id, all_picked="all" in request.POST)
    return _answer(request, wave_id, tried, _("The round is over. Packing can begin."))


@require_POST
@requires("shipping.pack")
def give_up(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    with attempt() as tried:
        fulfilment.cancel_wave(actor_of(request), wave_id)
    return _answer(request, wave_id, tried, _("The round was given up; its documents wait again."))


def _answer(request: HttpRequest, wave_id: UUID, tried: Attempt, toast: str) -> HttpResponse:
    if tried:
        return go(request, url("office:wave", wave_id), toast=toast)
    return _page(request, wave_id, tried)


@requires("shipping.pack")
def paper(request: HttpRequest, wave_id: UUID) -> HttpResponse:
    """The picking list to print."""
    plan = fulfilment.wave_plan(actor_of(request), wave_id)
    body = picking_list(
        plan, _place(request, plan.wave), language=reader().language, day=formats.datetime(plan.wave.made_at)
    )
    return pdf(body, f"picking-{plan.wave.number}")


def pdf(body: bytes, name: str) -> HttpResponse:
    """A file the browser opens; it holds addresses and is kept nowhere."""
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "no-store"
    return response
