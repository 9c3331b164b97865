"""Counting: what should lie there is written down, people count while sales go on, and the differences are posted.

A difference is what was counted less what the books said at the moment of counting; posting adds it to what the books say by
then. So whatever is sold, sent or received between counting and posting is never counted twice. Only what can be sold is
counted; what is damaged or with quality control lies apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from callcart.commerce.inventory.change import MOST_UNITS
from callcart.commerce.inventory.documents import head
from callcart.commerce.inventory.documents.drafts import CountDraft, check_head, check_place
from callcart.commerce.inventory.documents.tables import (
    Document,
    DocumentLine,
    DocumentState,
    DocumentType,
)
from callcart.commerce.inventory.locks import retrying
from callcart.commerce.inventory.models import Stock
from callcart.commerce.inventory.moves import lock_rows, within_scope
from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.fields import Fields

MOST_COUNTED = 20_000


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of a SKU somebody counted: `add` to what was counted before, or in place of it."""

    variant_id: UUID
    units: int
    add: bool = True


def make_count(actor: Actor, draft: CountDraft) -> Document:
    """Begin a count: what should lie there is written down now. Raises PermissionDenied, Invalid."""
    within_scope(actor, "inventory.count", draft.warehouse_id)
    fields = Fields()
    check_place(fields, "warehouse", draft.warehouse_id)
    texts = check_head(fields, note=draft.note)
    shelf = fields.line("shelf", draft.shelf, most=50)
    fields.done()
    rows = _selected(draft, shelf)
    if len(rows) > MOST_COUNTED:
        text = gettext("These are more than %(most)d products; count shelf by shelf.")
        raise Invalid(fields={"shelf": text % {"most": MOST_COUNTED}})
    if not rows:
        raise Invalid(fields={"shelf": gettext("Nothing lies there by the books; choose something else.")})
    document = head.create(
        actor,
        DocumentType.COUNT,
        {
            "warehouse_id": draft.warehouse_id,
            "state": DocumentState.COUNTING,
            "blind": draft.blind,
            "note": texts["note"],
            "scope": "selection" if draft.variant_ids else shelf,
        },
    )
    DocumentLine.objects.bulk_create(
        [
            DocumentLine(
                document=document, variant_id=row.variant_id, warehouse_id=draft.warehouse_id, position=position,
                expected=row.on_hand,
            )
            for position, row in enumerate(rows)
        ],
        batch_size=2000,
    )  # fmt: skip
    return document


def _selected(draft: CountDraft, shelf: str) -> list[Stock]:
    rows: QuerySet[Stock] = Stock.objects.filter(warehouse_id=draft.warehouse_id)
    if draft.variant_ids:
        wanted = list(dict.fromkeys(draft.variant_ids))
        lock_rows((variant_id, draft.warehouse_id) for variant_id in wanted)  # those that never lay here too
        rows = rows.filter(variant_id__in=wanted)
    elif shelf:
        rows = rows.filter(bin__startswith=shelf)
    return list(rows.order_by("route", "bin", "variant__sku")[: MOST_COUNTED + 1])


def count(
    actor: Actor, document_id: UUID, entries: Sequence[Counted], *, idempotency_key: str
) -> tuple[int, ...]:
    """Write down what was counted; a SKU that was not on the list is added to it. Gives the places of entries that would take
    back more than was counted; those are left. Raises NotFound, PermissionDenied, Invalid, NotNow, KeyReused."""
    if not 0 < len(entries) <= MOST_COUNTED or any(abs(each.units) > MOST_UNITS for each in entries):
        raise Invalid(fields={"quantity": gettext("Give a whole number.")})
    body = {"counted": [asdict(each) for each in entries]}
    with idempotency.claim(actor, f"inventory.count:{document_id}", idempotency_key, body) as claim:
        if claim.stored is not None:
            return tuple(claim.stored.get("refused", ()))
        refused = retrying(lambda: _count(actor, document_id, entries))
        claim.store({"refused": refused})
    return refused


def _count(actor: Actor, document_id: UUID, entries: Sequence[Counted]) -> tuple[int, ...]:
    document = _counting(actor, document_id)
    lines = {
        line.variant_id: line
        for line in document.lines.select_for_update()
        .filter(variant_id__in={each.variant_id for each in entries})
        .order_by("id")
    }
    rows = lock_rows((each.variant_id, document.warehouse_id) for each in entries)
    refused, last = list[int](), document.lines.count()
    changed: dict[UUID, DocumentLine] = {}
    for number, each in enumerate(entries):
        row = rows[each.variant_id, document.warehouse_id]
        line = lines.get(each.variant_id)
        units = each.units + ((line.counted or 0) if each.add and line else 0)
        if not 0 <= units <= MOST_UNITS:
            refused.append(number)
            continue
        if line is None:
            line = lines[each.variant_id] = DocumentLine.objects.create(
                document=document, variant_id=each.variant_id, warehouse_id=document.warehouse_id,
                position=last, expected=row.on_hand,
            )  # fmt: skip
            last += 1
        line.counted, line.book = units, row.on_hand
        changed[line.id] = line
    DocumentLine.objects.bulk_update(changed.values(), ["counted", "book"])
    head.save(document)
    head.note(actor, document, "count", after={"skus": len(changed)})
    return tuple(refused)


def recount(actor: Actor, document_id: UUID, line_ids: Collection[UUID]) -> Document:
    """Have lines counted once more; what was counted is kept beside. Raises NotFound, PermissionDenied, NotNow."""
    document = _counting(actor, document_id)
    lines = list(document.lines.select_for_update().filter(id__in=line_ids, counted__isnull=False))
    for line in lines:
        line.earlier, line.counted, line.book = line.counted, None, None
    DocumentLine.objects.bulk_update(lines, ["earlier", "counted", "book"])
    head.save(document)
    head.note(actor, document, "recount", after={"skus": len(lines)})
    return document


def set_reasons(actor: Actor, document_id: UUID, reasons: Mapping[UUID, str]) -> Document:
    """Say why lines differ. Raises NotFound, PermissionDenied, Invalid, NotNow."""
    document = _counting(actor, document_id)
    fields, lines = Fields(), list(document.lines.select_for_update().filter(id__in=list(reasons)))
    for line in lines:
        line.reason = fields.line(f"reason-{line.id}", reasons[line.id], most=300)
    fields.done()
    DocumentLine.objects.bulk_update(lines, ["reason"])
    return document


def _counting(actor: Actor, document_id: UUID) -> Document:
    document = head.locked(document_id, DocumentType.COUNT)
    within_scope(actor, "inventory.count", document.warehouse_id)
    if document.state != DocumentState.COUNTING:
        raise head.NotNow(state=document.state)
    return document
