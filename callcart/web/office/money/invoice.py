"""One invoice or credit note: its page, its PDF, crediting, correcting, sending; and issuing the one of an order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.orders import public as orders
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.ids import new_id, spoken
from callcart.people.approvals import public as approvals
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.money import invoice_words as words
from callcart.web.office.money.amounts import read_amount
from callcart.web.office.refusal import refusal


@require_GET
@requires("invoicing.view")
def invoice(request: HttpRequest, document_id: UUID) -> HttpResponse:
    return _page(request, document_id)


def _page(
    request: HttpRequest, document_id: UUID, *, tried: Attempt | None = None, dialog: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    document, said = invoicing.get_document(actor, document_id), refusal(tried)
    is_open = document.kind == "invoice" and document.closed_at is None
    above = isinstance(said.error, approvals.NeedsApproval)
    return page(
        request, "office/money/invoice.html", document=document, content=invoicing.Content.from_json(document.content), is_open=is_open,
        left=invoicing.left_of(document) if is_open else (), notes=invoicing.credit_notes_of(document), kinds=words.kinds(),
        same=invoicing.pdf_of(document).is_same, buyer_kinds=words.buyer_kinds(), above_limit=said.message if above else "",
        asked=approvals.waiting_for(("invoice", document.id)), key=request.POST.get("key") or str(new_id()), posted=request.POST,
        dialog=dialog if said.fields or above else "", errors=said.fields, message="" if said.fields or above else said.message,
        status=said.status,
    )  # fmt: skip


@require_GET
@requires("invoicing.view")
def pdf(request: HttpRequest, document_id: UUID) -> HttpResponse:
    return as_file(invoicing.pdf_of(invoicing.get_document(actor_of(request), document_id)))


def as_file(found: invoicing.Pdf) -> HttpResponse:
    """A PDF, shown by the browser and saved under its number; no cache keeps it."""
    response = HttpResponse(found.data, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.name}"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@requires("invoicing.view", "invoicing.credit")
def credit(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Credit units, an amount or all; above the reader's limit the dialog offers to ask, and this asks."""
    actor, posted = actor_of(request), request.POST
    document = invoicing.get_document(actor, document_id)
    verb: Any = invoicing.ask_credit if posted.get("ask") == "1" else invoicing.credit_invoice
    with attempt() as tried:
        done = verb(
            actor, document_id, reason=posted.get("reason", ""), idempotency_key=posted.get("key", "")[:100],
            **_what(request, document),
        )  # fmt: skip
    if not tried:
        return _page(request, document_id, tried=tried, dialog="credit")
    if posted.get("ask") == "1":
        return go(
            request,
            url("office:invoice", document_id),
            toast=_("Asked for approval. You hear when it is decided."),
        )
    said = _("Credit note %(number)s issued.") % {"number": done.number}
    return go(request, url("office:invoice", done.id), toast=said)


def _what(request: HttpRequest, document: invoicing.Document) -> dict[str, Any]:
    """What the form wants credited. Raises Invalid."""
    how = request.POST.get("how", "")
    if how == "amount":
        return {"amount": read_amount(request.POST.get("amount", ""), document.currency)}
    if how == "all":
        return {}
    units, wrong = {}, {}
    for name, value in request.POST.items():
        position = name.removeprefix("units_")
        if name.startswith("units_") and position.isascii() and position.isdecimal() and len(position) < 6:
            text = str(value).strip() or "0"
            if not text.isascii() or not text.isdecimal() or len(text) > 7:
                wrong[name] = _("A whole number of units.")
            else:
                units[int(position)] = int(text)
    if wrong:
        raise Invalid(fields=wrong)
    return {"units": units}


@require_POST
@requires("invoicing.view", "invoicing.credit", "invoicing.issue")
def correct(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Credit it in full and issue a new one, for whom the form says."""
    actor, posted = actor_of(request), request.POST
    invoicing.get_document(actor, document_id)
    with attempt() as tried:
        made = invoicing.correct_invoice(
            actor, document_id, reason=posted.get("reason", ""), idempotency_key=posted.get("key", "")[:100],
            buyer=words.buyer_draft(request),
        )  # fmt: skip
    if tried:
        said = _("Invoice %(number)s takes its place.") % {"number": made.number}
        return go(request, url("office:invoice", made.id), toast=said)
    return _page(request, document_id, tried=tried, dialog="correct")


@require_POST
@requires("invoicing.view", "invoicing.send")
def send(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Have it sent to the customer."""
    found = invoicing.send_document(actor_of(request), document_id)
    said = _("%(number)s is being sent to the customer.") % {"number": found.number}
    if request.POST.get("back") == "order":
        return go(request, url("office:order", found.order_id), toast=said)
    return go(request, url("office:invoice", document_id), toast=said)


@require_POST
@requires("orders.view", "invoicing.issue")
def issue(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Issue the invoice of an order."""
    with attempt() as tried:
        made = invoicing.issue_invoice(
            actor_of(request), order_id, idempotency_key=request.POST.get("key", "")[:100]
        )
    if tried:
        said = _("Invoice %(number)s issued.") % {"number": made.number}
        return go(request, url("office:invoice", made.id), toast=said)
    return go(request, url("office:order", order_id), toast=tried.message, kind="danger")


@requires("orders.view", "invoicing.buyer")
def buyer(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Whom the invoice of an order is for."""
    actor, tried = actor_of(request), Attempt()
    found = orders.order_detail(actor, order_id).order
    if request.method == "POST":
        with attempt() as tried:
            invoicing.set_buyer(actor, order_id, words.buyer_draft(request))
        if tried:
            return go(request, url("office:order", order_id), toast=_("Saved."))
    said = refusal(tried)
    known = invoicing.buyer_of(order_id)
    return page(
        request, "office/money/invoice_buyer.html", order=found, number=spoken(found.number), kinds=words.buyer_kinds(),
        buyer=known or invoicing.last_buyer(found.customer_id), kept=known is not None, posted=request.POST,
        errors=said.fields, message=said.message, status=said.status,
    )  # fmt: skip


def beside_invoices(actor: Actor, order: orders.Order) -> dict[str, Any]:
    """What an order's page shows of its invoices, for those who may see them."""
    if not actor.can("invoicing.view"):
        return {"invoices": [], "invoice_buyer": None, "invoice_missing": False}
    found = invoicing.documents_of_order(actor, order.id)
    is_open = any(each.kind == "invoice" and each.closed_at is None for each in found)
    return {
        "invoices": found,
        "invoice_kinds": words.kinds(),
        "invoice_buyer": invoicing.buyer_of(order.id),
        "invoice_missing": not is_open and order.state != orders.OrderState.CANCELLED,
        "invoice_may": not is_open and invoicing.may_be_invoiced(order),
        "invoice_behind": any(
            each.kind == "invoice"
            and each.closed_at is None
            and order.total_minor not in (each.total_minor, each.left.minor)
            for each in found
        ),
    }
