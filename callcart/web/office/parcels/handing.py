"""The carrier is at the door: each box is scanned onto its manifest, and the manifest is printed and signed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.papers import manifest_paper
from callcart.commerce.fulfilment.public import OutOutcome, OutScan
from callcart.commerce.shipping.public import Carrier
from callcart.core import ids
from callcart.core.ids import spoken
from callcart.web import formats
from callcart.web.http import Attempt, actor_of, attempt, go, page, render, requires
from callcart.web.jinja import url
from callcart.web.names import carrier_namer
from callcart.web.office.listing import PAGE, Cursor, cursor_of
from callcart.web.office.parcels.choices import chosen
from callcart.web.office.parcels.labels import out_scans
from callcart.web.office.parcels.waves import pdf
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader

MOST_SCANS = 50


@requires("shipping.pack", "orders.ship")
def manifests(request: HttpRequest) -> HttpResponse:
    """Manifests, the newest first; and the way to begin one."""
    tried: Attempt | None = None
    actor, made = actor_of(request), None
    if request.method == "POST":
        with attempt() as tried:
            made = fulfilment.open_manifest(
                actor, chosen(request, "place"), carrier=request.POST.get("carrier", "")
            )
        if made is not None and tried:
            return go(request, url("office:manifest", made.id))
    said, after = refusal(tried), cursor_of(request)
    found = fulfilment.list_manifests(actor, after=UUID(after.id) if after else None, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    places = fulfilment.places_of(actor)
    return page(
        request, "office/parcels/manifests.html", rows=found[:PAGE], said=said, status=said.status, posted=request.POST,
        places={each.id: each for each in places}, waiting=fulfilment.packed_by_carrier(actor),
        place_choices=[(str(each.id), each.name_in(reader().language)) for each in places],
        carriers=_carriers(),
        next=Cursor("", str(last.id)).text() if last else "",
    )  # fmt: skip


def _carriers() -> list[tuple[str, str]]:
    """Those at the door, and last the boxes that nobody is to carry yet."""
    known = [(each.name, each.name_in(reader().language)) for each in Carrier.objects.filter(is_active=True)]
    return [*known, ("", _("No carrier yet"))]


@requires("shipping.pack", "orders.ship")
def manifest(request: HttpRequest, manifest_id: UUID) -> HttpResponse:
    """One collection: scan box after box."""
    if request.method != "POST":
        return _page(request, manifest_id)
    scans, refused = [], ""
    for code in [each for each in request.POST.getlist("code") if each.strip()][:MOST_SCANS]:
        # each box by itself: one that may not go holds up no other
        with attempt() as tried:
            scans.append(_told(fulfilment.scan_out(actor_of(request), manifest_id, code)))
        if not tried:
            refused = tried.message
            scans.append(_refused(code, refused))
    if request.headers.get("Accept") == "application/json":
        lines = render(
            request, "office/parcels/manifest.html", block="lines", **_values(request, manifest_id)
        )
        return JsonResponse({"message": "", "scans": scans, "lines": lines})
    return _page(request, manifest_id, scans=scans)


def _told(each: OutScan) -> dict[str, Any]:
    word = out_scans()[each.outcome]
    good = each.outcome in (OutOutcome.OUT, OutOutcome.MORE_BOXES)
    about = spoken(each.dispatch.order_number) if each.dispatch else ""
    said = word.text
    if each.outcome is OutOutcome.MORE_BOXES:
        said = _("Boxes of this order still to come: %(count)s") % {"count": each.missing}
    elif each.outcome is OutOutcome.OTHER_CARRIER and each.dispatch:
        said = _("Not for this carrier. It goes with %(carrier)s.") % {
            "carrier": carrier_namer()(each.dispatch.carrier) or "–"
        }
    return {
        "code": each.code, "units": 1, "outcome": "booked" if good else str(each.outcome), "said": said, "tone": word.tone,
        "name": _("Order %(number)s") % {"number": about} if about else "", "progress": "", "again": False,
    }  # fmt: skip


def _refused(code: str, message: str) -> dict[str, Any]:
    return {
        "code": code[:100], "units": 1, "outcome": "refused", "said": message, "tone": "red", "name": "",
        "progress": "", "again": False,
    }  # fmt: skip


def _page(
    request: HttpRequest,
    manifest_id: UUID,
    tried: Attempt | None = None,
    scans: list[dict[str, Any]] | None = None,
) -> HttpResponse:
    said = refusal(tried)
    return page(
        request, "office/parcels/manifest.html", said=said, status=said.status, scans=scans or [], key=str(ids.new_id()),
        **_values(request, manifest_id),
    )  # fmt: skip


def _values(request: HttpRequest, manifest_id: UUID) -> dict[str, Any]:
    actor = actor_of(request)
    found = fulfilment.get_manifest(actor, manifest_id)
    return {
        "manifest": found, "boxes": list(reversed(fulfilment.boxes_on(found))), "place": _place(request, found),
        "posted": request.POST,
    }  # fmt: skip


def _place(request: HttpRequest, found: fulfilment.Manifest) -> Any:
    return next(each for each in fulfilment.places_of(actor_of(request)) if each.id == found.warehouse_id)


@require_POST
@requires("shipping.pack", "orders.ship")
def close(request: HttpRequest, manifest_id: UUID) -> HttpResponse:
    with attempt() as tried:
        fulfilment.close_manifest(actor_of(request), manifest_id, driver=request.POST.get("driver", ""))
    if tried:
        return go(
            request, url("office:manifest", manifest_id), toast=_("Closed. Print the list for the driver.")
        )
    return _page(request, manifest_id, tried)


@require_POST
@requires("shipping.pack", "orders.ship")
def take_off(request: HttpRequest, manifest_id: UUID, box_id: UUID) -> HttpResponse:
    with attempt() as tried:
        fulfilment.take_off(actor_of(request), manifest_id, box_id)
    if tried:
        return go(request, url("office:manifest", manifest_id), toast=_("Taken off."))
    return _page(request, manifest_id, tried)


@requires("shipping.pack", "orders.ship")
def paper(request: HttpRequest, manifest_id: UUID) -> HttpResponse:
    """The list the driver signs."""
    found = fulfilment.get_manifest(actor_of(request), manifest_id)
    body = manifest_paper(
        found, _place(request, found), language=reader().language, money=formats.money,
        day=formats.datetime(found.closed_at or found.made_at),
    )  # fmt: skip
    return pdf(body, f"manifest-{found.number}")
