"""Transfers: draft → sent → received in part or whole → closed, once every difference is explained.

Sending takes units off the shelf of one warehouse and puts them in transit to the other; arriving takes them out of transit.
What was sent is thus always somewhere: on a shelf, in transit, or lost for a reason somebody gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.inventory.conditions import free_units
from callcart.commerce.inventory.documents import head
from callcart.commerce.inventory.documents.drafts import (
    LineDraft,
    TransferDraft,
    check_head,
    check_lines,
    check_place,
)
from callcart.commerce.inventory.documents.tables import (
    KIND,
    Document,
    DocumentLine,
    DocumentState,
    DocumentType,
)
from callcart.commerce.inventory.locks import retrying
from callcart.commerce.inventory.models import Condition, MovementKind, Stock
from callcart.commerce.inventory.moves import Change, lock_rows, move, tell, within_scope
from callcart.commerce.inventory.promised import below_allocated
from callcart.commerce.inventory.worth import require_worth, worth_of
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields


class Outcome(StrEnum):
    """What became of units that came short or over."""

    LOST = "lost"  # short: gone on the way
    LEFT_BEHIND = "left_behind"  # short: never sent, still lying where they came from
    SENT_MORE = "sent_more"  # over: the other warehouse sent more than it wrote down
    FOUND = "found"  # over: nobody misses them


SHORT = (Outcome.LOST, Outcome.LEFT_BEHIND)
OVER = (Outcome.SENT_MORE, Outcome.FOUND)


def make_transfer(actor: Actor, draft: TransferDraft) -> Document:
    """Plan a transfer, as a draft. Raises PermissionDenied, Invalid."""
    values, lines = _checked(actor, draft)
    return head.make(actor, DocumentType.TRANSFER, values, lines)


def edit_transfer(actor: Actor, document_id: UUID, draft: TransferDraft, *, version: int) -> Document:
    """Change a draft. Raises NotFound, PermissionDenied, Invalid, StaleDocument, NotNow."""
    document = head.locked_draft(actor, document_id, DocumentType.TRANSFER, version=version)
    values, lines = _checked(actor, draft)
    return head.rewrite(actor, document, values, lines)


def _checked(actor: Actor, draft: TransferDraft) -> tuple[dict[str, Any], list[LineDraft]]:
    within_scope(actor, "inventory.transfer", draft.warehouse_id)
    fields = Fields()
    check_place(fields, "warehouse", draft.warehouse_id)
    check_place(fields, "target", draft.target_id)
    if draft.warehouse_id == draft.target_id:
        fields.refuse("target", gettext("Choose another warehouse than the one the goods leave."))
    texts = check_head(fields, reference=draft.reference, note=draft.note)
    lines = check_lines(fields, draft.lines)
    fields.done()
    return {
        **texts,
        "warehouse_id": draft.warehouse_id,
        "target_id": draft.target_id,
        "due_on": draft.due_on,
    }, lines


def send(actor: Actor, document_id: UUID, *, version: int | None = None) -> Document:
    """Let the goods go. Promised units stay. Raises NotFound, PermissionDenied, NotNow, StaleDocument, and Invalid naming
    each line of which there is not enough."""
    return retrying(lambda: _send(actor, document_id, version))


def _send(actor: Actor, document_id: UUID, version: int | None) -> Document:
    document = head.locked_draft(actor, document_id, DocumentType.TRANSFER, version=version)
    lines, source, target = head.lines_of(document), document.warehouse_id, document.target_id
    if target is None or not lines:
        raise Invalid(fields={"lines": gettext("Give at least one product.")})
    rows = lock_rows((line.variant_id, place) for line in lines for place in (source, target))
    refuse_what_is_not_free(lines, {line.variant_id: rows[line.variant_id, source] for line in lines})
    mark, reason = (KIND, document.id), document.note[:500]
    leave = {rows[line.variant_id, source].id: Change(-line.expected) for line in lines}
    go = {rows[line.variant_id, target].id: Change(in_transit=line.expected) for line in lines}
    move(actor, MovementKind.SEND, leave, document=mark, reason=reason)
    move(actor, MovementKind.TRANSIT, go, document=mark, reason=reason)
    for line in lines:  # what it cost goes along
        cost = rows[line.variant_id, source].cost_minor
        if cost is not None and rows[line.variant_id, target].cost_minor is None:
            Stock.objects.filter(id=rows[line.variant_id, target].id).update(cost_minor=cost)
    head.advance(document, DocumentState.SENT)
    head.note(actor, document, "send")
    tell(line.variant_id for line in lines)
    return document


def refuse_what_is_not_free(lines: Sequence[DocumentLine], rows: dict[UUID, Stock]) -> None:
    """Raises Invalid with each line (by its id) that wants more than may leave its shelf."""
    problems = {}
    for line in lines:
        free = free_units(rows[line.variant_id], Condition(line.condition))
        if free < line.expected:
            text = gettext("%(sku)s: only %(free)d can leave, the rest is promised or not there.")
            problems[str(line.id)] = text % {"sku": line.variant.sku, "free": free}
    if problems:
        raise Invalid(fields=problems)


def finish_receiving(actor: Actor, document_id: UUID, *, version: int | None = None) -> Document:
    """Say that no more of a transfer will come: closed, where it came as sent, else received, with differences to explain.
    Raises NotFound, PermissionDenied, NotNow, StaleDocument."""
    document = head.locked(document_id, DocumentType.TRANSFER, version=version)
    within_scope(actor, "inventory.receive", document.target_id or document.warehouse_id)
    if document.state not in (DocumentState.SENT, DocumentState.PART_RECEIVED):
        raise head.NotNow(state=document.state)
    differs = any(line.came != line.expected for line in document.lines.all())
    head.advance(document, DocumentState.RECEIVED if differs else DocumentState.CLOSED)
    head.note(actor, document, "finish")
    return document


def unexplained(line: DocumentLine) -> int:
    """Units of a received transfer's line that are still to be explained: above zero short, below zero over."""
    missing = line.expected - line.came
    return missing - line.explained if missing > 0 else missing + line.explained


