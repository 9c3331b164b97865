"""One scan after another into a document: what was read is looked up, booked or counted, and each answer says what became of it.

The page sends what its scanner read since the last answer as one batch with a key. A code that nobody knows, or units nobody
expects, are told at once and hold up nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from callcart.commerce.catalog.public import Variant, bundles_among
from callcart.commerce.inventory.documents.codes import Code, look_up, read_code
from callcart.commerce.inventory.documents.count import Counted, count
from callcart.commerce.inventory.documents.receive import Arrival, receive
from callcart.commerce.inventory.documents.tables import Document, DocumentLine, DocumentType
from callcart.commerce.inventory.models import Condition
from callcart.core.actor import Actor
from callcart.core.errors import NotFound

MOST_SCANS = 200


class ScanOutcome(StrEnum):
    BOOKED = "booked"
    UNKNOWN = "unknown"
    OVER = "over"
    UNEXPECTED = "unexpected"  # not on the document at all
    NOT_THERE = "not_there"  # more taken back than came
    IS_SET = "is_set"  # a set is not booked itself


@dataclass(frozen=True, slots=True)
class Scan:
    """What became of one code. `came` and `expected` are the line's after the batch; `counted` in a count."""

    code: str
    units: int
    outcome: ScanOutcome
    variant: Variant | None = None
    came: int = 0
    expected: int = 0


def scan(
    actor: Actor,
    document_id: UUID,
    codes: Sequence[str],
    *,
    idempotency_key: str,
    condition: Condition = Condition.SELLABLE,
    allow_over: bool = False,
) -> list[Scan]:
    """Book or count a batch of codes; an answer for each, in their order. Raises NotFound, PermissionDenied, Invalid, NotNow,
    KeyReused."""
    document = Document.objects.filter(id=document_id).first()
    if document is None:
        raise NotFound
    read = [read_code(each) for each in codes[:MOST_SCANS] if each.strip()]
    variants = look_up(code.text for code in read)
    outcomes = dict.fromkeys(range(len(read)), ScanOutcome.UNKNOWN)
    sets = bundles_among(each.id for each in variants.values())
    known = []
    for place, code in enumerate(read):
        if (variant := variants.get(code.text)) is not None and variant.id in sets:
            outcomes[place] = ScanOutcome.IS_SET
        elif variant is not None:
            known.append((place, variant))
    if known:
        units = [(variant, read[place].units) for place, variant in known]
        if document.type == DocumentType.COUNT:
            booked = _count(actor, document, units, idempotency_key)
        else:
            booked = _receive(actor, document, units, idempotency_key, condition, allow_over)
        outcomes |= {place: outcome for (place, _), outcome in zip(known, booked, strict=True)}
    lines = {line.variant_id: line for line in document.lines.filter(variant__in=[each for _, each in known])}
    return [_answer(code, outcomes[place], variants.get(code.text), lines) for place, code in enumerate(read)]


def _count(
    actor: Actor, document: Document, units: Sequence[tuple[Variant, int]], key: str
) -> list[ScanOutcome]:
    entries = [Counted(variant.id, count_) for variant, count_ in units]
    refused = set(count(actor, document.id, entries, idempotency_key=key))
    return [ScanOutcome.NOT_THERE if place in refused else ScanOutcome.BOOKED for place in range(len(units))]


def _receive(
    actor: Actor,
    document: Document,
    units: Sequence[tuple[Variant, int]],
    key: str,
    condition: Condition,
    allow_over: bool,
) -> list[ScanOutcome]:
    arrivals = [Arrival(variant.id, count_, condition) for variant, count_ in units]
    receipt = receive(actor, document.id, arrivals, idempotency_key=key, allow_over=allow_over, partly=True)
    announced = set(document.lines.values_list("variant_id", flat=True))
    found = []
    for place, (variant, _) in enumerate(units):
        if place in receipt.booked:
            found.append(ScanOutcome.BOOKED)
        elif place in receipt.refused:
            found.append(ScanOutcome.NOT_THERE)
        else:
            found.append(ScanOutcome.OVER if variant.id in announced else ScanOutcome.UNEXPECTED)
    return found


def _answer(
    code: Code, outcome: ScanOutcome, variant: Variant | None, lines: dict[UUID, DocumentLine]
) -> Scan:
    line = lines.get(variant.id) if variant else None
    came = 0 if line is None else (line.counted or 0 if line.counted is not None else line.came)
    return Scan(code.text, code.units, outcome, variant, came, line.expected if line else 0)
