"""The lowest total freight: an exact search that stops at a bound, and a good answer where it does.

What a parcel costs is the caller's to say, by warehouse and weight; it must not fall as weight rises. The search goes through the SKUs,
the heaviest demand first, and shares each over the warehouses in every way; a branch that costs as much as the best answer so far
is left. It begins with the best that some set of warehouses gives, filled from the nearest, which is the answer when the bound is met.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice
from uuid import UUID

from callcart.commerce.inventory.split import Demand, Shelf

Freight = Callable[[UUID, int], int | None]
"""What a parcel of so many grams costs from a warehouse, in minor units; None where nobody carries it."""

MOST_STEPS = 5_000
MOST_QUESTIONS = 300
MOST_SETS = 256


@dataclass(frozen=True, slots=True)
class Cheapest:
    """Units by (SKU, warehouse), grams by warehouse, and what it costs. `exact`: nothing is cheaper."""

    units: dict[tuple[UUID, UUID], int]
    parcels: Mapping[UUID, int]
    cost: int
    exact: bool


@dataclass(frozen=True, slots=True)
class _Item:
    variant_id: UUID
    units: int
    grams: int
    room: tuple[int, ...]
    """What each warehouse has of it."""


class _OutOfBounds(Exception):
    """The search was given up; the best so far stands."""


class _Search:
    """One question: houses in the order of nearness, items the heaviest first."""

    def __init__(self, items: Sequence[_Item], houses: Sequence[UUID], freight: Freight) -> None:
        self.items, self.houses, self.freight = items, houses, freight
        self.steps = 0
        self.asked: dict[tuple[int, int], int | None] = {}
        self.best: tuple[int, list[tuple[int, ...]]] | None = None

    def price(self, house: int, grams: int) -> int | None:
        key = (house, grams)
        if key not in self.asked:
            if len(self.asked) >= MOST_QUESTIONS:
                raise _OutOfBounds
            self.asked[key] = self.freight(self.houses[house], grams)
        return self.asked[key]

    def cost(self, grams: Sequence[int | None]) -> int | None:
        """Of all parcels; a house without one has None."""
        total = 0
        for house, weight in enumerate(grams):
            if weight is None:
                continue
            price = self.price(house, weight)
            if price is None:
                return None
            total += price
        return total

    def consider(self, shares: list[tuple[int, ...]], cost: int) -> None:
        if self.best is None or cost < self.best[0]:
            self.best = (cost, list(shares))

    def begin(self) -> None:
        """The best of the sets of warehouses, each filled from the nearest."""
        every = range(len(self.houses))
        sets = chain.from_iterable(combinations(every, size) for size in range(1, len(self.houses)))
        for chosen in chain([tuple(every)], islice(sets, MOST_SETS)):
            shares = [_filled(item, chosen) for item in self.items]
            whole = [share for share in shares if share is not None]
            if len(whole) < len(shares):
                continue
            cost = self.cost(_weights(self.items, whole, len(self.houses)))
            if cost is not None:
                self.consider(whole, cost)

    def go(self, shares: list[tuple[int, ...]], grams: list[int | None]) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise _OutOfBounds
        cost = self.cost(grams)
        if cost is None or (self.best is not None and cost >= self.best[0]):
            return
        if len(shares) == len(self.items):
            self.consider(shares, cost)
            return
        item = self.items[len(shares)]
        for share in _shares(item.units, item.room):
            self.go([*shares, share], _heavier(grams, share, item.grams))


def cheapest(
    demands: Sequence[Demand], shelves: Sequence[Shelf], houses: Sequence[UUID], freight: Freight
) -> Cheapest | None:
    """The split that costs least to carry; of equally cheap ones the first found, which prefers near warehouses. None where no
    split of the goods can be carried at all."""
    items = _items(demands, shelves, houses)
    search, exact = _Search(items, houses, freight), True
    try:
        search.begin()
        search.go([], [None] * len(houses))
    except _OutOfBounds:
        exact = False
    if search.best is None:
        return None
    cost, shares = search.best
    units = {
        (item.variant_id, house): share[number]
        for item, share in zip(items, shares, strict=True)
        for number, house in enumerate(houses)
        if share[number]
    }
    grams = _weights(items, shares, len(houses))
    parcels = {house: weight for house, weight in zip(houses, grams, strict=True) if weight is not None}
    return Cheapest(units, parcels, cost, exact)


def _items(demands: Sequence[Demand], shelves: Sequence[Shelf], houses: Sequence[UUID]) -> list[_Item]:
    units: Counter[UUID] = Counter()
    grams: dict[UUID, int] = {}
    for each in demands:
        units[each.variant_id] += each.quantity
        grams[each.variant_id] = each.weight_g
    there = {(each.variant_id, each.warehouse_id): max(each.available, 0) for each in shelves}
    found = [
        _Item(variant, wanted, grams[variant], tuple(there.get((variant, house), 0) for house in houses))
        for variant, wanted in units.items()
    ]
    return sorted(found, key=lambda item: (-item.units * item.grams, item.variant_id))


def _filled(item: _Item, chosen: Sequence[int]) -> tuple[int, ...] | None:
    share, missing = [0] * len(item.room), item.units
    for house in chosen:
        share[house] = min(missing, item.room[house])
        missing -= share[house]
    return None if missing else tuple(share)


def _weights(items: Sequence[_Item], shares: Sequence[tuple[int, ...]], houses: int) -> list[int | None]:
    grams: list[int | None] = [None] * houses
    for item, share in zip(items, shares, strict=True):
        grams = _heavier(grams, share, item.grams)
    return grams


def _heavier(grams: Sequence[int | None], share: tuple[int, ...], each_g: int) -> list[int | None]:
    return [
        (weight or 0) + units * each_g if units else weight
        for weight, units in zip(grams, share, strict=True)
    ]


def _shares(units: int, room: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every way to share units over warehouses with so much room, as much as can be from the first ones first."""
    if not room:
        if not units:
            yield ()
        return
    rest = sum(room[1:])
    for here in range(min(units, room[0]), max(units - rest, 0) - 1, -1):
        for others in _shares(units - here, room[1:]):
            yield (here, *others)
