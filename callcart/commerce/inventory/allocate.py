"""Choosing warehouses for an order by a named strategy. Pure: counts were read under lock by the caller, freight is asked of a
function from above.

Whatever the strategy, all demand is covered wherever that is possible, nothing is taken that is not there, and the same question has
the same answer. Which warehouses are nearer is `split`'s business; a strategy only says which of them take part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations
from typing import Any
from uuid import UUID

from callcart.commerce.inventory.allocation_tables import Strategy
from callcart.commerce.inventory.freight import Freight, cheapest
from callcart.commerce.inventory.split import Demand, Shelf, Split, nearness, split
from callcart.core.regions import region_key

MOST_SETS = 5_000
"""So many sets of warehouses are tried for the fewest parcels; a shop with 12 warehouses has 4,095."""


class Why(StrEnum):
    """What decided."""

    NEAREST = "nearest"
    ALL_HERE = "all_here"
    NOWHERE_ALL = "nowhere_all"
    FEWEST = "fewest"
    ABOUT_FEWEST = "about_fewest"
    CHEAPEST = "cheapest"
    ABOUT_CHEAPEST = "about_cheapest"
    NO_RATES = "no_rates"
    SAFETY_KEPT = "safety_kept"
    SAFETY_USED = "safety_used"
    BACKORDER = "backorder"
    BY_HAND = "by_hand"


@dataclass(slots=True)
class Choice:
    """Units by shelf, and why."""

    split: Split
    why: Why
    data: dict[str, Any] = field(default_factory=dict)


def allocate(
    strategy: Strategy,
    demands: Sequence[Demand],
    shelves: Sequence[Shelf],
    region: str,
    freight: Freight | None = None,
) -> Choice:
    """Share the demands over the shelves, whose `available` falls, by the strategy."""
    if strategy in (Strategy.NEAREST, Strategy.SAFETY):
        return _near(strategy, demands, shelves, region)
    if not _coverable(demands, shelves):
        # Something is short or has to be ordered back: there is no set of warehouses to look for.
        return Choice(split(demands, shelves, region), Why.BACKORDER)
    houses = by_nearness(demands, shelves, region)
    if strategy is Strategy.CHEAPEST and freight is not None:
        found = cheapest(demands, shelves, houses, freight)
        if found is None:
            return Choice(split(demands, shelves, region), Why.NO_RATES)
        return Choice(
            _taken(demands, shelves, found.units),
            Why.CHEAPEST if found.exact else Why.ABOUT_CHEAPEST,
            {"freight": found.cost, "parcels": len(found.parcels)},
        )
    if strategy is Strategy.WHOLE:
        whole = next((each for each in houses if covers(demands, shelves, {each})), None)
        why = Why.ALL_HERE if whole else Why.NOWHERE_ALL
        return Choice(split(demands, _of(shelves, {whole} if whole else None), region), why)
    chosen, exact = fewest(demands, shelves, houses)
    why = Why.FEWEST if exact else Why.ABOUT_FEWEST
    return Choice(split(demands, _of(shelves, chosen), region), why, {"parcels": len(chosen)})


def _near(strategy: Strategy, demands: Sequence[Demand], shelves: Sequence[Shelf], region: str) -> Choice:
    keep = strategy is Strategy.SAFETY
    result = split(demands, shelves, region, keep_safety=keep)
    if not keep:
        return Choice(result, Why.NEAREST)
    touched = {take.stock_id for take in result.takes}
    used = any(each.available < each.safety for each in shelves if each.stock_id in touched)
    return Choice(result, Why.SAFETY_USED if used else Why.SAFETY_KEPT)


def wanted_units(demands: Iterable[Demand]) -> Counter[UUID]:
    """Units by SKU."""
    found: Counter[UUID] = Counter()
    for each in demands:
        found[each.variant_id] += each.quantity
    return found


def covers(demands: Sequence[Demand], shelves: Iterable[Shelf], houses: set[UUID]) -> bool:
    """Whether these warehouses together have all of it."""
    there: Counter[UUID] = Counter()
    for shelf in shelves:
        if shelf.warehouse_id in houses:
            there[shelf.variant_id] += max(shelf.available, 0)
    return all(there[variant] >= units for variant, units in wanted_units(demands).items())


def _coverable(demands: Sequence[Demand], shelves: Sequence[Shelf]) -> bool:
    return covers(demands, shelves, {each.warehouse_id for each in shelves})


def by_nearness(demands: Sequence[Demand], shelves: Iterable[Shelf], region: str) -> list[UUID]:
    """The warehouses that have any of it, the nearest first."""
    wanted, key = {each.variant_id for each in demands}, region_key(region)
    rank: dict[UUID, tuple[int, int, str]] = {}
    for shelf in shelves:
        if shelf.available > 0 and shelf.variant_id in wanted:
            rank[shelf.warehouse_id] = nearness(shelf, key)[:3]
    return sorted(rank, key=lambda each: (rank[each], each))


def fewest(
    demands: Sequence[Demand], shelves: Sequence[Shelf], houses: Sequence[UUID]
) -> tuple[set[UUID], bool]:
    """The smallest set of warehouses that has all of it, of equally small ones the nearest; whether it is sure to be the
    smallest. With very many warehouses: those that help most, less those that turn out needless."""
    for tried, chosen in enumerate(_sets(houses)):
        if tried >= MOST_SETS:
            return _greedy(demands, shelves, houses), False
        if covers(demands, shelves, set(chosen)):
            return set(chosen), True
    return set(houses), True


def _sets(houses: Sequence[UUID]) -> Iterator[tuple[UUID, ...]]:
    for size in range(1, len(houses) + 1):
        yield from combinations(houses, size)


def _greedy(demands: Sequence[Demand], shelves: Sequence[Shelf], houses: Sequence[UUID]) -> set[UUID]:
    missing, chosen = wanted_units(demands), list[UUID]()
    rows = {
        house: [each for each in shelves if each.warehouse_id == house and each.available > 0]
        for house in houses
    }

    def helps(house: UUID) -> int:
        return sum(min(each.available, missing[each.variant_id]) for each in rows[house])

    while +missing:
        left = [each for each in houses if each not in chosen]
        best = max(left, key=helps)  # of equals the first, which is the nearest
        chosen.append(best)
        for each in rows[best]:
            missing[each.variant_id] -= min(each.available, missing[each.variant_id])
    for house in list(chosen):
        if covers(demands, shelves, set(chosen) - {house}):
            chosen.remove(house)
    return set(chosen)


def _of(shelves: Sequence[Shelf], houses: set[UUID] | None) -> list[Shelf]:
    return list(shelves) if houses is None else [each for each in shelves if each.warehouse_id in houses]


def _taken(demands: Sequence[Demand], shelves: Sequence[Shelf], units: dict[tuple[UUID, UUID], int]) -> Split:
    """A split that takes exactly `units` by (SKU, warehouse)."""
    rows = [
        replace(each, available=taken)
        for each in shelves
        if (taken := units.get((each.variant_id, each.warehouse_id), 0))
    ]
    result = split(demands, rows, "")
    for each in shelves:
        each.available -= units.get((each.variant_id, each.warehouse_id), 0)
    return result
