"""Strategies against brute force: all demand is covered wherever that is possible, nothing is taken that is not there, fewest is
fewest, cheapest is cheapest, and the same question has the same answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from itertools import combinations, product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.commerce.inventory import freight as search
from callcart.commerce.inventory.allocate import Choice, Why, allocate, covers, fewest
from callcart.commerce.inventory.allocation_tables import Strategy
from callcart.commerce.inventory.models import Allocation
from callcart.commerce.inventory.public import (
    STRATEGIES,
    InsufficientStock,
    StaleStrategy,
    set_strategy,
    strategy_of_shop,
    why_here,
)
from callcart.commerce.inventory.split import Demand, Shelf
from callcart.commerce.orders.public import reallocate
from callcart.core.errors import Invalid, PermissionDenied
from tests.commerce.shop import Shop

SKUS = [UUID(int=n) for n in range(1, 4)]
HOUSES = [UUID(int=200 + n) for n in range(4)]


def shelf(house: int, sku: int, units: int, *, safety: int = 0, backorderable: bool = False) -> Shelf:
    return Shelf(
        stock_id=UUID(int=1000 + 10 * house + sku), variant_id=SKUS[sku], warehouse_id=HOUSES[house],
        available=units, priority=10 * house, code=str(house), safety=safety, backorderable=backorderable,
    )  # fmt: skip


SHELVES = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 2)),
    st.tuples(st.integers(-1, 4), st.integers(0, 2)),
    max_size=9,
).map(lambda rows: [shelf(*at, units, safety=safety) for at, (units, safety) in sorted(rows.items())])
DEMANDS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=3).map(
    lambda rows: [
        Demand(UUID(int=300 + n), SKUS[sku], units, 100 * (sku + 1)) for n, (sku, units) in enumerate(rows)
    ]
)
# A base price by warehouse, and a price a kilogram begun.
RATES = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.booleans()), min_size=4, max_size=4)
Rates = Sequence[tuple[int, int, bool]]


def priced(rates: Rates) -> search.Freight:
    def ask(house: UUID, grams: int) -> int | None:
        base, step, open_ = rates[HOUSES.index(house)]
        return base + step * -(-grams // 250) if open_ else None

    return ask


def houses_of(choice: Choice) -> set[UUID]:
    return {take.warehouse_id for take in choice.split.takes}


def brute_force_cost(demands: Sequence[Demand], shelves: Sequence[Shelf], ask: search.Freight) -> int | None:
    wanted: Counter[UUID] = Counter()
    for each in demands:
        wanted[each.variant_id] += each.quantity
    ways = []
    for variant, units in wanted.items():
        rows = [each for each in shelves if each.variant_id == variant and each.available > 0]
        shares = product(*(range(min(each.available, units) + 1) for each in rows))
        ways.append(
            [
                [
                    (row.warehouse_id, taken * (100 * (SKUS.index(variant) + 1)))
                    for row, taken in zip(rows, share, strict=True)
                    if taken
                ]
                for share in shares
                if sum(share) == units
            ]
        )
    best = None
    for chosen in product(*ways):
        grams: Counter[UUID] = Counter()
        for parts in chosen:
            for house, weight in parts:
                grams[house] += weight
        prices = [ask(house, weight) for house, weight in grams.items()]
        if all(price is not None for price in prices):
            cost = sum(price for price in prices if price is not None)
            best = cost if best is None else min(best, cost)
    return best


@pytest.mark.parametrize("strategy", list(Strategy))
@settings(max_examples=60, deadline=None)
@given(DEMANDS, SHELVES, RATES)
def test_all_is_covered_or_nothing_taken(
    strategy: Strategy, demands: list[Demand], shelves: list[Shelf], rates: Rates
) -> None:
    possible = covers(demands, shelves, set(HOUSES))
    before, again = {each.stock_id: each.available for each in shelves}, deepcopy(shelves)
    choice = allocate(strategy, demands, shelves, "", priced(rates))
    assert bool(choice.split.shortages) == (not possible)
    by_line, by_shelf = Counter[UUID](), Counter[UUID]()
    for take in choice.split.takes:
        by_line[take.line_id] += take.quantity
        by_shelf[take.stock_id] += take.quantity
    assert by_line == ({each.line_id: each.quantity for each in demands} if possible else {})
    assert all(units <= before[stock_id] for stock_id, units in by_shelf.items())
    if possible:
        assert {each.stock_id: before[each.stock_id] - each.available for each in shelves} == {
            each.stock_id: by_shelf[each.stock_id] for each in shelves
        }
    same = allocate(strategy, demands, again, "", priced(rates))
    assert (same.split.takes, same.why, same.data) == (choice.split.takes, choice.why, choice.data)


@settings(max_examples=150, deadline=None)
@given(DEMANDS, SHELVES)
def test_fewest_parcels_is_minimal(demands: list[Demand], shelves: list[Shelf]) -> None:
    sizes = [
        size
        for size in range(1, 5)
        if any(covers(demands, shelves, set(chosen)) for chosen in combinations(HOUSES, size))
    ]
    choice = allocate(Strategy.FEWEST, demands, shelves, "")
    if sizes:
        assert len(houses_of(choice)) == sizes[0] == choice.data["parcels"]
        assert choice.why is Why.FEWEST


@settings(max_examples=150, deadline=None)
@given(DEMANDS, SHELVES, RATES)
def test_freight_is_minimal(demands: list[Demand], shelves: list[Shelf], rates: Rates) -> None:
    ask = priced(rates)
    if not covers(demands, shelves, set(HOUSES)):
        return
    best = brute_force_cost(demands, deepcopy(shelves), ask)
    choice = allocate(Strategy.CHEAPEST, demands, shelves, "", ask)
    if best is None:
        assert choice.why is Why.NO_RATES
        return
    assert (choice.why, choice.data["freight"]) == (Why.CHEAPEST, best)
    weights = {each.line_id: each.weight_g for each in demands}
    grams: Counter[UUID] = Counter()
    for take in choice.split.takes:
        grams[take.warehouse_id] += take.quantity * weights[take.line_id]
    assert sum(ask(house, weight) or 0 for house, weight in grams.items()) == best


@settings(max_examples=100, deadline=None)
@given(DEMANDS, SHELVES)
def test_safety_stock_goes_only_where_nothing_else_is_left(
    demands: list[Demand], shelves: list[Shelf]
) -> None:
    choice = allocate(Strategy.SAFETY, demands, shelves, "")
    for broken in (each for each in shelves if choice.split.takes and each.available < each.safety):
        if any(take.stock_id == broken.stock_id for take in choice.split.takes):
            others = [each for each in shelves if each.variant_id == broken.variant_id]
            assert all(each.available <= each.safety for each in others)


def test_the_nearest_with_everything_before_nearer_ones_with_a_part() -> None:
    demands = [Demand(UUID(int=1), SKUS[0], 2), Demand(UUID(int=2), SKUS[1], 1)]
    shelves = [shelf(0, 0, 5), shelf(1, 0, 2), shelf(1, 1, 1), shelf(2, 0, 9), shelf(2, 1, 9)]
    whole = allocate(Strategy.WHOLE, demands, deepcopy(shelves), "")
    assert (houses_of(whole), whole.why) == ({HOUSES[1]}, Why.ALL_HERE)
    near = allocate(Strategy.NEAREST, demands, deepcopy(shelves), "")
    assert (houses_of(near), near.why) == ({HOUSES[0], HOUSES[1]}, Why.NEAREST)
    nowhere = allocate(Strategy.WHOLE, [*demands, Demand(UUID(int=3), SKUS[0], 13)], deepcopy(shelves), "")
    assert nowhere.why is Why.NOWHERE_ALL and not nowhere.split.shortages


def test_goods_ordered_back_are_promised_by_every_strategy() -> None:
    demands = [Demand(UUID(int=1), SKUS[0], 7)]
    for strategy in Strategy:
        shelves = [shelf(0, 0, 2), shelf(1, 0, 1, backorderable=True)]
        choice = allocate(strategy, demands, shelves, "", priced([(1, 1, True)] * 4))
        assert {(take.warehouse_id, take.quantity) for take in choice.split.takes} == {
            (HOUSES[0], 2),
            (HOUSES[1], 5),
        }


def test_very_many_warehouses_have_a_good_answer_in_time() -> None:
    houses = [UUID(int=500 + n) for n in range(30)]
    shelves = [
        Shelf(UUID(int=2000 + n), SKUS[0], house, 1, priority=n, code=f"{n:02}")
        for n, house in enumerate(houses)
    ]
    demands = [Demand(UUID(int=1), SKUS[0], 20, 100)]
    chosen, exact = fewest(demands, shelves, houses)
    assert (chosen, exact) == (set(houses[:20]), False)
    found = search.cheapest(demands, shelves, houses, lambda _house, grams: grams)
    assert found is not None and not found.exact
    assert sum(found.units.values()) == 20


def test_a_search_past_its_bound_keeps_the_best_so_far() -> None:
    demands = [Demand(UUID(int=n), SKUS[n], 40, 10 + n) for n in range(3)]
    shelves = [shelf(house, sku, 30) for house in range(4) for sku in range(3)]
    ask = priced([(5, 3, True), (9, 1, True), (7, 2, True), (1, 9, True)])
    first = search.cheapest(demands, shelves, HOUSES, ask)
    assert first is not None and not first.exact
    assert first == search.cheapest(demands, shelves, HOUSES, ask)
    units: Counter[UUID] = Counter()
    for (variant, _house), taken in first.units.items():
        units[variant] += taken
    assert units == dict.fromkeys(SKUS, 40)


@pytest.mark.parametrize(
    ("strategy", "stock", "said"),
    [
        ("nearest", {"west": (2, 2), "east": (3, 1)}, "Each product comes from the nearest warehouse that has it."),
        ("whole", {"west": (2, 0), "east": (3, 3)}, "This is the nearest warehouse that has everything."),
        ("fewest", {"west": (2, 0), "east": (3, 3)}, "Fewest parcels: one warehouse has everything."),
        ("cheapest", {"west": (2, 2), "east": (3, 1)}, "No carrier has a rate for this address: each product comes from the nearest warehouse that has it."),
        ("safety", {"west": (2, 2), "east": (3, 1)}, "The nearest that can send it and keep their safety stock."),
    ],
)  # fmt: skip
def test_orders_are_held_by_the_shops_strategy_and_say_why(
    shop: Shop, strategy: str, stock: dict[str, tuple[int, int]], said: str
) -> None:
    shop.goods("TEA", west=2, east=3)
    set_strategy(shop.boss, strategy, version=0)
    order = shop.place(("TEA", 3))
    assert shop.stock("TEA") == stock
    assert why_here(order.id) == said
    assert Allocation.objects.filter(order_id=order.id).count() == (0 if strategy == "nearest" else 1)


def test_what_a_clerk_chose_is_said(shop: Shop) -> None:
    tea = shop.goods("TEA", west=2, east=3)
    order = shop.place(("TEA", 2))
    line, sam = order.lines.get(), shop.staff("orders.edit", "orders.view")
    reallocate(sam, order.id, {line.id: {shop.warehouses["east"].id: 2}}, version=order.version)
    assert shop.stock("TEA") == {"west": (2, 0), "east": (3, 2)}
    assert why_here(order.id) == "Chosen by Sam Staff."
    assert tea.id == line.variant_id


def test_the_strategy_is_chosen_by_who_may_and_on_what_they_saw(shop: Shop) -> None:
    with pytest.raises(PermissionDenied):
        set_strategy(shop.staff("inventory.view"), "fewest", version=0)
    with pytest.raises(Invalid) as refused:
        set_strategy(shop.boss, "magic", version=0)
    assert set(refused.value.fields) == {"strategy"}
    assert strategy_of_shop().strategy == "nearest"
    set_strategy(shop.staff("inventory.manage"), "fewest", version=0)
    with pytest.raises(StaleStrategy):
        set_strategy(shop.boss, "whole", version=0)
    assert strategy_of_shop().strategy == "fewest"
    assert set(STRATEGIES) == set(Strategy)


def test_shortages_read_the_same_under_every_strategy(shop: Shop) -> None:
    shop.goods("TEA", west=1, east=1)
    for version, strategy in enumerate(Strategy):
        set_strategy(shop.boss, strategy, version=version)
        with pytest.raises(InsufficientStock) as refused:
            shop.place(("TEA", 3))
        assert refused.value.fields == {"lines.0.quantity": "Only 1 left in West, 1 left in East."}
        assert shop.stock("TEA") == {"west": (1, 0), "east": (1, 0)}
