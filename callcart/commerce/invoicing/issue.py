"""Issuing the invoice of an order. An order has at most one that is not credited in full; the database holds to that too."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from callcart.commerce.invoicing.buyers import buyer_of, reachable
from callcart.commerce.invoicing.content import buyer_data, content_of
from callcart.commerce.invoicing.credit import credit_refunds
from callcart.commerce.invoicing.errors import AlreadyInvoiced, NoSeller, NotInvoiceable
from callcart.commerce.invoicing.models import Document, Kind
from callcart.commerce.invoicing.seller import is_ready, seller
from callcart.commerce.invoicing.write import write
from callcart.commerce.orders.public import Order, OrderState, axes_of
from callcart.commerce.payments.public import sums_of
from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.people.tenants.public import get_tenant


def issue_invoice(actor: Actor, order_id: UUID, *, idempotency_key: str) -> Document:
    """Issue the invoice of an order as it stands now. The same key gives the same invoice. Raises NotFound, NoSeller,
    NotInvoiceable, AlreadyInvoiced."""
    actor.require("invoicing.issue")
    with idempotency.claim(actor, "invoicing.issue", idempotency_key, {"order": str(order_id)}) as once:
        if once.stored is not None:
            return Document.objects.get(id=once.stored["document_id"])
        document = issue_for(actor, reachable(actor, order_id, permission="invoicing.issue", lock=True))
        once.store({"document_id": str(document.id)})
    return document


def issue_for(actor: Actor, order: Order) -> Document:
    """The same for an order whose lock is held."""
    found = seller()
    if not is_ready(found):
        raise NoSeller
    before = open_invoice(order.id)
    if before is not None:
        raise AlreadyInvoiced(number=before.number)
    if not may_be_invoiced(order):
        raise NotInvoiceable
    ordered_on = order.placed_at.astimezone(ZoneInfo(get_tenant().timezone)).date().isoformat()
    content = content_of(order, found, buyer_data(order, buyer_of(order.id)), ordered_on=ordered_on)
    document = write(actor, order, found, content)
    if found.credit_refunds:
        credit_refunds(actor, document)  # what was given back before belongs to it too
    return document


def open_invoice(order_id: UUID) -> Document | None:
    """The invoice of an order that is not credited in full."""
    return Document.objects.filter(order_id=order_id, kind=Kind.INVOICE, closed_at__isnull=True).first()


def may_be_invoiced(order: Order) -> bool:
    """Confirmed or done; or placed, and its money is in."""
    if order.state in {OrderState.CONFIRMED, OrderState.CLOSED}:
        return True
    return order.state == OrderState.PLACED and is_paid(order)


def is_paid(order: Order) -> bool:
    """Whether all of it has been paid; with cash on delivery, once the carrier was paid."""
    sums = sums_of([order.id]).get(order.id)
    paid = sums is not None and (sums.collected or sums.captured - sums.refunded >= order.total_minor)
    return paid and order.total_minor > 0


def is_relieved(order: Order) -> bool:
    """Whether something of it is not asked for, because it was never delivered."""
    sums = sums_of([order.id]).get(order.id)
    return sums is not None and sums.relieved > 0


def is_sent(order: Order) -> bool:
    """Whether something of it has left."""
    from_stock = axes_of([order])[order.id].fulfilment
    return from_stock not in {"unreserved", "reserved", "released"}
