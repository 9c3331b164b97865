"""What all documents share: made with a number, locked before anything else is, moved on by the table of states, cancelled.

Locks are taken in one order: the document, then stock in ascending id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from callcart.commerce.inventory.documents.drafts import LineDraft, write_lines
from callcart.commerce.inventory.documents.states import RECEIVING, is_last, may_become
from callcart.commerce.inventory.documents.tables import (
    KIND,
    Document,
    DocumentLine,
    DocumentState,
    DocumentType,
)
from callcart.commerce.inventory.moves import within_scope
from callcart.core import audit, events, ids
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.text import clean, problem


class StaleDocument(Conflict):
    """Somebody else changed this document in the meantime. Look at it again, then repeat your change."""

    code = "stock_document.stale"


class NotNow(Conflict):
    """This cannot be done in the state the document is in now."""

    code = "stock_document.state"


PERMISSIONS = {
    DocumentType.STOCK_IN: "inventory.receive",
    DocumentType.STOCK_OUT: "inventory.write_off",
    DocumentType.TRANSFER: "inventory.transfer",
    DocumentType.COUNT: "inventory.count",
}
"""What it takes to make, change and cancel a document of a type, in its warehouse."""


def create(actor: Actor, type_: DocumentType, values: dict[str, Any]) -> Document:
    """A new document of these values, with the next number."""
    document = Document.objects.create(
        number=ids.next_number(KIND), type=type_, made_by=actor.id, made_by_name=actor.name, **values
    )
    note(actor, document, "make")
    return document


def make(actor: Actor, type_: DocumentType, values: dict[str, Any], lines: Sequence[LineDraft]) -> Document:
    """A new draft with its lines."""
    document = create(actor, type_, values)
    write_lines(document, lines, warehouse_id=document.target_id or document.warehouse_id)
    return document


def rewrite(actor: Actor, document: Document, values: dict[str, Any], lines: Sequence[LineDraft]) -> Document:
    """Give a locked draft other values and lines."""
    for name, value in values.items():
        setattr(document, name, value)
    save(document)
    write_lines(document, lines, warehouse_id=document.target_id or document.warehouse_id)
    note(actor, document, "edit")
    return document


def locked_draft(actor: Actor, document_id: UUID, type_: DocumentType, *, version: int | None) -> Document:
    """The draft, locked, for somebody who may change it. Raises NotFound, StaleDocument, PermissionDenied, NotNow."""
    document = locked(document_id, type_, version=version)
    within_scope(actor, PERMISSIONS[type_], document.warehouse_id)
    if document.state != DocumentState.DRAFT:
        raise NotNow(state=document.state)
    return document


def locked(document_id: UUID, *types: DocumentType, version: int | None = None) -> Document:
    """The document, locked. Raises NotFound, and StaleDocument where it is not of this version any more."""
    row = Document.objects.select_for_update(no_key=True).filter(id=document_id).first()
    if row is None or (types and row.type not in types):
        raise NotFound
    if version is not None and row.version != version:
        raise StaleDocument(version=row.version)
    return row


def advance(document: Document, following: DocumentState, *, reason: str = "") -> None:
    """Move a locked document on and save it. Raises NotNow where the table does not lead there."""
    if document.state == following:
        save(document)
        return
    if not may_become(document.type, document.state, following):
        raise NotNow(state=document.state)
    document.state = following
    if document.started_at is None and following in (*RECEIVING, DocumentState.COUNTING):
        document.started_at = now()
    if is_last(document.type, following):
        document.ended_at, document.end_reason = now(), reason
    save(document)


def save(document: Document) -> None:
    """Keep a locked document, one version on."""
    document.version += 1
    document.save()


def note(
    actor: Actor, document: Document, verb: str, *, after: dict[str, Any] | None = None, reason: str = ""
) -> None:
    """Audit, and tell the open pages."""
    subject = (KIND, document.id)
    audit.record(
        actor, f"{KIND}.{verb}", subject=subject, after={"state": document.state, **(after or {})}, reason=reason
    )  # fmt: skip
    events.emit("stock_document.changed", subject=subject, data={"state": document.state})


def needed_reason(text: str, *, name: str = "reason") -> str:
    """A reason that has to be given. Raises Invalid."""
    cleaned = clean(text)
    if said := problem(cleaned, longest=500, required=True):
        raise Invalid(fields={name: said})
    return cleaned


def cancel(actor: Actor, document_id: UUID, *, reason: str, version: int | None = None) -> Document:
    """Give a document up before anything was moved for it. Raises NotFound, PermissionDenied, Invalid, NotNow,
    StaleDocument."""
    text = needed_reason(reason)
    document = locked(document_id, version=version)
    within_scope(actor, PERMISSIONS[DocumentType(document.type)], document.warehouse_id)
    advance(document, DocumentState.CANCELLED, reason=text)
    DocumentLine.objects.filter(document=document, open_units__gt=0).update(open_units=0)
    note(actor, document, "cancel", reason=text)
    return document


def lines_of(document: Document) -> list[DocumentLine]:
    return list(document.lines.select_related("variant").order_by("position", "id"))
