"""Invoices for the shop's customers: the PDF behind an address that cannot be guessed, and whom an invoice is to be for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.orders import public as orders
from callcart.core.errors import Conflict, Invalid
from callcart.web.http import attempt
from callcart.web.shop.order import order_page
from callcart.web.shop.visit import leave, visit_of


@require_safe
def pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The PDF. Whoever has the address may read it, as with a letter; no cache or search engine keeps it."""
    found = invoicing.pdf_of(invoicing.document_of_token(token))
    response = HttpResponse(found.data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
def buyer(request: HttpRequest, number: str) -> HttpResponse:
    """Say whom the invoice is for, until it is issued."""
    visit, posted = visit_of(request), request.POST
    detail = orders.order_by_number(visit.actor, number)
    draft = invoicing.BuyerDraft(
        kind=posted.get("kind", "person"),
        title=posted.get("title", ""),
        tax_number=posted.get("tax_number", ""),
        address=posted.get("address", ""),
        email=posted.get("email", ""),
        wants_tax_invoice="wants_tax_invoice" in posted,
    )
    with attempt(Invalid, Conflict) as tried:
        invoicing.set_buyer(visit.actor, detail.order.id, draft)
    if tried:
        return leave(reverse("shop:order", kwargs={"number": detail.order.number}), said="saved")
    message = "" if tried.fields else tried.message
    return order_page(
        request, detail, message=message, status=tried.status, buyer_errors=tried.fields, typed=posted.dict()
    )
