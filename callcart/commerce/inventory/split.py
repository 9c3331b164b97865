"""Which warehouse gives how many. Pure: the counts it is given were read under lock by the caller.

Warehouses that serve the region come first, then those that serve everywhere, then the rest; within each by priority. A
line takes what the first has, the remainder from the next; what no warehouse has is ordered back where that is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from callcart.core.regions import region_key


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of one SKU wanted by one order line."""

    line_id: UUID
    variant_id: UUID
    quantity: int
    weight_g: int = 0
    """What one unit weighs, for the strategy that asks what carriage costs."""


@dataclass(slots=True)
class Shelf:
    """One stock row under lock; `available` falls as it is promised. `strategy` is the shop's and the same on every row: read with
    them, it costs no round trip."""

    stock_id: UUID
    variant_id: UUID
    warehouse_id: UUID
    available: int
    backorderable: bool = False
    regions: Sequence[str] = ()
    priority: int = 100
    code: str = ""
    name: str = ""
    name_zh: str = ""
    safety: int = 0
    strategy: str = "nearest"


@dataclass(frozen=True, slots=True)
class Take:
    """Units of one line from one stock row."""

    line_id: UUID
    variant_id: UUID
    stock_id: UUID
    warehouse_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Shortage:
    """A SKU that is not there in the quantity wanted, over all lines that want it, and what is left where."""

    variant_id: UUID
    line_ids: tuple[UUID, ...]
    wanted: int
    left: int
    places: tuple[tuple[str, str, int], ...] = ()
    """(name, name in Chinese, units) of each warehouse with any left."""


@dataclass(slots=True)
class Split:
    takes: list[Take] = field(default_factory=list)
    shortages: list[Shortage] = field(default_factory=list)


def nearness(shelf: Shelf, region: str) -> tuple[int, int, str, UUID]:
    """Sorts shelves: those of the region (a `region_key`), those for everybody, the rest; by priority, then code."""
    serves = {region_key(each) for each in shelf.regions}
    rank = 0 if region and region in serves else (1 if not serves else 2)
    return (rank, shelf.priority, shelf.code, shelf.stock_id)


def split(
    demands: Sequence[Demand], shelves: Iterable[Shelf], region: str, *, keep_safety: bool = False
) -> Split:
    """Share the demands over the shelves, whose `available` falls. With any shortage nothing may be taken; the shortages
    then are complete, one per SKU, summed over its lines. `keep_safety`: a shelf's safety stock goes only where nothing else is
    left anywhere."""
    wanted_region = region_key(region)
    by_variant: dict[UUID, list[Shelf]] = {}
    for shelf in shelves:
        by_variant.setdefault(shelf.variant_id, []).append(shelf)
    for rows in by_variant.values():
        rows.sort(key=lambda shelf: nearness(shelf, wanted_region))
    result = Split()
    for variant_id in dict.fromkeys(demand.variant_id for demand in demands):
        lines = [demand for demand in demands if demand.variant_id == variant_id]
        rows = by_variant.get(variant_id, [])
        if short := _shortage(variant_id, lines, rows):
            result.shortages.append(short)
            continue
        for demand in lines:
            result.takes += _take(demand, rows, keep_safety)
    if result.shortages:
        result.takes.clear()
    return result


def _shortage(variant_id: UUID, lines: Sequence[Demand], rows: Sequence[Shelf]) -> Shortage | None:
    wanted = sum(demand.quantity for demand in lines)
    left = sum(max(row.available, 0) for row in rows)
    if wanted <= left or any(row.backorderable for row in rows):
        return None
    return Shortage(
        variant_id=variant_id,
        line_ids=tuple(demand.line_id for demand in lines),
        wanted=wanted,
        left=left,
        places=tuple((row.name, row.name_zh, row.available) for row in rows if row.available > 0),
    )


def _take(demand: Demand, rows: Sequence[Shelf], keep_safety: bool) -> list[Take]:
    taken: dict[UUID, int] = {}
    missing = demand.quantity
    for kept in (True, False) if keep_safety else (False,):
        for row in rows:
            units = min(missing, max(row.available - (row.safety if kept else 0), 0))
            if units:
                row.available -= units
                taken[row.stock_id] = taken.get(row.stock_id, 0) + units
                missing -= units
    if missing:
        row = next(row for row in rows if row.backorderable)
        row.available -= missing
        taken[row.stock_id] = taken.get(row.stock_id, 0) + missing
    places = {row.stock_id: row for row in rows}
    return [
        Take(demand.line_id, demand.variant_id, stock_id, places[stock_id].warehouse_id, units)
        for stock_id, units in taken.items()
    ]