def explain(
    actor: Actor, document_id: UUID, line_id: UUID, *, outcome: Outcome, units: int, reason: str
) -> Document:
    """Say what became of units that came short or over. What is lost counts against the limit of writing off. The last
    explanation closes the transfer. Raises NotFound, PermissionDenied, NeedsApproval, Invalid, NotNow, BelowAllocated."""
    text = head.needed_reason(reason)
    return retrying(lambda: _explain(actor, document_id, line_id, outcome, units, text))


def _explain(
    actor: Actor, document_id: UUID, line_id: UUID, outcome: Outcome, units: int, reason: str
) -> Document:
    document = head.locked(document_id, DocumentType.TRANSFER)
    within_scope(actor, "inventory.transfer", document.target_id or document.warehouse_id)
    if document.state != DocumentState.RECEIVED:
        raise head.NotNow(state=document.state)
    line = document.lines.select_for_update().filter(id=line_id).first()
    if line is None:
        raise NotFound
    left = unexplained(line)
    if outcome not in (SHORT if left > 0 else OVER) or not 0 < units <= abs(left):
        text = gettext("At most %(most)d units of this line are to be explained, each in a way that fits.")
        raise Invalid(fields={"units": text % {"most": abs(left)}})
    _settle(actor, document, line, outcome, units, reason)
    line.explained, line.reason = line.explained + units, reason
    line.save(update_fields=["explained", "reason"])
    if all(not unexplained(each) for each in document.lines.all()):
        head.advance(document, DocumentState.CLOSED)
    else:
        head.save(document)
    after = {"sku": str(line.variant_id), "outcome": str(outcome), "units": units}
    head.note(actor, document, "explain", after=after, reason=reason)
    tell([line.variant_id])
    return document


def _settle(
    actor: Actor, document: Document, line: DocumentLine, outcome: Outcome, units: int, reason: str
) -> None:
    """Book what an explanation means for the counts."""
    source, target = document.warehouse_id, document.target_id or document.warehouse_id
    rows = lock_rows([(line.variant_id, source), (line.variant_id, target)])
    here, there = rows[line.variant_id, target], rows[line.variant_id, source]
    mark = (KIND, document.id)
    if outcome is Outcome.LOST:
        require_worth(actor, "inventory.write_off", worth_of([(here, units)]))
    if outcome in SHORT:
        move(actor, MovementKind.MISSING, {here.id: Change(in_transit=-units)}, document=mark, reason=reason)
    if outcome is Outcome.LEFT_BEHIND:
        move(actor, MovementKind.ADJUST, {there.id: Change(units)}, document=mark, reason=reason)
    if outcome is Outcome.SENT_MORE:
        if free_units(there, Condition.SELLABLE) < units:
            raise below_allocated(there)
        move(actor, MovementKind.ADJUST, {there.id: Change(-units)}, document=mark, reason=reason)
