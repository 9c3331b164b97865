"""Stock: how many there are where, goods booked in, counts corrected."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Header, Router, Schema
from pydantic import Field

from callcart.commerce.catalog import public as catalog
from callcart.commerce.inventory import public as inventory
from callcart.core.errors import Invalid, NotFound
from callcart.web.api.doors import allowed, once
from callcart.web.api.shapes import Code, Cursor, Given, IdempotencyKey, Limit, PageOf, Text, Units

router = Router(tags=["Stock"])


class WarehouseShape(Schema):
    id: UUID
    code: str
    name: str
    name_zh: str
    is_active: bool


class StockShape(Schema):
    """One SKU in one warehouse. `available` = on hand − allocated; `damaged`, `inspecting` and `in_transit` are counted beside."""

    sku: str
    variant_id: UUID
    warehouse: str
    on_hand: int
    allocated: int
    available: int
    damaged: int
    inspecting: int
    in_transit: int
    backorderable: bool


class _At(Given):
    sku: Code
    warehouse: Annotated[Code, Field(description="code of the warehouse")]


class ReceiveGiven(_At):
    quantity: Units
    reason: Text = ""


class AdjustGiven(_At):
    change: Annotated[Units, Field(description="how many more (or, below zero, fewer) there are")]
    reason: Text


@router.get("/warehouses", response=list[WarehouseShape], summary="List warehouses")
def warehouses(request: HttpRequest) -> list[WarehouseShape]:
    """Needs `inventory.view`."""
    allowed(request, "inventory.view")
    return [
        WarehouseShape(id=each.id, code=each.code, name=each.name, name_zh=each.name_zh, is_active=each.is_active)
        for each in inventory.list_warehouses()
    ]  # fmt: skip


@router.get("/stock", response=PageOf[StockShape], summary="List stock")
def list_stock(
    request: HttpRequest, text: Text = "", warehouse: Code = "", cursor: Cursor = "", limit: Limit = 100
) -> PageOf[StockShape]:
    """By SKU. `text` finds as the search of products does, `warehouse` is a code. Needs `inventory.view`."""
    allowed(request, "inventory.view")
    place = _warehouse(warehouse) if warehouse else None
    if warehouse and place is None:
        raise NotFound
    found = inventory.list_stock(
        text=text, warehouse_id=place.id if place else None, cursor=cursor, limit=limit
    )
    return PageOf[StockShape](items=[_row(row) for row in found.rows], cursor=found.cursor)


@router.post("/stock/receive", response=StockShape, summary="Book goods in")
def receive(
    request: HttpRequest,
    body: ReceiveGiven,
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> StockShape:
    """Needs `inventory.receive`, and the warehouse in its scope."""
    actor = allowed(request, "inventory.receive")

    def work() -> StockShape:
        variant_id, warehouse_id = _find(body)
        row = inventory.receive(
            actor, variant_id=variant_id, warehouse_id=warehouse_id, quantity=body.quantity, reason=body.reason
        )  # fmt: skip
        return _row(row)

    return once(actor, "stock.receive", idempotency_key, body.model_dump(), StockShape, work)


@router.post("/stock/adjust", response=StockShape, summary="Correct a count")
def adjust(
    request: HttpRequest,
    body: AdjustGiven,
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> StockShape:
    """By so many units, for a reason. Below what is promised is refused with 409. Needs `inventory.adjust`."""
    actor = allowed(request, "inventory.adjust")

    def work() -> StockShape:
        variant_id, warehouse_id = _find(body)
        row = inventory.adjust(
            actor, variant_id=variant_id, warehouse_id=warehouse_id, change=body.change, reason=body.reason
        )
        return _row(row)

    return once(actor, "stock.adjust", idempotency_key, body.model_dump(), StockShape, work)


def _find(body: _At) -> tuple[UUID, UUID]:
    variant, place = catalog.variant_by_code(body.sku), _warehouse(body.warehouse)
    wrong = {} if variant else {"sku": _("No product has this code.")}
    if place is None:
        wrong["warehouse"] = _("There is no such warehouse.")
    if variant is None or place is None:
        raise Invalid(fields=wrong)
    return variant.id, place.id


def _warehouse(code: str) -> inventory.Warehouse | None:
    return next((each for each in inventory.list_warehouses() if each.code == code), None)


def _row(row: inventory.Stock) -> StockShape:
    return StockShape(
        sku=row.variant.sku, variant_id=row.variant_id, warehouse=row.warehouse.code, on_hand=row.on_hand,
        allocated=row.allocated, available=row.on_hand - row.allocated, damaged=row.damaged, inspecting=row.inspecting,
        in_transit=row.in_transit, backorderable=row.backorderable,
    )  # fmt: skip
