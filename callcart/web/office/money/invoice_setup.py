"""Who sells, and how invoices are made: the form, and a sample of how one looks."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callcart.commerce.invoicing import public as invoicing
from callcart.core import pictures
from callcart.core.errors import Invalid
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.money import invoice_words as words
from callcart.web.office.money.invoice import as_file
from callcart.web.office.refusal import refusal

_SWITCHES = ("by_year", "credit_refunds", "send_by_itself")


@requires("invoicing.set_up")
def setup(request: HttpRequest) -> HttpResponse:
    """The form."""
    found, tried = invoicing.seller(), Attempt()
    if request.method == "POST":
        version = request.POST.get("version", "")
        with attempt() as tried:
            invoicing.save_seller(
                actor_of(request), _draft(request, found), version=int(version) if version.isdecimal() and len(version) < 9 else -1
            )  # fmt: skip
        if tried:
            return go(request, url("office:invoice_setup"), toast=_("Saved. Invoices from now on show it."))
    said = refusal(tried)
    return page(
        request, "office/money/invoice_setup.html", seller=found, posted=request.POST, is_new=not found.version,
        issue_at=words.issue_at(), paper_languages=words.languages(), accept=pictures.ACCEPT, switches=_SWITCHES,
        ready=invoicing.is_ready(found), errors=said.fields, message=said.message, status=said.status,
    )  # fmt: skip


def _draft(request: HttpRequest, found: invoicing.Seller) -> invoicing.SellerDraft:
    posted = request.POST
    values: dict[str, Any] = {
        each.name: posted.get(each.name, "")
        for each in dataclasses.fields(invoicing.SellerDraft)
        if each.name not in (*_SWITCHES, "logo")
    }
    values |= {name: name in posted for name in _SWITCHES}
    return invoicing.SellerDraft(**values, logo=_logo(request, found))


def _logo(request: HttpRequest, found: invoicing.Seller) -> str:
    """The key of the logo: a new one, the one there is, or none. Raises Invalid."""
    sent = request.FILES.get("logo")
    if sent is not None and sent.size:
        if sent.size > pictures.MOST_BYTES:
            raise Invalid(fields={"logo": _("This file is too large.")})
        return pictures.keep(sent.read(), field="logo").key
    return "" if "no_logo" in request.POST else found.logo


@require_GET
@requires("invoicing.set_up")
def sample(request: HttpRequest) -> HttpResponse:
    """How an invoice looks with what is saved; it has no number and is not kept."""
    return as_file(invoicing.sample(invoicing.seller()))
