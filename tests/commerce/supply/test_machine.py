"""Whatever is asked, received, ordered, cancelled and timed out in whatever sequence: what is held is reserved, no more is promised
than there is, nobody waits while units are free once the queue was served, and the queue keeps its order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.models import Reservation
from callcart.commerce.orders.public import cancel_order
from callcart.commerce.supply.models import ArrivalNotice, NoticeState
from callcart.commerce.supply.public import ask_notice, cancel_notice, expire, serve
from callcart.core import integrity
from callcart.core.clock import frozen, now
from callcart.core.errors import AppError
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, open_shop
from tests.commerce.supply.waiting import customer

SKUS = st.sampled_from(("A", "B"))
PLACES = st.sampled_from(("west", "east"))
UNITS = st.integers(1, 3)
PICK = st.integers(0, 99)


class Queue(RuleBasedStateMachine):
    """Each rule may be refused by name; a refusal leaves no trace."""

    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.orders: list[Any] = []
        self.people = [customer(self.shop, f"Person {number}") for number in range(4)]
        for sku in ("A", "B"):
            self.shop.goods(sku, west=1)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def figures(self) -> Any:
        return (
            [self.shop.stock(sku) for sku in ("A", "B")],
            list(ArrivalNotice.objects.order_by("id").values_list("state", "held", "quantity")),
        )

    @contextmanager
    def refusable(self) -> Iterator[None]:
        before = self.figures()
        try:
            with transaction.atomic():
                yield
        except AppError:
            assert self.figures() == before

    def serve_all(self) -> None:
        for sku in ("A", "B"):
            serve(self.shop.variants[sku].id)

    @rule(sku=SKUS, who=PICK, units=UNITS, channel=st.sampled_from(("sms", "mail", "call")))
    def ask(self, sku: str, who: int, units: int, channel: str) -> None:
        variant = self.shop.variants[sku].id
        with self.refusable():
            ask_notice(
                self.shop.boss, variant_id=variant, channel=channel, customer_id=self.people[who % 4].id, quantity=units
            )  # fmt: skip

    @rule(sku=SKUS, place=PLACES, units=UNITS)
    def receive(self, sku: str, place: str, units: int) -> None:
        variant, house = self.shop.variants[sku].id, self.shop.warehouses[place].id
        inventory.receive(self.shop.boss, variant_id=variant, warehouse_id=house, quantity=units)
        self.serve_all()

    @rule(sku=SKUS, other=st.booleans(), who=PICK, units=UNITS)
    def order(self, sku: str, other: bool, who: int, units: int) -> None:
        lines = [(sku, units), ("B" if sku == "A" else "A", 1)][: 1 + other]
        with self.refusable():
            self.orders.append(self.shop.place(*lines, customer_id=self.people[who % 4].id))
        self.serve_all()

    @rule(pick=PICK)
    def cancel_an_order(self, pick: int) -> None:
        if self.orders:
            order = self.orders.pop(pick % len(self.orders))
            cancel_order(self.shop.boss, order.id, reason="test", version=order.version)
            self.serve_all()

    @rule(pick=PICK)
    def take_back(self, pick: int) -> None:
        rows = list(ArrivalNotice.objects.order_by("id"))
        if rows:
            with self.refusable():
                cancel_notice(self.shop.boss, rows[pick % len(rows)].id)
            self.serve_all()

    @rule(hours=st.sampled_from((1, 49)))
    def time_passes(self, hours: int) -> None:
        with frozen(now() + timedelta(hours=hours)):
            for row in ArrivalNotice.objects.filter(state=NoticeState.TOLD).order_by("id"):
                due = row.held_until is not None and row.held_until <= now()
                assert expire(row.id) == due

    @invariant()
    def all_adds_up(self) -> None:
        assert integrity.find_in("supply") == []
        assert integrity.find_in("inventory") == []
        held = Reservation.objects.filter(holder_kind="arrival_notice", state="held")
        told = ArrivalNotice.objects.filter(state=NoticeState.TOLD)
        assert sum(row.quantity for row in held) == sum(row.held for row in told)

    @invariant()
    def nobody_waits_for_what_is_free_and_the_first_are_told_first(self) -> None:
        for sku in ("A", "B"):
            free = sum(on_hand - allocated for on_hand, allocated in self.shop.stock(sku).values())
            rows = list(ArrivalNotice.objects.filter(variant=self.shop.variants[sku]).order_by("id"))
            waiting = [row.id for row in rows if row.state == NoticeState.WAITING]
            assert not (free and waiting)
            told = [row.id for row in rows if row.state == NoticeState.TOLD]
            assert not told or not waiting or max(told) < min(waiting)


@pytest.mark.timeout(120)
def test_any_sequence_keeps_holds_and_stock_equal(tenant: Tenant) -> None:
    Queue.shop = open_shop(tenant)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Queue,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
