"""One parcel: where it is, every scan, its carrier; and what staff do about it."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.orders import carriage
from callcart.commerce.orders.models import Order
from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import Booking, Carrier, Parcel, ParcelState, Quote
from callcart.core import files
from callcart.core.errors import AppError, Invalid, NotFound
from callcart.core.http import non_atomic
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office import words
from callcart.web.office.parcels.choices import chosen
from callcart.web.office.parcels.labels import advice, booking_word, trouble_words
from callcart.web.office.parcels.numbers import grams, kilograms
from callcart.web.office.refusal import refusal
from callcart.web.origin import own_url
from callcart.web.reader import reader

# What a person may report without the carrier: the ends of a parcel, and what only a call tells.
REPORTS = (
    ParcelState.HANDED_OVER, ParcelState.IN_TRANSIT, ParcelState.DELIVERED, ParcelState.REFUSED, ParcelState.RETURNING,
    ParcelState.RETURNED, ParcelState.LOST,
)  # fmt: skip


@requires("shipping.view")
def parcel(request: HttpRequest, parcel_id: UUID) -> HttpResponse:
    return _page(request, parcel_id)


def _page(request: HttpRequest, parcel_id: UUID, tried: Attempt | None = None) -> HttpResponse:
    actor, said = actor_of(request), refusal(tried)
    found = shipping.get_parcel(actor, parcel_id)
    bookings = shipping.bookings_of(found.id)
    live = next((each for each in bookings if each.state in {"wanted", "booked", "cancelling"}), None)
    may = actor.can("shipping.update")
    bookable = may and live is None and not found.tracking and found.state in shipping.BOOKABLE
    return page(
        request, "office/parcels/parcel.html", status=said.status, parcel=found, said=said, may=may, words=words,
        order=Order.objects.filter(id=found.order_id).first() if actor.can("orders.view") else None,
        trouble=trouble_words().get(found.trouble), advice=advice(found.trouble) if found.trouble else "",
        bookings=[(each, booking_word(each.state), _cost(each)) for each in bookings],
        offers=_offers(request, found) if bookable else [], weight=_weight(request, found) if bookable else "",
        reports=[(str(each), words.parcel_state(each).text) for each in REPORTS],
        carriers=[(str(each.id), each.name_in(reader().language)) for each in Carrier.objects.filter(is_active=True)],
        page_at=_tracking_page(found), posted=request.POST, asks=bool(found.carried_by and found.carried_by.adapter),
    )  # fmt: skip


def _cost(row: Booking) -> Money | None:
    return None if row.cost_minor is None else Money(row.cost_minor, row.currency)


def _tracking_page(found: Parcel) -> str:
    template = found.carried_by.tracking_page if found.carried_by else ""
    return template.replace("{number}", quote(found.tracking, safe="")) if template and found.tracking else ""


def _weight(request: HttpRequest, found: Parcel) -> str:
    its = carriage.carried(actor_of(request), [found.id])
    return request.GET.get("weight", "")[:12] or (kilograms(its[0].weight_g) if its else "")


def _offers(request: HttpRequest, found: Parcel) -> list[Quote]:
    """The services that could carry it over their carrier's interface, for the weight asked about."""
    try:
        weight = grams(_weight(request, found), "weight")
        offers = carriage.offers_for(actor_of(request), found.id, weight_g=weight)
    except (Invalid, NotFound):
        return []
    able = set(Carrier.objects.exclude(adapter="").values_list("id", flat=True))
    return [each for each in offers if each.carrier_id in able]


def _answer(request: HttpRequest, parcel_id: UUID, tried: Attempt, toast: str) -> HttpResponse:
    if tried:
        return go(request, url("office:parcel", parcel_id), toast=toast)
    return _page(request, parcel_id, tried)


@require_POST
@requires("shipping.update")
def report(request: HttpRequest, parcel_id: UUID) -> HttpResponse:
    """Somebody knows better than the scans: it was delivered, it came back."""
    state = request.POST.get("state", "")
    with attempt(Invalid) as tried:
        if state not in set(REPORTS):
            raise Invalid(fields={"state": _("Choose one of the values offered.")})
        shipping.set_parcel_state(
            actor_of(request), parcel_id, ParcelState(state), text=request.POST.get("text", "")[:500]
        )
    return _answer(request, parcel_id, tried, _("Noted."))


@require_POST
@requires("shipping.update")
def claim(request: HttpRequest, parcel_id: UUID) -> HttpResponse:
    with attempt(Invalid) as tried:
        shipping.note_claim(actor_of(request), parcel_id, request.POST.get("claim_note", ""))
    return _answer(request, parcel_id, tried, _("Noted."))


@require_POST
@requires("shipping.update")
def number(request: HttpRequest, parcel_id: UUID) -> HttpResponse:
    """The number that a carrier gave, typed."""
    with attempt() as tried:
        shipping.assign_tracking(
            actor_of(request),
            parcel_id,
            carrier_id=chosen(request, "carrier"),
            tracking=request.POST.get("tracking", "")[:200],
        )
    return _answer(request, parcel_id, tried, _("The parcel has its number."))


@non_atomic
@require_POST
@requires("shipping.update")
def ask(request: HttpRequest, parcel_id: UUID) -> HttpResponse:
    """Ask the carrier now, outside of any transaction."""
    actor = actor_of(request)
    try:
        taken = shipping.poll_parcel(actor, parcel_id)
    except AppError as error:
        with tenant_transaction(actor.tenant_id):
            if isinstance(error, NotFound):
                raise
            return go(request, url("office:parcel", parcel_id), toast=error.message, kind="warning")
    toast = _("The carrier has news.") if taken.new else _("The carrier has nothing new.")
    with tenant_transaction(actor.tenant_id):
        return go(request, url("office:parcel", parcel_id), toast=toast)


@require_POST
@requires("shipping.update")
def book(request: HttpRequest, parcel_id: UUID) -> HttpResponse:
    with attempt() as tried:
        carriage.book_carrier(
            actor_of(request),
            parcel_id,
            service_id=chosen(request, "service"),
            weight_g=grams(request.POST.get("weight", ""), "weight"),
            notify_base=own_url(request, "/").rstrip("/"),
        )
    return _answer(request, parcel_id, tried, _("Booked. Number and label come in a moment."))


@require_POST
@requires("shipping.update")
def call_off(request: HttpRequest, parcel_id: UUID, booking_id: UUID) -> HttpResponse:
    with attempt() as tried:
        _own(parcel_id, booking_id)
        shipping.cancel_booking(actor_of(request), booking_id)
    return _answer(request, parcel_id, tried, _("The carrier is told."))


@requires("shipping.update")
def label(request: HttpRequest, parcel_id: UUID, booking_id: UUID) -> HttpResponseBase:
    """The label as the carrier made it."""
    row = _own(parcel_id, booking_id)
    if not row.label:
        raise NotFound
    path = files.path(row.label)
    response = FileResponse(
        path.open("rb"),
        content_type="application/pdf" if path.suffix == ".pdf" else "application/octet-stream",
    )
    response["Content-Disposition"] = f'inline; filename="label-{row.tracking}{path.suffix}"'
    response["Cache-Control"] = "no-store"
    return response


def _own(parcel_id: UUID, booking_id: UUID) -> Booking:
    found = next((each for each in shipping.bookings_of(parcel_id) if each.id == booking_id), None)
    if found is None:
        raise NotFound
    return found
