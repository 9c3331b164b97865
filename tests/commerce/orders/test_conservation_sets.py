"""The same of sets: sold, changed, split, merged, sent in part and taken apart, their lines are always what the set costs, and
stock and money add up (`test_conservation` counts after each step)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from callcart.commerce.orders.models import Line, SoldSet
from callcart.commerce.orders.public import (
    AddLine,
    RemoveLine,
    SetPrice,
    SetQuantity,
    confirm_change,
    split_order,
)
from callcart.core.ids import new_id
from callcart.people.tenants.public import Tenant
from tests.commerce.orders.test_conservation import Trade
from tests.commerce.sets import compose
from tests.commerce.shop import open_shop

UNITS = st.integers(1, 3)


class Sets(Trade):
    """SET is one A and two WAITS at 19.99, PAIR three B at 0.10: odd prices and a price below one cent a unit."""

    def __init__(self) -> None:
        super().__init__()
        for sku, price, parts in (
            ("SET", 1999, (("A", 1), ("WAITS", 2))),
            ("PAIR", 10, (("B", 3), ("A", 1))),
        ):
            self.shop.goods(sku, price=price)
            compose(self.shop, sku, *parts)

    def a_set(self, pick: int) -> SoldSet | None:
        rows = list(SoldSet.objects.select_related("order").order_by("id"))
        return rows[pick % len(rows)] if rows else None

    @rule(
        sku=st.sampled_from(["SET", "PAIR"]),
        units=UNITS,
        alone=UNITS,
        method=st.sampled_from(["cod", "prepaid"]),
    )
    def place_sets(self, sku: str, units: int, alone: int, method: str) -> None:
        with self.refusable():
            self.shop.place((sku, units), ("A", alone), payment_method=method)

    @rule(pick=st.integers(0, 99), units=UNITS, price=st.none() | st.integers(0, 3000))
    def change_a_set(self, pick: int, units: int, price: int | None) -> None:
        if its := self.a_set(pick):
            action = SetQuantity(its.id, units) if price is None else SetPrice(its.id, price, "x")
            with self.refusable():
                confirm_change(self.shop.boss, its.order_id, [action], version=its.order.version)

    @rule(pick=st.integers(0, 99), sku=st.sampled_from(["SET", "PAIR"]), units=UNITS)
    def swap_a_set(self, pick: int, sku: str, units: int) -> None:
        if its := self.a_set(pick):
            actions = [RemoveLine(its.id), AddLine(self.shop.variants[sku].id, units)]
            with self.refusable():
                confirm_change(self.shop.boss, its.order_id, actions, version=its.order.version)

    @rule(pick=st.integers(0, 99), units=UNITS)
    def split_sets(self, pick: int, units: int) -> None:
        if its := self.a_set(pick):
            with self.refusable():
                kept, new = split_order(
                    self.shop.boss,
                    its.order_id,
                    {its.id: min(units, its.quantity)},
                    version=its.order.version,
                    idempotency_key=str(new_id()),
                )
                assert kept.total_minor + new.total_minor == its.order.total_minor

    @invariant()
    def the_parts_are_the_whole(self) -> None:
        for its in SoldSet.objects.all():
            rows = list(Line.objects.filter(sold_set=its))
            assert sum(row.total_minor for row in rows) == its.total_minor
            assert {row.order_id for row in rows} == {its.order_id}
            assert all(row.quantity == (row.set_units or 0) * its.quantity for row in rows)


@pytest.mark.timeout(400)
def test_sets_are_conserved(tenant: Tenant) -> None:
    Sets.shop = open_shop(tenant)
    run_state_machine_as_test(
        Sets,
        settings=settings(
            max_examples=5, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
