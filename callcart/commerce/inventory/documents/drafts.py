"""What a document is made of before it is one, checked: its lines, and the list somebody pastes.

Everything wrong is told at once, each under the name of its field; a list names the line. A SKU that stands twice is counted
together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.catalog.models import Variant
from callcart.commerce.catalog.public import bundles_among
from callcart.commerce.inventory.change import MOST_UNITS
from callcart.commerce.inventory.documents.codes import look_up
from callcart.commerce.inventory.documents.tables import Document, DocumentKind, DocumentLine
from callcart.commerce.inventory.models import Condition, Warehouse
from callcart.core.errors import Invalid
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant

MOST_LINES = 2_000
MOST_SAID = 10
_CELLS = re.compile(r" *[\t;,] *| {2,}| +(?=-?\d+ *$)")


@dataclass(frozen=True, slots=True)
class LineDraft:
    """Units of a SKU; `cost_minor` is what one of them costs, where that is known."""

    variant_id: UUID
    quantity: int
    cost_minor: int | None = None
    condition: Condition = Condition.SELLABLE


@dataclass(frozen=True, slots=True)
class StockInDraft:
    """Goods that are to come. Without lines nothing is announced, and whatever comes is taken."""

    kind: DocumentKind
    warehouse_id: UUID
    lines: tuple[LineDraft, ...] = ()
    partner: str = ""
    reference: str = ""
    note: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class StockOutDraft:
    """Goods that leave other than by an order. `note` says why."""

    kind: DocumentKind
    warehouse_id: UUID
    lines: tuple[LineDraft, ...]
    note: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class TransferDraft:
    """Goods that are to go from one warehouse to another."""

    warehouse_id: UUID
    target_id: UUID
    lines: tuple[LineDraft, ...]
    note: str = ""
    reference: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class CountDraft:
    """What is to be counted: a whole warehouse, the bins that begin with `shelf`, or some SKUs."""

    warehouse_id: UUID
    shelf: str = ""
    variant_ids: tuple[UUID, ...] = ()
    blind: bool = False
    note: str = ""


def check_head(fields: Fields, *, partner: str = "", reference: str = "", note: str = "", why: bool = False) -> dict[str, str]:  # fmt: skip
    """The texts of a head; `why`: the note has to be given."""
    return {
        "partner": fields.line("partner", partner, most=200),
        "reference": fields.line("reference", reference, most=100),
        "note": fields.block("note", note, most=1000, required=why),
    }


def check_place(fields: Fields, name: str, warehouse_id: UUID) -> None:
    """A warehouse that is in use."""
    if not Warehouse.objects.filter(id=warehouse_id, is_active=True).exists():
        fields.refuse(name, gettext("Choose a warehouse that is in use."))


def check_lines(fields: Fields, lines: Sequence[LineDraft], *, required: bool = True) -> list[LineDraft]:
    """The lines with units of the same SKU and condition counted together."""
    if required and not lines:
        fields.refuse("lines", gettext("Give at least one product."))
    if len(lines) > MOST_LINES:
        text = gettext("At most %(most)d lines; make several documents.") % {"most": MOST_LINES}
        fields.refuse("lines", text)
        return []
    summed: dict[tuple[UUID, Condition], LineDraft] = {}
    for number, line in enumerate(lines):
        if not 0 < line.quantity <= MOST_UNITS:
            fields.refuse(f"line-{number}", gettext("Give a whole number above zero."))
        if line.cost_minor is not None and not 0 <= line.cost_minor <= 10**12:
            fields.refuse(f"line-{number}", gettext("Give an amount that is not below zero."))
        key = (line.variant_id, line.condition)
        known = summed.get(key)
        summed[key] = line if known is None else replace(known, quantity=known.quantity + line.quantity)
    found = set(Variant.objects.filter(id__in={each for each, _ in summed}).values_list("id", flat=True))
    sets = bundles_among(found)
    for number, line in enumerate(lines):
        if line.variant_id not in found:
            fields.refuse(f"line-{number}", gettext("This product does not exist any more."))
        elif line.variant_id in sets:
            text = gettext("A set has no stock of its own. Name what it is made of.")
            fields.refuse(f"line-{number}", text)
    return list(summed.values())


def write_lines(document: Document, lines: Iterable[LineDraft], *, warehouse_id: UUID) -> list[DocumentLine]:
    """Replace a document's lines."""
    document.lines.all().delete()
    return DocumentLine.objects.bulk_create(
        [
            DocumentLine(
                document=document, variant_id=line.variant_id, warehouse_id=warehouse_id, position=position,
                condition=line.condition, expected=line.quantity, cost_minor=line.cost_minor,
            )
            for position, line in enumerate(lines)
        ]
    )  # fmt: skip


def read_list(text: str, *, condition: Condition = Condition.SELLABLE) -> tuple[LineDraft, ...]:
    """Lines of "code, units, cost" as somebody pastes them: a SKU or a barcode, then units (one, where none are given), then
    what one costs. Raises Invalid with field `list`, naming the lines that cannot be read."""
    rows = [
        (number, [cell.strip() for cell in _CELLS.split(unicodedata.normalize("NFKC", line).strip())])
        for number, line in enumerate(text[:400_000].splitlines(), start=1)
        if line.strip()
    ]
    found = look_up(cells[0] for _, cells in rows)
    currency, wrong = get_tenant().currency, list[str]()
    lines = []
    for number, cells in rows:
        variant = found.get(cells[0])
        units = _units(cells[1]) if len(cells) > 1 and cells[1] else 1
        cost, readable = _cost(cells[2] if len(cells) > 2 else "", currency)
        if variant is None:
            wrong.append(gettext("Line %(number)d: no product has the code %(code)s.") % {"number": number, "code": cells[0][:60]})  # fmt: skip
        elif units is None:
            wrong.append(gettext("Line %(number)d: the units must be a whole number above zero.") % {"number": number})  # fmt: skip
        elif not readable:
            wrong.append(gettext("Line %(number)d: the cost is not an amount.") % {"number": number})
        else:
            lines.append(LineDraft(variant.id, units, cost, condition))
    if wrong:
        more = (
            [gettext("And %(count)d more.") % {"count": len(wrong) - MOST_SAID}]
            if len(wrong) > MOST_SAID
            else []
        )
        raise Invalid(fields={"list": " ".join(wrong[:MOST_SAID] + more)})
    return tuple(lines)


def _units(text: str) -> int | None:
    digits = text.replace(" ", "")
    return int(digits) if digits.isascii() and digits.isdecimal() and 0 < int(digits[:9]) <= MOST_UNITS and len(digits) < 9 else None  # fmt: skip


def _cost(text: str, currency: str) -> tuple[int | None, bool]:
    if not text:
        return None, True
    try:
        minor = Money.parse(text, currency).minor
    except ValueError:
        return None, False
    return minor, minor >= 0
