"""Having a document sent to its customer. What is sent, and by which way, is decided above."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.invoicing.models import Document
from callcart.commerce.invoicing.queries import get_document
from callcart.core import audit, events
from callcart.core.actor import Actor


def send_document(actor: Actor, document_id: UUID) -> Document:
    """Ask for it to be sent; asked for twice, it is sent twice. Raises NotFound."""
    actor.require("invoicing.send")
    document = get_document(actor, document_id)
    audit.record(actor, "invoicing.send", subject=("invoice", document.id), after={"number": document.number})
    events.emit(
        "invoicing.send_wanted",
        subject=("order", document.order_id),
        data={"document_id": document.id, "order_id": document.order_id},
    )
    return document
