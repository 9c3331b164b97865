"""A wrong invoice is not changed: it is credited, and a new one issued, in one transaction."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.invoicing.buyers import BuyerDraft, change_buyer
from callcart.commerce.invoicing.credit import credit_rest, locked
from callcart.commerce.invoicing.issue import issue_for
from callcart.commerce.invoicing.models import Document
from callcart.commerce.invoicing.numbers import hold_series
from callcart.commerce.invoicing.seller import seller
from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.core.fields import Fields
from callcart.people.approvals import public as approvals
from callcart.people.tenants.public import get_tenant


def correct_invoice(
    actor: Actor, invoice_id: UUID, *, reason: str, idempotency_key: str, buyer: BuyerDraft | None = None
) -> Document:
    """Credit what is left of an invoice and issue the order's new one, for another buyer where one is given; the new one. Raises
    NotFound, Invalid, NothingLeft, NotInvoiceable, NeedsApproval."""
    actor.require("invoicing.credit")
    actor.require("invoicing.issue")
    form = Fields()
    reason = form.line("reason", reason, most=300, required=True)
    form.done()
    body = {"invoice": str(invoice_id), "reason": reason, "buyer": str(buyer)}
    with idempotency.claim(actor, "invoicing.correct", idempotency_key, body) as once:
        if once.stored is not None:
            return Document.objects.get(id=once.stored["document_id"])
        order, invoice = locked(actor, invoice_id)
        approvals.require(actor, "invoicing.credit", amount=invoice.left)
        if buyer is not None:
            change_buyer(actor, order, buyer)
        hold_series(seller(), get_tenant().timezone)
        credit_rest(actor, order, invoice, reason=reason)
        document = issue_for(actor, order)
        once.store({"document_id": str(document.id)})
    return document
