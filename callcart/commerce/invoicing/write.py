"""Writing a document down: its number, its day, its digest. The one place where a row of `Document` is made."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from zoneinfo import ZoneInfo

from callcart.commerce.invoicing.content import Content
from callcart.commerce.invoicing.models import Document, Kind, Seller
from callcart.commerce.invoicing.numbers import take_number
from callcart.commerce.invoicing.paper.draw import draw
from callcart.commerce.orders.public import Order
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.people.tenants.public import get_tenant


def write(
    actor: Actor,
    order: Order,
    seller: Seller,
    content: Content,
    *,
    refers_to: Document | None = None,
    source: str = "",
) -> Document:
    """Number it, draw it once for its digest, and store it, in the transaction in hand. The caller holds the locks of the order or
    of the invoice."""
    kind, timezone = Kind(content.kind), get_tenant().timezone
    taken = take_number(seller, kind, timezone)
    day = taken.at.astimezone(ZoneInfo(timezone)).date().isoformat()
    whole = replace(content, number=taken.number, issued_on=day)
    document = Document.objects.create(
        kind=kind,
        series_id=taken.series_id,
        position=taken.position,
        number=taken.number,
        order_id=order.id,
        order_number=order.number,
        customer_id=order.customer_id,
        refers_to=refers_to,
        buyer_title=whole.buyer.title,
        buyer_tax_number=whole.buyer.tax_number,
        wants_tax_invoice=whole.buyer.wants_tax_invoice,
        currency=whole.currency,
        net_minor=whole.net,
        tax_minor=whole.tax,
        total_minor=whole.total,
        reason=whole.reason,
        source=source,
        content=whole.to_json(),
        sha256=hashlib.sha256(draw(whole)).hexdigest(),
        issued_at=taken.at,
        issued_by=actor.id,
        issued_by_name=actor.name if actor.id else "",
    )
    _tell(actor, document)
    return document


def _tell(actor: Actor, document: Document) -> None:
    audit.record(
        actor,
        "invoicing.issue" if document.kind == Kind.INVOICE else "invoicing.credit",
        subject=("invoice", document.id),
        after={
            "number": document.number,
            "order": document.order_number,
            "total_minor": document.total_minor,
        },
        reason=document.reason,
    )
    events.emit(
        "invoicing.issued",
        subject=("order", document.order_id),
        data={"document_id": document.id, "order_id": document.order_id, "kind": document.kind},
    )
