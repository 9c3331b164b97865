"""Stock-in documents: draft → open → part received → received, or closed short, or cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F

from callcart.commerce.inventory.documents import head
from callcart.commerce.inventory.documents.drafts import (
    LineDraft,
    StockInDraft,
    check_head,
    check_lines,
    check_place,
)
from callcart.commerce.inventory.documents.tables import (
    IN_KINDS,
    Document,
    DocumentState,
    DocumentType,
)
from callcart.commerce.inventory.moves import within_scope
from callcart.core.actor import Actor
from callcart.core.fields import Fields


def make_stock_in(actor: Actor, draft: StockInDraft) -> Document:
    """Announce goods, as a draft. Raises PermissionDenied, Invalid."""
    values, lines = _checked(actor, draft)
    return head.make(actor, DocumentType.STOCK_IN, values, lines)


def edit_stock_in(actor: Actor, document_id: UUID, draft: StockInDraft, *, version: int) -> Document:
    """Change a draft. Raises NotFound, PermissionDenied, Invalid, StaleDocument, NotNow."""
    document = head.locked_draft(actor, document_id, DocumentType.STOCK_IN, version=version)
    values, lines = _checked(actor, draft)
    return head.rewrite(actor, document, values, lines)


def _checked(actor: Actor, draft: StockInDraft) -> tuple[dict[str, Any], list[LineDraft]]:
    within_scope(actor, "inventory.receive", draft.warehouse_id)
    fields = Fields()
    fields.choice("kind", draft.kind, IN_KINDS)
    check_place(fields, "warehouse", draft.warehouse_id)
    texts = check_head(fields, partner=draft.partner, reference=draft.reference, note=draft.note)
    lines = check_lines(fields, draft.lines, required=False)
    fields.done()
    return {
        **texts,
        "kind": draft.kind,
        "warehouse_id": draft.warehouse_id,
        "due_on": draft.due_on,
        "free": not lines,
    }, lines


def open_stock_in(actor: Actor, document_id: UUID, *, version: int | None = None) -> Document:
    """Say that the goods are on order: from now on they count as incoming. Raises NotFound, PermissionDenied, NotNow,
    StaleDocument."""
    document = head.locked_draft(actor, document_id, DocumentType.STOCK_IN, version=version)
    head.advance(document, DocumentState.OPEN)
    document.lines.update(open_units=F("expected"))
    head.note(actor, document, "open")
    return document


def close_stock_in(
    actor: Actor, document_id: UUID, *, reason: str = "", version: int | None = None
) -> Document:
    """Await nothing more: received, where everything came or nothing was announced, else closed short for a reason. Raises
    NotFound, PermissionDenied, Invalid, NotNow, StaleDocument."""
    document = head.locked(document_id, DocumentType.STOCK_IN, version=version)
    within_scope(actor, "inventory.receive", document.warehouse_id)
    short = not document.free and document.lines.filter(open_units__gt=0).exists()
    text = head.needed_reason(reason) if short else ""
    if document.state != DocumentState.PART_RECEIVED:
        raise head.NotNow(state=document.state)
    head.advance(document, DocumentState.CLOSED_SHORT if short else DocumentState.RECEIVED, reason=text)
    document.lines.update(open_units=0)
    head.note(actor, document, "close", reason=text)
    return document
