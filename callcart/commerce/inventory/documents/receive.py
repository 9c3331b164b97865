"""Taking goods in against a document: a purchase that is delivered, a transfer that arrives; by scan or by list, in part or
in full, by several people at once.

A batch carries a key, so that one sent twice is booked once; the document's lock makes batches follow one another. What is
more than was announced is not booked until somebody says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.utils.translation import gettext, ngettext

from callcart.commerce.inventory.change import MOST_UNITS
from callcart.commerce.inventory.conditions import free_units, refuse_overflow
from callcart.commerce.inventory.documents import head
from callcart.commerce.inventory.documents.states import RECEIVING
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
from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.core.errors import Invalid

MOST_ARRIVALS = 2_000


class MoreThanExpected(Invalid):
    """More came than was announced. Look whether that is right, and confirm it."""

    code = "stock_document.more_than_expected"
    status = 409


@dataclass(frozen=True, slots=True)
class Arrival:
    """Units of a SKU that came in a condition; fewer than zero takes back what was booked by mistake."""

    variant_id: UUID
    units: int
    condition: Condition = Condition.SELLABLE


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a batch, by the place of each arrival in it: booked, waiting for a yes as it is `over`, or `refused` as no
    more can be taken back than came."""

    booked: tuple[int, ...] = ()
    over: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()


def receive(
    actor: Actor,
    document_id: UUID,
    arrivals: Sequence[Arrival],
    *,
    idempotency_key: str,
    allow_over: bool = False,
    partly: bool = False,
) -> Receipt:
    """Take a batch in. With `partly`, what is over or cannot be taken back is left and told; without, all or nothing. Raises
    NotFound, PermissionDenied, Invalid, NotNow, MoreThanExpected, KeyReused."""
    if not 0 < len(arrivals) <= MOST_ARRIVALS or any(
        not 0 < abs(each.units) <= MOST_UNITS for each in arrivals
    ):
        raise Invalid(fields={"quantity": gettext("Give a whole number above zero.")})  # fmt: skip
    body = {"arrivals": [asdict(each) for each in arrivals], "over": allow_over}
    with idempotency.claim(actor, f"inventory.receive:{document_id}", idempotency_key, body) as claim:
        if claim.stored is not None:
            return Receipt(**{name: tuple(places) for name, places in claim.stored.items()})
        receipt = retrying(lambda: _receive(actor, document_id, arrivals, allow_over, partly))
        claim.store({"booked": receipt.booked, "over": receipt.over, "refused": receipt.refused})
    return receipt


def _receive(
    actor: Actor, document_id: UUID, arrivals: Sequence[Arrival], allow_over: bool, partly: bool
) -> Receipt:
    document = head.locked(document_id, DocumentType.STOCK_IN, DocumentType.TRANSFER)
    place = place_of(document)
    within_scope(actor, "inventory.receive", place)
    if document.state not in RECEIVING:
        raise head.NotNow(state=document.state)
    lines = {line.variant_id: line for line in document.lines.select_for_update().order_by("id")}
    rows = lock_rows((each.variant_id, place) for each in arrivals)
    receipt, changes = _sort(document, lines, rows, arrivals, allow_over)
    if not partly and (receipt.over or receipt.refused):
        raise _refusal(lines, arrivals, receipt)
    if changes:
        _book(actor, document, rows, changes)
        DocumentLine.objects.bulk_update(
            [lines[each] for each in changes], ["received", "damaged", "inspecting", "open_units"]
        )
        _move_on(document, list(lines.values()))
        units = sum(arrivals[number].units for number in receipt.booked)
        head.note(actor, document, "receive", after={"units": units, "skus": len(changes)})
        tell(changes)
    return receipt


def place_of(document: Document) -> UUID:
    """The warehouse that goods of a document come to."""
    return document.target_id or document.warehouse_id


