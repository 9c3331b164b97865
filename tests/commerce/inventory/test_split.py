"""Sharing demands over warehouses: nothing is invented, nothing is lost, the near shelf first."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.commerce.inventory.split import Demand, Shelf, split
from callcart.core.regions import region_key

SKUS = [UUID(int=n) for n in range(1, 4)]
SHELVES = st.lists(
    st.tuples(st.sampled_from(SKUS), st.integers(-5, 20), st.booleans(), st.sampled_from(["", "浙江省"])),
    max_size=8,
).map(
    lambda rows: [
        Shelf(
            stock_id=UUID(int=100 + n),
            variant_id=sku,
            warehouse_id=UUID(int=200 + n),
            available=units,
            backorderable=open_,
            regions=[region] if region else [],
        )
        for n, (sku, units, open_, region) in enumerate(rows)
    ]
)
DEMANDS = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 15)), min_size=1, max_size=6).map(
    lambda rows: [Demand(UUID(int=300 + n), sku, units) for n, (sku, units) in enumerate(rows)]
)


@given(DEMANDS, SHELVES)
def test_every_line_gets_all_of_it_or_nobody_anything(demands: list[Demand], shelves: list[Shelf]) -> None:
    before = {shelf.stock_id: shelf.available for shelf in shelves}
    open_ = {shelf.stock_id for shelf in shelves if shelf.backorderable}
    result = split(demands, shelves, "浙江")
    wanted, given_ = Counter[UUID](), Counter[UUID]()
    for demand in demands:
        wanted[demand.variant_id] += demand.quantity
    for take in result.takes:
        given_[take.stock_id] += take.quantity
    there = {sku: sum(max(s_before, 0) for s, s_before in _of(before, shelves, sku)) for sku in SKUS}
    can_wait = {sku: any(s.backorderable for s in shelves if s.variant_id == sku) for sku in SKUS}
    short = {sku for sku in wanted if wanted[sku] > there[sku] and not can_wait[sku]}
    assert {shortage.variant_id for shortage in result.shortages} == short
    if short:
        assert not result.takes
        return
    by_line = Counter[UUID]()
    for take in result.takes:
        by_line[take.line_id] += take.quantity
    assert by_line == {demand.line_id: demand.quantity for demand in demands}
    assert all(take.quantity > 0 for take in result.takes)
    for stock_id, units in given_.items():
        assert stock_id in open_ or units <= before[stock_id]


def _of(before: dict[UUID, int], shelves: list[Shelf], sku: UUID) -> list[tuple[UUID, int]]:
    return [(s.stock_id, before[s.stock_id]) for s in shelves if s.variant_id == sku]


def shelf(number: int, units: int, *, regions: tuple[str, ...] = (), priority: int = 100) -> Shelf:
    return Shelf(
        stock_id=UUID(int=number),
        variant_id=SKUS[0],
        warehouse_id=UUID(int=number),
        available=units,
        regions=regions,
        priority=priority,
    )


def test_the_region_decides_before_the_priority() -> None:
    far = shelf(1, 9, regions=("广东",), priority=1)
    anywhere = shelf(2, 2, priority=50)
    near = shelf(3, 2, regions=("浙江省",), priority=99)
    result = split([Demand(UUID(int=9), SKUS[0], 6)], [far, anywhere, near], "浙江")
    assert [(take.stock_id.int, take.quantity) for take in result.takes] == [(3, 2), (2, 2), (1, 2)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("浙江", "浙江省"),
        ("新疆", "新疆维吾尔自治区"),
        ("内蒙古", "内蒙古自治区"),
        ("上海", "上海市"),
        ("OREGON ", "oregon"),
        ("香港", "香港特别行政区"),
    ],
)
def test_two_spellings_of_a_region_are_one(one: str, other: str) -> None:
    assert region_key(one) == region_key(other)


def test_a_region_is_not_cut_to_one_letter() -> None:
    assert region_key("沙市") == "沙市"
