"""Whatever is done to orders in whatever sequence, stock is conserved: what is allocated is what live orders hold, movements
add up to the counts, nothing is below zero, and each order owes what its lines come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.public import Movement, Reservation, Stock, recount
from callcart.commerce.orders.public import (
    AddLine,
    Order,
    RemoveLine,
    SetQuantity,
    axes_of,
    cancel_order,
    confirm_change,
    confirm_order,
    hold_order,
    ship_order,
    unhold_order,
)
from callcart.commerce.payments.public import Payment
from callcart.core.errors import AppError
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, open_shop

SKUS = ("A", "B", "WAITS")
UNITS = st.integers(1, 4)


class Trade(RuleBasedStateMachine):
    """Each rule may be refused by name; a refusal leaves no trace, and no other error may come."""

    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.sent = dict.fromkeys(SKUS, 0)
        self.received = {"A": 14, "B": 6, "WAITS": 2}
        for sku in SKUS:
            self.shop.goods(
                sku, west=self.received[sku] // 2, east=self.received[sku] // 2, backorder=sku == "WAITS"
            )

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def order(self, pick: int) -> Order | None:
        rows = list(Order.objects.order_by("id"))
        return rows[pick % len(rows)] if rows else None

    @contextmanager
    def refusable(self) -> Iterator[None]:
        before = self.figures()
        try:
            with transaction.atomic():
                yield
        except AppError:
            assert self.figures() == before

    def figures(self) -> Any:
        return (
            list(Stock.objects.order_by("id").values_list("on_hand", "allocated")),
            list(Order.objects.order_by("id").values_list("state", "version", "total_minor")),
            Movement.objects.count(),
        )

    @rule(lines=st.lists(st.tuples(st.sampled_from(SKUS), UNITS), min_size=1, max_size=3))
    def place(self, lines: list[tuple[str, int]]) -> None:
        with self.refusable():
            self.shop.place(*lines)

    @rule(pick=st.integers(0, 99), units=UNITS, which=st.integers(0, 9))
    def resize(self, pick: int, units: int, which: int) -> None:
        if order := self.order(pick):
            lines = list(order.lines.order_by("position"))
            line = lines[which % len(lines)]
            with self.refusable():
                confirm_change(self.shop.boss, order.id, [SetQuantity(line.id, units)], version=order.version)

    @rule(pick=st.integers(0, 99), sku=st.sampled_from(SKUS), units=UNITS)
    def swap_a_line(self, pick: int, sku: str, units: int) -> None:
        if order := self.order(pick):
            first = order.lines.order_by("position")[0]
            actions = [RemoveLine(first.id), AddLine(self.shop.variants[sku].id, units)]
            with self.refusable():
                confirm_change(self.shop.boss, order.id, actions, version=order.version)

    @rule(pick=st.integers(0, 99), verb=st.sampled_from(["hold", "unhold", "confirm", "cancel"]))
    def step(self, pick: int, verb: str) -> None:
        verbs: dict[str, Callable[..., object]] = {
            "hold": lambda *a, **k: hold_order(*a, reason="x", **k),
            "unhold": unhold_order,
            "confirm": confirm_order,
            "cancel": lambda *a, **k: cancel_order(*a, reason="x", **k),
        }
        if order := self.order(pick):
            with self.refusable():
                verbs[verb](self.shop.boss, order.id, version=order.version)

    @rule(pick=st.integers(0, 99), all_=st.booleans())
    def send(self, pick: int, all_: bool) -> None:
        if order := self.order(pick):
            lines = None if all_ else [order.lines.order_by("position")[0].id]
            with self.refusable():
                parcel = ship_order(self.shop.boss, order.id, version=order.version, line_ids=lines)
                skus = dict(order.lines.values_list("id", "sku"))
                for line_id, units in parcel.lines.values_list("line_id", "quantity"):
                    self.sent[skus[line_id]] += units

    @rule(sku=st.sampled_from(SKUS), change=st.integers(-3, 3).filter(bool))
    def correct(self, sku: str, change: int) -> None:
        with self.refusable():
            inventory.adjust(
                self.shop.boss,
                variant_id=self.shop.variants[sku].id,
                warehouse_id=self.shop.warehouses["west"].id,
                change=change,
                reason="count",
            )
            self.received[sku] += change

    @invariant()
    def stock_is_conserved(self) -> None:
        assert recount() == []
        for sku in SKUS:
            rows = self.shop.stock(sku).values()
            assert sum(on_hand for on_hand, _ in rows) == self.received[sku] - self.sent[sku]
            assert all(on_hand >= 0 and allocated >= 0 for on_hand, allocated in rows)
            assert sku == "WAITS" or all(allocated <= on_hand for on_hand, allocated in rows)

    @invariant()
    def kept_axes_are_the_derived_ones(self) -> None:
        orders = list(Order.objects.all())
        derived = axes_of(orders)
        for order in orders:
            axes = derived[order.id]
            assert (order.payment_state, order.fulfilment_state) == (axes.payment, axes.fulfilment)

    @invariant()
    def live_orders_hold_what_they_were_promised(self) -> None:
        held: dict[Any, int] = {}
        for row in Reservation.objects.filter(state="held"):
            held[row.line_id] = held.get(row.line_id, 0) + row.quantity
        gone: dict[Any, int] = {}
        for row in Reservation.objects.filter(state="shipped"):
            gone[row.line_id] = gone.get(row.line_id, 0) + row.quantity
        for order in Order.objects.all():
            lines = list(order.lines.all())
            for line in lines:
                promised = 0 if order.state == "cancelled" else line.quantity
                assert held.pop(line.id, 0) + gone.get(line.id, 0) == promised
            owed = Payment.objects.get(order_id=order.id)
            assert order.total_minor == sum(line.total_minor for line in lines) + order.delivery_minor
            assert order.state == "cancelled" or owed.amount_minor == order.total_minor
        assert not held


@pytest.mark.timeout(400)
def test_stock_and_money_are_conserved(tenant: Tenant) -> None:
    Trade.shop = open_shop(tenant)
    run_state_machine_as_test(
        Trade,
        settings=settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
