"""Words of invoices, and what their forms say."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext as _

from callcart.commerce.invoicing import public as invoicing


def kinds() -> dict[str, str]:
    return {"invoice": _("Invoice"), "credit_note": _("Credit note")}


def states() -> dict[str, str]:
    return {"open": _("Not credited"), "credited": _("Credited in part or full")}


def buyer_kinds() -> list[tuple[str, str]]:
    return [("person", _("A person")), ("company", _("A company"))]


def issue_at() -> list[tuple[str, str]]:
    return [
        ("hand", _("When somebody issues it")),
        ("payment", _("When the order is paid")),
        ("dispatch", _("When the first parcel leaves")),
    ]


def batch_which() -> list[tuple[str, str]]:
    return [
        ("dispatch", _("Orders that were sent out")),
        ("payment", _("Orders that are paid")),
        ("hand", _("All orders that are confirmed")),
    ]


def languages() -> list[tuple[str, str]]:
    return [
        ("customer", _("The customer's")),
        ("en", "English"),
        ("zh-hans", "简体中文"),
        ("both", _("Both on one page")),
    ]


def batch_states() -> dict[str, tuple[str, str]]:
    return {
        "waiting": (_("Waiting"), "blue"),
        "running": (_("Running"), "blue"),
        "done": (_("Done"), "green"),
        "stopped": (_("Stopped"), "grey"),
    }


def problems() -> dict[str, str]:
    """Why an order of a batch has no invoice now."""
    return {
        "invoicing.already_invoiced": _("It had an invoice already."),
        "invoicing.not_invoiceable": _("It is cancelled, or not confirmed any more."),
        "invoicing.no_seller": _("Who sells is not filled in."),
    }


def buyer_draft(request: HttpRequest) -> invoicing.BuyerDraft:
    """Whom an invoice is for, as a form says it."""
    posted = request.POST
    return invoicing.BuyerDraft(
        kind=posted.get("kind", "person"),
        title=posted.get("title", ""),
        tax_number=posted.get("tax_number", ""),
        address=posted.get("address", ""),
        phone=posted.get("phone", ""),
        bank=posted.get("bank", ""),
        bank_account=posted.get("bank_account", ""),
        email=posted.get("email", ""),
        wants_tax_invoice="wants_tax_invoice" in posted,
    )
