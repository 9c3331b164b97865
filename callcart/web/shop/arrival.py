"""Asking in the shop to hear when something is back, and taking that back. Only for customers who signed in: whoever is to be told has
to be known."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from callcart.commerce.catalog.public import variant_by_code
from callcart.commerce.supply import public as supply
from callcart.core.errors import Conflict, NotFound
from callcart.web.http import attempt
from callcart.web.shop.account import signed_in
from callcart.web.shop.visit import leave, visit_of


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Put the customer on the list of a product that is out. A visitor signs in first and comes back to the product."""
    hit = variant_by_code(request.POST.get("sku", "")[:100])
    if hit is None or not hit.on_sale:
        raise NotFound
    here = f"{reverse('shop:product', kwargs={'slug': hit.slug})}?{urlencode({'v': hit.sku})}"
    visitor = visit_of(request).customer
    if visitor is None:
        return leave(f"{reverse('shop:sign_in')}?{urlencode({'next': here})}")
    units = request.POST.get("quantity", "1").strip()
    with attempt() as tried:
        supply.ask_notice(
            visitor, variant_id=hit.id, channel=request.POST.get("channel", ""),
            quantity=int(units) if units.isascii() and units.isdecimal() and len(units) < 6 else 0,
        )  # fmt: skip
    if tried:
        return leave(here, said="on_the_list")
    return leave(
        here, said="arrival_in_stock" if isinstance(tried.error, supply.InStock) else "arrival_refused"
    )


@require_POST
@signed_in
def forget(request: HttpRequest, notice_id: UUID) -> HttpResponse:
    """The customer does not want to hear of it any more."""
    with attempt(Conflict) as tried:
        supply.cancel_notice(visit_of(request).actor, notice_id)
    return leave(reverse("shop:account"), said="off_the_list" if tried else "")


def mine_of(request: HttpRequest, sku: str) -> supply.ArrivalNotice | None:
    """The open notice of whoever looks at a product."""
    visitor = visit_of(request).customer
    if visitor is None or visitor.id is None:
        return None
    return next((each for each in supply.notices_of(visitor.id) if each.variant.sku == sku), None)
