"""The customer's own pages: orders, name, language, consent, addresses. Everything here is of whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callcart.commerce.catalog.public import variants
from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.commerce.supply import public as supply
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound, NotSignedIn
from callcart.people.customers import public as customers
from callcart.people.tenants.public import get_tenant
from callcart.web.http import attempt
from callcart.web.language import keep_language
from callcart.web.reader import LANGUAGES, known_language, reader
from callcart.web.shop.checkout_form import ADDRESS, known_of
from callcart.web.shop.places import address_lines
from callcart.web.shop.regions import regions_of
from callcart.web.shop.visit import leave, show, tenant_of, visit_of

P = ParamSpec("P")
SHOWN_ORDERS = 50
TONES = {
    "cancelled": "",
    "on_hold": "tag-warm",
    "placed": "tag-brand",
    "confirmed": "tag-brand",
    "closed": "tag-good",
}
SENT_STATES = {"confirmed", "closed"}
GOODS = {
    "part_shipped": "tag-brand",
    "shipped": "tag-brand",
    "part_delivered": "tag-brand",
    "delivered": "tag-good",
    "returning": "tag-warm",
    "part_returned": "",
    "returned": "",
    "lost": "tag-bad",
}


def signed_in(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only for customers; others are sent to sign in and come back to where they were going."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if visit_of(request).customer is None:
            back = request.get_full_path() if request.method == "GET" else reverse("shop:account")
            return leave(f"{reverse('shop:sign_in')}?{urlencode({'next': back})}")
        return view(request, *args, **kwargs)

    return checked


def _me(request: HttpRequest) -> tuple[Actor, UUID]:
    customer = visit_of(request).customer
    if customer is None or customer.id is None:
        raise NotSignedIn
    return customer, customer.id


@require_safe
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Orders, newest first."""
    _actor, customer_id = _me(request)
    actor = visit_of(request).actor
    rows = orders.orders_of_customer(actor, customer_id, limit=SHOWN_ORDERS)
    pictures = _pictures(actor, rows)
    return show(
        request,
        "shop/account.html",
        customer=customers.get_customer(customer_id),
        orders=[(row, *_standing(row), pictures.get(row.id, [])) for row in rows],
        waiting=supply.notices_of(customer_id),
        credit=payments.credit_of_customer(customer_id, get_tenant().currency) or None,
    )


def _standing(row: orders.OrderRow) -> tuple[str, str]:
    """An order in one word, and its colour: once it is on its way, where the goods are is what a customer asks."""
    if row.state in SENT_STATES and row.fulfilment_state in GOODS:
        return orders.fulfilment_label(row.fulfilment_state), GOODS[row.fulfilment_state]
    return orders.state_label(row.state), TONES.get(row.state, "")


def _pictures(actor: Actor, rows: list[orders.OrderRow]) -> dict[UUID, list[str]]:
    """Up to five pictures for each order, with two queries for all."""
    lines = list(
        orders.Line.objects.filter(order_id__in=[row.id for row in rows])
        .order_by("position")
        .values_list("order_id", "variant_id")
    )
    known = variants(variant_id for _order, variant_id in lines)
    found: dict[UUID, list[str]] = {}
    for order_id, variant_id in lines:
        shown = found.setdefault(order_id, [])
        if variant_id in known and len(shown) < 5:
            shown.append(known[variant_id].image)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def details(request: HttpRequest) -> HttpResponse:
    """Name, language, and what we may send."""
    actor, customer_id = _me(request)
    customer = customers.get_customer(customer_id)
    if request.method != "POST":
        given = {key: bool(customer.consent.get(key, {}).get("given")) for key in ("sms", "email", "call")}
        return _details_page(request, {"name": customer.name, "language": reader().language}, given, {})
    consent = {key: request.POST.get(f"consent_{key}") == "1" for key in ("sms", "email", "call")}
    typed = {name: request.POST.get(name, "") for name in ("name", "language")}
    language = known_language(typed["language"])
    if language is None:
        wrong = {"language": _("Choose one of the languages offered.")}
        return _details_page(request, typed, consent, wrong)
    with attempt(Invalid) as tried:
        customers.update_customer(actor, customer_id, name=typed["name"], language=language, consent=consent)
    if not tried:
        return _details_page(request, typed, consent, tried.fields)
    response = leave(reverse("shop:details"), said="saved")
    keep_language(response, language)
    return response


def _details_page(
    request: HttpRequest, form: dict[str, str], consent: dict[str, bool], errors: dict[str, str]
) -> HttpResponse:
    actor, customer_id = _me(request)
    phones = customers.Phone.objects.filter(customer_id=customer_id).order_by("-is_primary", "created_at")
    return show(
        request,
        "shop/details.html",
        status=422 if errors else 200,
        form=form,
        consent=consent,
        errors=errors,
        languages_offered=LANGUAGES,
        phones=[customers.display_phone(actor, phone.e164) for phone in phones],
        addresses=[(each, address_lines(each)) for each in customers.addresses_of(customer_id)],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def address(request: HttpRequest, address_id: UUID | None = None) -> HttpResponse:
    """A new address, or one of one's own changed. Raises NotFound for another's."""
    actor, customer_id = _me(request)
    known = _own_address(customer_id, address_id) if address_id is not None else None
    if request.method != "POST":
        shown = {name: getattr(known, name) if known else "" for name in ADDRESS}
        shown |= known_of(actor) if known is None else {}
        return _address_page(request, known, shown, {})
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in ADDRESS}
    with attempt(Invalid) as tried:
        if not values["phone"].strip():
            raise Invalid(fields={"phone": _("Please fill this in.")})
        if known is None:
            customers.add_address(actor, customer_id, **values)
        else:
            customers.update_address(actor, known.id, **values)
    if not tried:
        return _address_page(request, known, values, tried.fields)
    return leave(reverse("shop:details") + "#addresses", said="saved")


def _own_address(customer_id: UUID, address_id: UUID) -> customers.Address:
    found = next((each for each in customers.addresses_of(customer_id) if each.id == address_id), None)
    if found is None:
        raise NotFound
    return found


def _address_page(
    request: HttpRequest, known: customers.Address | None, values: dict[str, str], errors: dict[str, str]
) -> HttpResponse:
    country = known.country if known else tenant_of(request).country
    return show(
        request,
        "shop/address.html",
        status=422 if errors else 200,
        known=known,
        values={name: text[:400] for name, text in values.items()},
        errors=errors,
        regions=regions_of(country, reader().language),
        country=country,
    )


@require_POST
@signed_in
def remove_address(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """Raises NotFound for another's."""
    actor, _customer_id = _me(request)
    customers.remove_address(actor, address_id)
    return leave(reverse("shop:details") + "#addresses", said="address_removed")


@require_POST
@signed_in
def default_address(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """Raises NotFound for another's."""
    actor, _customer_id = _me(request)
    customers.make_default_address(actor, address_id)
    return leave(reverse("shop:details") + "#addresses", said="saved")
