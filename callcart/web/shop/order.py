"""One order for whoever may see it: its customer, or a visitor who placed it here or named its number and telephone number.
For everybody else it does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.catalog.public import variants
from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.commerce.shipping.public import Parcel
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.ids import spoken
from callcart.core.money import Money
from callcart.core.throttle import Limit, TriedTooOften, count
from callcart.people.customers import public as customers
from callcart.web.http import attempt, version_seen
from callcart.web.reader import reader
from callcart.web.shop.papers import papers
from callcart.web.shop.parcels import shown_parcel
from callcart.web.shop.places import address_lines
from callcart.web.shop.visit import follow, leave, show, tenant_of, visit_of

HOUR = timedelta(hours=1)
PER_NUMBER, PER_PHONE, PER_ADDRESS = 10, 10, 40
_BACK = {"returning", "part_returned", "returned"}
_ON_ITS_WAY = {"part_shipped", "shipped", "part_delivered", "returning", "returned", "lost"}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four steps of an order; `mark` is `done`, `now` or empty."""

    label: str
    mark: str


@dataclass(frozen=True, slots=True)
class ShownLine:
    name: str
    sku: str
    image: str
    slug: str
    quantity: int
    unit: Money
    total: Money
    before: Money | None = None
    why: str = ""
    parts: tuple[tuple[int, str], ...] = ()


@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    return order_page(request, orders.order_by_number(visit_of(request).actor, number))


