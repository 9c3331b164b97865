"""Stock-out documents for what leaves other than by an order: written off, given as a sample, used by the shop itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from callcart.commerce.inventory.documents import head
from callcart.commerce.inventory.documents.drafts import (
    LineDraft,
    StockOutDraft,
    check_head,
    check_lines,
    check_place,
)
from callcart.commerce.inventory.documents.tables import (
    KIND,
    OUT_KINDS,
    Document,
    DocumentKind,
    DocumentLine,
    DocumentState,
    DocumentType,
)
from callcart.commerce.inventory.documents.transfer import refuse_what_is_not_free
from callcart.commerce.inventory.locks import retrying
from callcart.commerce.inventory.models import Condition, MovementKind, Stock
from callcart.commerce.inventory.moves import Change, lock_rows, move, tell, within_scope
from callcart.commerce.inventory.worth import require_worth, worth_of
from callcart.core.actor import Actor
from callcart.core.fields import Fields


def make_stock_out(actor: Actor, draft: StockOutDraft) -> Document:
    """Write down what is to leave, as a draft. Raises PermissionDenied, Invalid."""
    values, lines = _checked(actor, draft)
    return head.make(actor, DocumentType.STOCK_OUT, values, lines)


def edit_stock_out(actor: Actor, document_id: UUID, draft: StockOutDraft, *, version: int) -> Document:
    """Change a draft. Raises NotFound, PermissionDenied, Invalid, StaleDocument, NotNow."""
    document = head.locked_draft(actor, document_id, DocumentType.STOCK_OUT, version=version)
    values, lines = _checked(actor, draft)
    return head.rewrite(actor, document, values, lines)


def _checked(actor: Actor, draft: StockOutDraft) -> tuple[dict[str, Any], list[LineDraft]]:
    within_scope(actor, "inventory.write_off", draft.warehouse_id)
    fields = Fields()
    fields.choice("kind", draft.kind, OUT_KINDS)
    check_place(fields, "warehouse", draft.warehouse_id)
    texts = check_head(fields, reference=draft.reference, note=draft.note, why=True)
    lines = check_lines(fields, draft.lines)
    fields.done()
    return {**texts, "kind": draft.kind, "warehouse_id": draft.warehouse_id}, lines


def post_stock_out(actor: Actor, document_id: UUID, *, version: int | None = None) -> Document:
    """Take the goods out of the books. What they are worth counts against the actor's limit. Raises NotFound,
    PermissionDenied, NeedsApproval, NotNow, StaleDocument, and Invalid naming each line of which there is not enough."""
    return retrying(lambda: _post(actor, document_id, version))


def _post(actor: Actor, document_id: UUID, version: int | None) -> Document:
    document = head.locked_draft(actor, document_id, DocumentType.STOCK_OUT, version=version)
    lines = head.lines_of(document)
    rows = _rows(document, lines)
    refuse_what_is_not_free(lines, rows)
    worth = worth_of([(rows[line.variant_id], line.expected) for line in lines])
    require_worth(actor, "inventory.write_off", worth)
    kind = MovementKind.WRITE_OFF if document.kind == DocumentKind.WRITE_OFF else MovementKind.TAKE_OUT
    changes: dict[UUID, Change] = {}
    for line in lines:
        row_id = rows[line.variant_id].id
        change = Change.of(Condition(line.condition), -line.expected)
        changes[row_id] = changes.get(row_id, Change()) + change
    move(actor, kind, changes, document=(KIND, document.id), reason=document.note[:500])
    head.advance(document, DocumentState.POSTED)
    head.note(actor, document, "post", after={"worth": worth}, reason=document.note)
    tell(rows)
    return document


def worth_of_document(document: Document) -> int:
    """What the units of a stock-out are worth now, in minor units."""
    lines = head.lines_of(document)
    found = Stock.objects.filter(
        warehouse_id=document.warehouse_id, variant_id__in=[line.variant_id for line in lines]
    )
    rows = {row.variant_id: row for row in found}
    return worth_of([(rows[line.variant_id], line.expected) for line in lines if line.variant_id in rows])


def _rows(document: Document, lines: list[DocumentLine]) -> dict[UUID, Stock]:
    found = lock_rows((line.variant_id, document.warehouse_id) for line in lines)
    return {variant_id: row for (variant_id, _), row in found.items()}
