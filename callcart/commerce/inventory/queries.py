"""Reads of stock: what is available where, the office's stock and movement lists, and the recount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from callcart.commerce.catalog.public import units_in_sets
from callcart.commerce.inventory.models import Movement, Reservation, ReservationState, Stock, Warehouse
from callcart.commerce.inventory.sets import whole_sets
from callcart.core import integrity, search
from callcart.core.ids import read_id
from callcart.core.language import Named


@dataclass(frozen=True, slots=True)
class WarehouseStock(Named):
    """One SKU in one warehouse."""

    variant_id: UUID
    warehouse_id: UUID
    code: str
    name: str
    name_zh: str
    on_hand: int
    allocated: int
    backorderable: bool

    @property
    def available(self) -> int:
        return self.on_hand - self.allocated


@dataclass(frozen=True, slots=True)
class StockList:
    rows: tuple[Stock, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class MovementList:
    rows: tuple[Movement, ...]
    cursor: str


def availability(
    variant_ids: Iterable[UUID], *, kept: Mapping[tuple[UUID, UUID], int] | None = None
) -> dict[UUID, list[WarehouseStock]]:
    """Stock of SKUs by active warehouse, in the warehouses' order; every SKU asked for has an entry. Of a set, what its components
    allow. `kept`: units by (SKU, warehouse) that are promised, but to whoever asks."""
    wanted = list(dict.fromkeys(variant_ids))
    sets = units_in_sets(wanted)
    single = dict.fromkeys([each for each in wanted if each not in sets])
    single |= dict.fromkeys(each for units in sets.values() for each in units)
    found: dict[UUID, list[WarehouseStock]] = {variant_id: [] for variant_id in single}
    rows = Stock.objects.filter(variant_id__in=single, warehouse__is_active=True)
    for row in rows.select_related("warehouse").order_by("warehouse__priority", "warehouse__code"):
        mine = (kept or {}).get((row.variant_id, row.warehouse_id), 0)
        found[row.variant_id].append(_of(row, mine))
    return {
        variant_id: whole_sets(variant_id, sets[variant_id], found)
        if variant_id in sets
        else found[variant_id]
        for variant_id in wanted
    }


def _of(row: Stock, kept: int) -> WarehouseStock:
    return WarehouseStock(
        variant_id=row.variant_id,
        warehouse_id=row.warehouse_id,
        code=row.warehouse.code,
        name=row.warehouse.name,
        name_zh=row.warehouse.name_zh,
        on_hand=row.on_hand,
        allocated=row.allocated - kept,
        backorderable=row.backorderable,
    )


def can_buy(stock: Iterable[WarehouseStock], quantity: int = 1) -> bool:
    """Whether so many can be ordered from this stock now."""
    rows = list(stock)
    return any(row.backorderable for row in rows) or sum(max(row.available, 0) for row in rows) >= quantity


def list_warehouses() -> list[Warehouse]:
    return list(Warehouse.objects.all())


def list_stock(
    *, text: str = "", warehouse_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> StockList:
    """A page of stock rows by SKU, with variant and warehouse."""
    rows = Stock.objects.select_related("variant", "warehouse").order_by("variant__sku", "id")
    if warehouse_id:
        rows = rows.filter(warehouse_id=warehouse_id)
    if text.strip():
        from callcart.commerce.catalog.models import Variant

        rows = rows.filter(variant__in=Variant.objects.filter(search.condition(text)))
    last = read_id(cursor)
    after = Stock.objects.select_related("variant").filter(id=last).first() if last else None
    if after:
        sku = after.variant.sku
        rows = rows.filter(
            Q(variant__sku__gt=sku) | Q(variant__sku=sku, id__gt=after.id), variant__sku__gte=sku
        )
    found = list(rows[: limit + 1])
    following = str(found[limit - 1].id) if len(found) > limit else ""
    return StockList(rows=tuple(found[:limit]), cursor=following)


def list_movements(
    *, variant_id: UUID | None = None, warehouse_id: UUID | None = None, cursor: str = "", limit: int = 50
) -> MovementList:
    """A page of movements, newest first, with variant and warehouse."""
    rows = Movement.objects.select_related("variant", "warehouse").order_by("-id")
    if variant_id:
        rows = rows.filter(variant_id=variant_id)
    if warehouse_id:
        rows = rows.filter(warehouse_id=warehouse_id)
    if last := read_id(cursor):
        rows = rows.filter(id__lt=last)
    found = list(rows[: limit + 1])
    following = str(found[limit - 1].id) if len(found) > limit else ""
    return MovementList(rows=tuple(found[:limit]), cursor=following)


def reservations_of(order_id: UUID) -> list[Reservation]:
    """All reservations of an order, with warehouse; released ones too."""
    return list(Reservation.objects.select_related("warehouse").filter(order_id=order_id).order_by("id"))


def units_held(order_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Units held by order and line."""
    held: dict[UUID, dict[UUID, int]] = {}
    rows = Reservation.objects.filter(order_id__in=list(order_ids), state=ReservationState.HELD)
    for order_id, line_id, quantity in rows.values_list("order_id", "line_id", "quantity"):
        lines = held.setdefault(order_id, {})
        lines[line_id] = lines.get(line_id, 0) + quantity
    return held


def recount() -> list[integrity.Mismatch]:
    """Every stock row that does not add up; none in a healthy shop."""
    return integrity.find_in("inventory")