def _sort(
    document: Document,
    lines: dict[UUID, DocumentLine],
    rows: dict[tuple[UUID, UUID], Stock],
    arrivals: Sequence[Arrival],
    allow_over: bool,
) -> tuple[Receipt, dict[UUID, Change]]:
    """What can be booked, with the lines brought up to it, and the change of stock by SKU."""
    booked, over, refused = list[int](), list[int](), list[int]()
    changes: dict[UUID, Change] = {}
    place = place_of(document)
    for number, each in enumerate(arrivals):
        line = lines.get(each.variant_id)
        row, change = rows[each.variant_id, place], changes.get(each.variant_id, Change())
        if each.units < 0:
            there = getattr(line, _COLUMNS[each.condition]) if line else 0
            left = free_units(row, each.condition) + _of(change, each.condition)
            if there + each.units < 0 or left + each.units < 0:
                refused.append(number)
                continue
        elif (
            not allow_over and not document.free and (line is None or line.came + each.units > line.expected)
        ):
            over.append(number)
            continue
        if line is None:
            line = _new_line(document, lines, each.variant_id)
        refuse_overflow(row, each.units + _of(change, each.condition))
        before = max(line.expected - line.came, 0)
        setattr(line, _COLUMNS[each.condition], getattr(line, _COLUMNS[each.condition]) + each.units)
        after = max(line.expected - line.came, 0)
        is_transfer = document.type == DocumentType.TRANSFER
        line.open_units = 0 if is_transfer else after
        changes[each.variant_id] = change + Change.of(
            each.condition, each.units, in_transit=after - before if is_transfer else 0
        )
        booked.append(number)
    return Receipt(tuple(booked), tuple(over), tuple(refused)), changes


_COLUMNS = {
    Condition.SELLABLE: "received",
    Condition.DAMAGED: "damaged",
    Condition.INSPECTING: "inspecting",
}


def _of(change: Change, condition: Condition) -> int:
    return {
        Condition.SELLABLE: change.on_hand,
        Condition.DAMAGED: change.damaged,
        Condition.INSPECTING: change.inspecting,
    }[condition]


def _new_line(document: Document, lines: dict[UUID, DocumentLine], variant_id: UUID) -> DocumentLine:
    lines[variant_id] = DocumentLine.objects.create(
        document=document, variant_id=variant_id, warehouse_id=place_of(document), position=len(lines)
    )
    return lines[variant_id]


def _book(
    actor: Actor, document: Document, rows: dict[tuple[UUID, UUID], Stock], changes: dict[UUID, Change]
) -> None:
    place = place_of(document)
    kind = MovementKind.ARRIVE if document.type == DocumentType.TRANSFER else MovementKind.PUT
    by_row = {rows[variant_id, place].id: change for variant_id, change in changes.items()}
    move(actor, kind, by_row, document=(KIND, document.id), reason=document.reference)
    costs = dict(
        document.lines.filter(variant_id__in=list(changes), cost_minor__isnull=False).values_list(
            "variant_id", "cost_minor"
        )
    )
    for variant_id, cost in costs.items():
        Stock.objects.filter(id=rows[variant_id, place].id).update(cost_minor=cost)


def _move_on(document: Document, lines: Sequence[DocumentLine]) -> None:
    """The state that the lines now speak for."""
    first = DocumentState.SENT if document.type == DocumentType.TRANSFER else DocumentState.OPEN
    if not any(line.came for line in lines):
        head.advance(document, first)
    elif document.free or any(line.came < line.expected for line in lines):
        head.advance(document, DocumentState.PART_RECEIVED)
    elif document.type == DocumentType.TRANSFER and all(line.came == line.expected for line in lines):
        head.advance(document, DocumentState.CLOSED)
    else:
        head.advance(document, DocumentState.RECEIVED)


def _refusal(
    lines: dict[UUID, DocumentLine], arrivals: Sequence[Arrival], receipt: Receipt
) -> MoreThanExpected | Invalid:
    problems: dict[str, str] = {}
    for number in receipt.over:
        line = lines.get(arrivals[number].variant_id)
        left = max(line.expected - line.came, 0) if line else 0
        problems[str(arrivals[number].variant_id)] = said_over(left)
    if problems:
        return MoreThanExpected(fields=problems)
    text = gettext("No more can be taken back than came and is still there.")
    return Invalid(fields={str(arrivals[number].variant_id): text for number in receipt.refused})


def said_over(left: int) -> str:
    """How many are still awaited, in words."""
    if left <= 0:
        return gettext("No more of these are expected.")
    return ngettext("Only %(left)d more is expected.", "Only %(left)d more are expected.", left) % {
        "left": left
    }
