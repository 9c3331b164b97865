"""Reads of documents: the list, one with its lines and movements, what is still to come, what lies apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from callcart.commerce.inventory.documents.tables import KIND, Document, DocumentLine, DocumentType
from callcart.commerce.inventory.models import Movement, Stock
from callcart.core import search
from callcart.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """What a list is narrowed to; empty ones do not narrow. `progress`: `open` or `ended`."""

    type: str = ""
    kind: str = ""
    state: str = ""
    progress: str = ""
    warehouse_id: UUID | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """Units of a document over all lines."""

    lines: int = 0
    expected: int = 0
    came: int = 0
    counted: int = 0


def list_documents(
    wanted: DocumentFilter, *, before: UUID | None = None, limit: int = 50
) -> tuple[list[Document], UUID | None]:
    """A page of documents, newest first, with their warehouses, and where the next one begins."""
    rows = Document.objects.select_related("warehouse", "target").order_by("-id")
    for name in ("type", "kind", "state"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.progress:
        rows = rows.filter(ended_at__isnull=wanted.progress == "open")
    if wanted.warehouse_id:
        rows = rows.filter(Q(warehouse_id=wanted.warehouse_id) | Q(target_id=wanted.warehouse_id))
    if text := wanted.text.strip():
        rows = rows.filter(Q(number=text) | Q(reference__iexact=text) | Q(partner__icontains=text))
    if before:
        rows = rows.filter(id__lt=before)
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def units_of(document_ids: Iterable[UUID]) -> dict[UUID, Units]:
    """What the lines of documents come to."""
    rows = (
        DocumentLine.objects.filter(document_id__in=list(document_ids))
        .values("document_id")
        .annotate(
            lines=Count("id"),
            wanted=Sum("expected"),
            arrived=Sum(F("received") + F("damaged") + F("inspecting")),
            done=Count("counted"),
        )
    )
    return {
        row["document_id"]: Units(row["lines"], row["wanted"], row["arrived"], row["done"]) for row in rows
    }


def get_document(document_id: UUID) -> Document:
    """One document with its warehouses. Raises NotFound."""
    found = Document.objects.select_related("warehouse", "target").filter(id=document_id).first()
    if found is None:
        raise NotFound
    return found


def lines_page(
    document: Document, *, only: str = "", after: int = -1, limit: int = 200
) -> tuple[list[DocumentLine], int | None]:
    """Lines in their order with their variants, and the position after which the next page begins. `only`: `open` (still to
    come, not counted yet), `differing`."""
    rows: QuerySet[DocumentLine] = document.lines.select_related("variant")
    came = F("received") + F("damaged") + F("inspecting")
    is_count = document.type == DocumentType.COUNT
    if only == "open":
        rows = rows.filter(counted=None) if is_count else rows.filter(expected__gt=came)
    elif only == "differing":
        rows = (
            rows.exclude(counted=F("book")).exclude(counted=None) if is_count else rows.exclude(expected=came)
        )
    found = list(rows.filter(position__gt=after).order_by("position", "id")[: limit + 1])
    return found[:limit], found[limit - 1].position if len(found) > limit else None


def movements_of(document: Document, *, limit: int = 200) -> list[Movement]:
    """What was moved for a document, newest first."""
    rows = Movement.objects.select_related("variant", "warehouse").filter(
        document_id=document.id, document_kind=KIND
    )
    return list(rows.order_by("-id")[:limit])


def incoming(variant_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], int]:
    """Units still to come by (SKU, warehouse), from open stock-in documents."""
    rows = DocumentLine.objects.filter(variant_id__in=list(variant_ids), open_units__gt=0)
    sums = rows.values("variant_id", "warehouse_id").annotate(units=Sum("open_units"))
    return {(row["variant_id"], row["warehouse_id"]): row["units"] for row in sums}


def list_apart(
    *, condition: str = "", warehouse_id: UUID | None = None, text: str = "", after: UUID | None = None,
    limit: int = 50,
) -> tuple[list[Stock], UUID | None]:  # fmt: skip
    """A page of stock rows with damaged units or units in quality control, and where the next one begins."""
    rows = Stock.objects.select_related("variant", "warehouse").order_by("id")
    rows = rows.filter(Q(damaged__gt=0) | Q(inspecting__gt=0))
    if condition in ("damaged", "inspecting"):
        rows = rows.filter(**{f"{condition}__gt": 0})
    if warehouse_id:
        rows = rows.filter(warehouse_id=warehouse_id)
    if text.strip():
        from callcart.commerce.catalog.models import Variant

        rows = rows.filter(variant__in=Variant.objects.filter(search.condition(text)))
    if after:
        rows = rows.filter(id__gt=after)
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def document_numbers(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Numbers of documents by id; ids of anything else are left out."""
    wanted = {each for each in ids if each is not None}
    return dict(Document.objects.filter(id__in=wanted).values_list("id", "number"))