def order_page(
    request: HttpRequest,
    detail: orders.OrderDetail,
    *,
    message: str = "",
    status: int = 200,
    buyer_errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page of an order."""
    visit, found = visit_of(request), detail.order
    plan = detail.payment.instalments if detail.payment else ()
    return show(
        request,
        "shop/order.html",
        status=status,
        detail=detail,
        order=found,
        number=spoken(found.number),
        is_new="new" in request.GET,
        message=message,
        steps=_steps(detail),
        tone=_tone(detail),
        lines=_lines(detail),
        to=address_lines(_Receiver(found)),
        parcels=[shown_parcel(parcel) for parcel in detail.parcels],
        history=list(reversed(detail.history)),
        plan=[(each, Money(each.amount_minor, found.currency)) for each in plan if each.amount_minor],
        paid=detail.payment.captured if detail.payment else None,
        pay_token=payments.pay_token(visit.actor, found.id) if "pay" in detail.allowed else "",
        payment=orders.payment_label(detail.axes.payment),
        method=orders.payment_method_label(found.payment_method),
        own=visit.customer is not None and found.customer_id == visit.customer.id,
        reasons=_reasons(),
        **papers(visit.actor, found),
        buyer_errors=buyer_errors or {},
        buyer_typed=typed,
        returns=[
            (row.case, aftersales.kind_label(row.case.kind), aftersales.state_label(row.case.state))
            for row in aftersales.cases_of_order(visit.actor, found.id)
        ],
        may_return=any(parcel.state == "delivered" for parcel in detail.parcels),
    )


class _Receiver:
    """An order's address under the names of an address."""

    def __init__(self, found: orders.Order) -> None:
        self.name, self.country, self.province = found.ship_name, found.ship_country, found.ship_province
        self.city, self.district = found.ship_city, found.ship_district
        self.street, self.postcode = found.ship_street, found.ship_postcode


def _lines(detail: orders.OrderDetail) -> list[ShownLine]:
    known = variants(each.row.variant_id for each in detail.rows)
    return [
        ShownLine(
            name=each.row.name_in(reader().language),
            sku=each.row.sku,
            image=hit.image if (hit := known.get(each.row.variant_id)) else "",
            slug=hit.slug if hit and hit.on_sale else "",
            quantity=each.row.quantity,
            unit=each.unit,
            total=each.total,
            before=each.listed if each.listed.minor > each.unit.minor else None,
            why=each.why if each.row.discount_minor else "",
            parts=tuple(
                (part.line.quantity, part.line.name_in(reader().language))
                for part in each.lines
                if each.is_set
            ),
        )
        for each in detail.rows
    ]


def _steps(detail: orders.OrderDetail) -> list[Step]:
    """Placed, confirmed, on its way, delivered. A cancelled order has none."""
    if detail.order.state == orders.OrderState.CANCELLED:
        return []
    labels = (_("Placed"), _("Confirmed"), _("On its way"), _("Delivered"))
    here = _place(detail)
    done = here == len(labels) - 1
    return [
        Step(label, "done" if at < here or done else "now" if at == here else "")
        for at, label in enumerate(labels)
    ]


def _place(detail: orders.OrderDetail) -> int:
    fulfilment = detail.axes.fulfilment
    if fulfilment == orders.Fulfilment.DELIVERED or _given_back(fulfilment, detail.parcels):
        return 3
    if fulfilment in _ON_ITS_WAY or _handed_over(detail.parcels):
        return 2
    return 1 if detail.order.state in {orders.OrderState.CONFIRMED, orders.OrderState.CLOSED} else 0


def _given_back(fulfilment: str, parcels: Sequence[Parcel]) -> bool:
    """All of it had arrived before some of it went back: where it is now is told by the return."""
    return fulfilment in _BACK and bool(parcels) and all(each.state == "delivered" for each in parcels)


def _handed_over(parcels: Sequence[Parcel]) -> bool:
    return any(parcel.state != "packed" for parcel in parcels)


def _tone(detail: orders.OrderDetail) -> str:
    """The colour of the badge: grey where it is over, warm where something is waited for."""
    if detail.order.state == orders.OrderState.CANCELLED:
        return "grey"
    if "pay" in detail.allowed or detail.order.state == orders.OrderState.ON_HOLD:
        return "warm"
    return "bad" if detail.axes.fulfilment in {orders.Fulfilment.LOST, orders.Fulfilment.RETURNED} else ""


def _reasons() -> list[str]:
    return [
        _("I changed my mind"),
        _("I want to change the order"),
        _("It takes too long"),
        _("I found it cheaper"),
        _("Something else"),
    ]


@require_POST
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Cancel, as long as it is not confirmed."""
    visit = visit_of(request)
    detail = orders.order_by_number(visit.actor, number)
    reason = request.POST.get("reason", "")[:2000]
    with attempt(Invalid, Conflict) as tried:
        orders.cancel_order(
            visit.actor,
            detail.order.id,
            reason=reason,
            version=version_seen(request),
        )
    if not tried:
        message = next(iter(tried.fields.values()), tried.message)
        fresh = orders.order_by_number(visit.actor, number)
        return order_page(request, fresh, message=message, status=tried.status)
    return leave(reverse("shop:order", kwargs={"number": detail.order.number}), said="cancelled")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Find an order by its number and the receiver's telephone number. Both must be right, and which was wrong is not said."""
    if request.method != "POST":
        return _track_page(request)
    number, phone = request.POST.get("number", ""), request.POST.get("phone", "")
    missing = {
        name: _("Please fill this in.")
        for name, text in (("number", number), ("phone", phone))
        if not text.strip()
    }
    if missing:
        return _track_page(request, errors=missing, status=422)
    try:
        number, phone = number[:60], phone[:60]
        _count(request, number, phone)
        found = orders.track_order(visit_of(request).actor, number, phone)
    except TriedTooOften as error:
        response = _track_page(request, message=error.message, status=429)
        response["Retry-After"] = str(error.details["retry_after"])
        return response
    except NotFound:
        message = _("We find no order with this number and telephone number. Please check both.")
        return _track_page(request, message=message, status=404)
    response = leave(reverse("shop:order", kwargs={"number": found.order.number}))
    follow(request, response, found.order.id)
    return response


def _count(request: HttpRequest, number: str, phone: str) -> None:
    """Counted by what is looked up, not by what was typed: another spelling of a number is no other number."""
    count(
        tenant_of(request).id,
        [
            Limit("track.number", orders.plain_number(number), PER_NUMBER, HOUR),
            Limit("track.phone", _dialled(phone), PER_PHONE, HOUR),
            Limit("track.address", request.META.get("REMOTE_ADDR", ""), PER_ADDRESS, HOUR),
        ],
    )


def _dialled(phone: str) -> str:
    """The number a text stands for; empty for none, which finds nothing."""
    try:
        return customers.normalise_phone(phone).e164
    except Invalid:
        return ""


def _track_page(
    request: HttpRequest, *, errors: dict[str, str] | None = None, message: str = "", status: int = 200
) -> HttpResponse:
    typed = {name: request.POST.get(name, "")[:60] for name in ("number", "phone")}
    if request.method != "POST":  # a message to the customer leads here with the number of their order
        typed["number"] = orders.plain_number(request.GET.get("number", "")[:60])
    return show(request, "shop/track.html", status=status, errors=errors or {}, message=message, form=typed)
