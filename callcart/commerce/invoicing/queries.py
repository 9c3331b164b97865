"""Reads of invoices and credit notes. Who sees an invoice sees its order: `orders.view` with its scope holds here too."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from callcart.commerce.invoicing.content import Content
from callcart.commerce.invoicing.models import Document, Kind
from callcart.commerce.invoicing.paper.draw import draw
from callcart.commerce.orders.public import reach, visible
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import NotFound
from callcart.core.ids import unspoken
from callcart.core.links import link_token, row_of_token

_NAME = "invoice_links"
After = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Filters:
    """`state`: `open` or `credited` (in part or in full), of invoices. `wanted`: a tax invoice was asked for."""

    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    state: str = ""
    wanted: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A drawn document. `is_same`: its bytes are those it had when it was issued."""

    name: str
    data: bytes
    is_same: bool


def list_documents(
    actor: Actor, filters: Filters, *, after: After | None = None, limit: int = 50
) -> list[Document]:
    """The newest first. `content` is not read."""
    found = _seen(actor).defer("content").filter(_wanted(filters))
    if after is not None:
        found = found.filter(
            Q(issued_at__lt=after[0]) | Q(issued_at=after[0], id__lt=after[1]), issued_at__lte=after[0]
        )
    return list(found.order_by("-issued_at", "-id")[:limit])


def _wanted(filters: Filters) -> Q:
    found = Q()
    if filters.kind:
        found &= Q(kind=filters.kind)
    if filters.since:
        found &= Q(issued_at__gte=filters.since)
    if filters.until:
        found &= Q(issued_at__lt=filters.until)
    if filters.state == "open":
        found &= Q(kind=Kind.INVOICE, credited_minor=0, closed_at__isnull=True)
    if filters.state == "credited":
        found &= Q(kind=Kind.INVOICE) & (Q(credited_minor__gt=0) | Q(closed_at__isnull=False))
    if filters.wanted:
        found &= Q(wants_tax_invoice=True)
    if filters.text:
        order = unspoken(filters.text) or filters.text
        found &= Q(number=filters.text.strip().upper()) | Q(order_number=order)
    return found


def _seen(actor: Actor) -> QuerySet[Document]:
    """Documents of the orders an actor sees."""
    if actor.kind is not ActorKind.CUSTOMER:
        actor.require("invoicing.view")
        if actor.kind is ActorKind.SYSTEM or reach(actor, "orders.view").everything:
            return Document.objects.all()
    mine = visible(actor, "orders.view").filter(id=OuterRef("order_id"))
    return Document.objects.filter(Exists(mine))


def get_document(actor: Actor, document_id: UUID) -> Document:
    """One of them. Raises NotFound."""
    found = _seen(actor).select_related("refers_to").filter(id=document_id).first()
    if found is None:
        raise NotFound
    return found


def documents_of_order(actor: Actor, order_id: UUID) -> list[Document]:
    """An order's invoices and credit notes, the oldest first."""
    return list(_seen(actor).defer("content").filter(order_id=order_id).order_by("issued_at", "position"))


def credit_notes_of(invoice: Document) -> Sequence[Document]:
    """The credit notes of an invoice, the oldest first."""
    return list(Document.objects.filter(refers_to=invoice).defer("content").order_by("issued_at", "position"))


def pdf_of(document: Document) -> Pdf:
    """Its PDF, drawn from what was stored when it was issued."""
    data = draw(Content.from_json(document.content))
    return Pdf(f"{document.number}.pdf", data, hashlib.sha256(data).hexdigest() == document.sha256)


def document_token(document_id: UUID) -> str:
    """What stands for a document in an address given to its customer, who may have no account; it cannot be guessed."""
    return link_token(_NAME, document_id)


def document_of_token(token: str) -> Document:
    """The document of such an address; NotFound for one we did not make, or made for another tenant."""
    found = Document.objects.filter(id=row_of_token(_NAME, token)).first()
    if found is None:
        raise NotFound
    return found
