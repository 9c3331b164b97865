"""Posting a count: the differences become movements, in one transaction, or it says what stands in the way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.inventory.documents import head
from callcart.commerce.inventory.documents.tables import (
    KIND,
    Document,
    DocumentLine,
    DocumentState,
    DocumentType,
)
from callcart.commerce.inventory.locks import retrying
from callcart.commerce.inventory.models import MovementKind, Stock
from callcart.commerce.inventory.moves import Change, lock_rows, move, tell, within_scope
from callcart.commerce.inventory.promised import orders_holding
from callcart.commerce.inventory.worth import require_worth, unit_costs, worth_of
from callcart.core.actor import Actor
from callcart.core.errors import Conflict


class NotAllCounted(Conflict):
    """%(count)d products are not counted yet. Count them, or say what is to become of them."""

    code = "stock_document.not_all_counted"


@dataclass(frozen=True, slots=True)
class Promised:
    """A line of which more is promised than there would be, and the orders that wait for it."""

    line_id: UUID
    sku: str
    would_be: int
    allocated: int
    orders: tuple[UUID, ...]


class PromisedUnits(Conflict):
    """Of some products more is promised to orders than was counted. Change those orders, or leave the lines out."""

    code = "stock_document.promised_units"

    def __init__(self, lines: Sequence[Promised]) -> None:
        super().__init__()
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class CountSummary:
    """What a count comes to so far: lines, those counted, those that differ, and what more and fewer units are worth."""

    lines: int
    counted: int
    differing: int
    gain_minor: int
    loss_minor: int


def summary(document: Document) -> CountSummary:
    """What a count comes to so far."""
    lines = list(document.lines.filter(counted__isnull=False))
    costs = line_costs(document, lines)
    worth = [(line.difference or 0) * costs[line.variant_id] for line in lines]
    return CountSummary(
        lines=document.lines.count(),
        counted=len(lines),
        differing=sum(bool(line.difference) for line in lines),
        gain_minor=sum(each for each in worth if each > 0),
        loss_minor=-sum(each for each in worth if each < 0),
    )


def line_costs(document: Document, lines: Sequence[DocumentLine]) -> dict[UUID, int]:
    """What a unit of each line is worth, by SKU."""
    found = Stock.objects.filter(
        warehouse_id=document.warehouse_id, variant_id__in=[line.variant_id for line in lines]
    )
    rows = list(found)
    costs = unit_costs(rows)
    return {row.variant_id: costs[row.id] for row in rows}


def post_count(
    actor: Actor,
    document_id: UUID,
    *,
    reason: str,
    uncounted: str = "",
    leave_out: Collection[UUID] = (),
    version: int | None = None,
) -> Document:
    """Post the differences. `uncounted` says what becomes of lines nobody counted: `leave` them as they are, or `zero`: nothing
    lies there; `leave_out` are lines to pass over. What is lost counts against the actor's limit. Raises NotFound,
    PermissionDenied, NeedsApproval, Invalid, NotNow, StaleDocument, NotAllCounted, PromisedUnits."""
    text = head.needed_reason(reason)
    left = frozenset(leave_out)
    return retrying(lambda: _post(actor, document_id, text, uncounted, left, version))


def _post(
    actor: Actor, document_id: UUID, reason: str, uncounted: str, left: frozenset[UUID], version: int | None
) -> Document:
    document = head.locked(document_id, DocumentType.COUNT, version=version)
    within_scope(actor, "inventory.count", document.warehouse_id)
    if document.state != DocumentState.COUNTING:
        raise head.NotNow(state=document.state)
    lines = [line for line in head.lines_of(document) if line.id not in left]
    missing = [line for line in lines if line.counted is None]
    if missing and uncounted not in ("leave", "zero"):
        raise NotAllCounted(count=len(missing))
    place = document.warehouse_id
    touched = [line for line in lines if line.difference or (line.counted is None and uncounted == "zero")]
    found = lock_rows((line.variant_id, place) for line in touched) if touched else {}
    rows = {variant_id: row for (variant_id, _), row in found.items()}
    if uncounted == "zero":
        for line in missing:
            line.counted, line.book = 0, rows[line.variant_id].on_hand
        DocumentLine.objects.bulk_update(missing, ["counted", "book"])
    differing = [line for line in touched if line.difference]
    _refuse_promised(differing, rows)
    lost = [
        (rows[line.variant_id], -(line.difference or 0)) for line in differing if (line.difference or 0) < 0
    ]
    require_worth(actor, "inventory.count", worth_of(lost))
    changes = {
        rows[line.variant_id].id: Change(line.difference or 0, reason=line.reason or reason)
        for line in differing
    }
    move(actor, MovementKind.COUNT, changes, document=(KIND, document.id), reason=reason)
    head.advance(document, DocumentState.POSTED, reason=reason)
    head.note(actor, document, "post", after={"skus": len(changes)}, reason=reason)
    tell(line.variant_id for line in differing)
    return document


def _refuse_promised(lines: Sequence[DocumentLine], rows: dict[UUID, Stock]) -> None:
    """Raises PromisedUnits for lines whose shelf would hold fewer than are promised (or than none)."""
    found = []
    for line in lines:
        row = rows[line.variant_id]
        would_be = row.on_hand + (line.difference or 0)
        if would_be < (0 if row.backorderable else row.allocated):
            found.append(Promised(line.id, line.variant.sku, would_be, row.allocated, orders_holding(row.id)))
    if found:
        raise PromisedUnits(found)
