"""Sets of products, and how many of any product, single or set, can be ordered now."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from callcart.commerce.catalog import public as catalog
from callcart.commerce.inventory import public as inventory
from callcart.core.errors import NotFound
from callcart.web.api.doors import allowed
from callcart.web.api.order_shapes import ids_of_skus
from callcart.web.api.shapes import Code, Given, Version

router = Router(tags=["Products and prices"])


class PieceShape(Schema):
    """So many units of a SKU in one set."""

    sku: str
    variant_id: UUID
    name: str
    name_zh: str
    units: int


class SetOfShape(Schema):
    """What a variant is made of; nothing, where it is no set. `version` is what a change names."""

    sku: str
    variant_id: UUID
    version: int
    components: list[PieceShape]


class PieceGiven(Given):
    sku: Code
    units: Annotated[int, Field(ge=1, le=catalog.MOST_UNITS, strict=True)] = 1


class SetGiven(Given):
    version: Version
    components: Annotated[list[PieceGiven], Field(max_length=catalog.MOST_COMPONENTS)]


class PlaceShape(Schema):
    """`warehouse` is empty for sets that only several warehouses have together."""

    warehouse: str
    available: int
    backorderable: bool


class AvailableShape(Schema):
    sku: str
    variant_id: UUID
    available: int
    places: list[PlaceShape]


@router.get(
    "/variants/{uuid:variant_id}/components", response=SetOfShape, summary="Read what a set is made of"
)
def read_set(request: HttpRequest, variant_id: UUID) -> SetOfShape:
    """Needs `catalog.view`."""
    allowed(request, "catalog.view")
    return _read(variant_id)


@router.put("/variants/{uuid:variant_id}/components", response=SetOfShape, summary="Compose a set")
def compose(request: HttpRequest, variant_id: UUID, body: SetGiven) -> SetOfShape:
    """All of its components, in their order; none makes it a single product again. What was sold stays as it was. Needs
    `catalog.manage` and `catalog.view`."""
    actor = allowed(request, "catalog.manage", "catalog.view")
    found = ids_of_skus({index: each.sku for index, each in enumerate(body.components)}, "components")
    drafts = [catalog.ComponentDraft(found[each.sku], each.units) for each in body.components]
    catalog.compose(actor, variant_id, drafts, version=body.version)
    return _read(variant_id)


@router.get(
    "/variants/{uuid:variant_id}/available", response=AvailableShape, summary="Read how many there are"
)
def available(request: HttpRequest, variant_id: UUID) -> AvailableShape:
    """What can be ordered now, by warehouse; of a set, what its components allow. Needs `inventory.view`."""
    allowed(request, "inventory.view")
    hit = catalog.variants([variant_id]).get(variant_id)
    if hit is None:
        raise NotFound
    rows = inventory.availability([variant_id])[variant_id]
    places = [
        PlaceShape(warehouse=row.code, available=max(row.available, 0), backorderable=row.backorderable)
        for row in rows
    ]
    return AvailableShape(
        sku=hit.sku, variant_id=hit.id, available=sum(each.available for each in places), places=places
    )


def _read(variant_id: UUID) -> SetOfShape:
    row = catalog.Variant.objects.filter(id=variant_id).first()
    if row is None:
        raise NotFound
    return SetOfShape(
        sku=row.sku, variant_id=row.id, version=row.version,
        components=[
            PieceShape(sku=each.sku, variant_id=each.variant_id, name=each.name, name_zh=each.name_zh, units=each.units)
            for each in catalog.pieces_of([row.id]).get(row.id, ())
        ],
    )  # fmt: skip
