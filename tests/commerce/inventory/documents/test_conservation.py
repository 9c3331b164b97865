"""Whatever is received, counted, moved, laid apart, written off, promised and shipped in whatever sequence: counts are the sum
of their movements, no more is promised than there is, units in a transfer are always somewhere, nothing falls below zero."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import Arrival, Counted, Document, DocumentLine, Outcome
from callcart.commerce.inventory.public import Condition, Demand, Movement, Reservation, Stock, recount
from callcart.core.errors import AppError
from callcart.core.ids import new_id
from callcart.people.tenants.public import Tenant
from tests.commerce.inventory.documents.yard import begin_count, key, lines, purchase, stock_out
from tests.commerce.shop import Shop, open_shop

SKUS = st.sampled_from(("A", "B"))
PLACES = st.sampled_from(("west", "east"))
UNITS = st.integers(1, 5)
PICK = st.integers(0, 99)
CONDITIONS = st.sampled_from(list(Condition))


class Yard(RuleBasedStateMachine):
    """Each rule may be refused by name; a refusal leaves no trace. `total` is how many units should be somewhere."""

    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.orders: list[Any] = []
        self.total = 0
        for sku in ("A", "B"):
            self.shop.goods(sku, west=6, east=3)
            self.total += 9

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def figures(self) -> Any:
        names = ("on_hand", "allocated", "damaged", "inspecting", "in_transit")
        return (
            list(Stock.objects.order_by("id").values_list(*names)),
            list(Document.objects.order_by("id").values_list("state", "version")),
            Movement.objects.count(),
        )

    @contextmanager
    def refusable(self) -> Iterator[None]:
        before, total = self.figures(), self.total
        try:
            with transaction.atomic():
                yield
        except AppError:
            assert self.figures() == before
            self.total = total

    def units(self) -> int:
        found = Stock.objects.aggregate(
            a=Sum("on_hand"), b=Sum("damaged"), c=Sum("inspecting"), d=Sum("in_transit")
        )
        return sum(each or 0 for each in found.values())

    def document(self, pick: int, *types: str) -> Document | None:
        rows = list(Document.objects.filter(type__in=types, ended_at=None).order_by("id"))
        return rows[pick % len(rows)] if rows else None

    def at(self, sku: str, place: str) -> dict[str, Any]:
        return {"variant_id": self.shop.variants[sku].id, "warehouse_id": self.shop.warehouses[place].id}

    @rule(sku=SKUS, place=PLACES, units=UNITS)
    def order_goods(self, sku: str, place: str, units: int) -> None:
        purchase(self.shop, (sku, units), place=place)

    @rule(sku=SKUS, units=UNITS, back=st.booleans())
    def plan_transfer(self, sku: str, units: int, back: bool) -> None:
        ends = ("east", "west") if back else ("west", "east")
        draft = documents.TransferDraft(
            self.shop.warehouses[ends[0]].id, self.shop.warehouses[ends[1]].id, lines(self.shop, (sku, units))
        )
        with self.refusable():
            documents.send(self.shop.boss, documents.make_transfer(self.shop.boss, draft).id)

    @rule(
        pick=PICK, sku=SKUS, units=st.integers(-2, 5).filter(bool), condition=CONDITIONS, over=st.booleans()
    )
    def take_in(self, pick: int, sku: str, units: int, condition: Condition, over: bool) -> None:
        if document := self.document(pick, "stock_in", "transfer"):
            before = self.units()
            with self.refusable():
                arrival = Arrival(self.shop.variants[sku].id, units, condition)
                documents.receive(
                    self.shop.boss, document.id, [arrival], idempotency_key=key(), allow_over=over
                )
                self.total += self.units() - before
                assert document.type == "transfer" or self.units() - before == units

    @rule(pick=PICK)
    def finish(self, pick: int) -> None:
        if document := self.document(pick, "stock_in", "transfer"):
            with self.refusable():
                if document.type == "transfer":
                    documents.finish_receiving(self.shop.boss, document.id)
                else:
                    documents.close_stock_in(self.shop.boss, document.id, reason="no more")

    @rule(pick=PICK, units=UNITS, outcome=st.sampled_from(list(Outcome)))
    def explain(self, pick: int, units: int, outcome: Outcome) -> None:
        if document := self.document(pick, "transfer"):
            line = document.lines.order_by("id")[pick % document.lines.count()]
            with self.refusable():
                documents.explain(
                    self.shop.boss, document.id, line.id, outcome=outcome, units=units, reason="x"
                )
                self.total -= units if outcome in (Outcome.LOST, Outcome.SENT_MORE) else 0

    @rule(sku=SKUS)
    def begin_count(self, sku: str) -> None:
        begin_count(self.shop, sku)

    @rule(pick=PICK, sku=SKUS, units=st.integers(0, 12))
    def count(self, pick: int, sku: str, units: int) -> None:
        if document := self.document(pick, "count"):
            entry = Counted(self.shop.variants[sku].id, units, add=False)
            documents.count(self.shop.boss, document.id, [entry], idempotency_key=key())

    @rule(pick=PICK, uncounted=st.sampled_from(["leave", "zero", ""]))
    def post_count(self, pick: int, uncounted: str) -> None:
        if document := self.document(pick, "count"):
            before = self.units()
            with self.refusable():
                documents.post_count(self.shop.boss, document.id, reason="x", uncounted=uncounted)
                self.total += self.units() - before

    @rule(sku=SKUS, place=PLACES, units=UNITS, before=CONDITIONS, after=CONDITIONS)
    def change_condition(self, sku: str, place: str, units: int, before: Condition, after: Condition) -> None:
        with self.refusable():
            inventory.change_condition(
                self.shop.boss, quantity=units, before=before, after=after, reason="x", **self.at(sku, place)
            )

    @rule(sku=SKUS, place=PLACES, units=UNITS, condition=CONDITIONS)
    def put(self, sku: str, place: str, units: int, condition: Condition) -> None:
        inventory.put(self.shop.boss, quantity=units, condition=condition, reason="x", **self.at(sku, place))
        self.total += units

    @rule(sku=SKUS, units=UNITS, condition=CONDITIONS, by_document=st.booleans())
    def write_off(self, sku: str, units: int, condition: Condition, by_document: bool) -> None:
        with self.refusable():
            if by_document:
                documents.post_stock_out(
                    self.shop.boss, stock_out(self.shop, (sku, units), condition=condition).id
                )
            else:
                inventory.write_off(
                    self.shop.boss, quantity=units, condition=condition, reason="x", **self.at(sku, "west")
                )
            self.total -= units

    @rule(sku=SKUS, units=UNITS)
    def reserve(self, sku: str, units: int) -> None:
        order, line = new_id(), new_id()
        with self.refusable():
            demand = Demand(line, self.shop.variants[sku].id, units)
            inventory.reserve(self.shop.boss, order, [demand], region="Oregon")
            self.orders.append(order)

    @rule(pick=PICK, sent=st.booleans())
    def end_order(self, pick: int, sent: bool) -> None:
        if self.orders:
            order = self.orders.pop(pick % len(self.orders))
            if sent:
                self.total -= sum(inventory.ship(self.shop.boss, order).values())
            else:
                inventory.release(self.shop.boss, order)

    @invariant()
    def everything_adds_up(self) -> None:
        assert recount() == []

    @invariant()
    def no_unit_is_lost(self) -> None:
        assert self.units() == self.total

    @invariant()
    def promised_units_are_there(self) -> None:
        for row in Stock.objects.all():
            held = Reservation.objects.filter(stock=row, state="held").aggregate(units=Sum("quantity"))[
                "units"
            ]
            assert 0 <= row.allocated <= row.on_hand
            assert row.allocated == (held or 0)
            assert min(row.damaged, row.inspecting, row.in_transit) >= 0

    @invariant()
    def what_is_still_to_come_is_what_open_documents_await(self) -> None:
        for sku, variant in self.shop.variants.items():
            awaited = sum(
                max(line.expected - line.came, 0)
                for line in DocumentLine.objects.filter(variant=variant, document__type="stock_in")
                if line.document.state in ("open", "part_received")
            )
            assert sum(documents.incoming([variant.id]).values()) == awaited, sku


@pytest.mark.timeout(400)
def test_stock_is_conserved(tenant: Tenant) -> None:
    Yard.shop = open_shop(tenant)
    run_state_machine_as_test(
        Yard,
        settings=settings(
            max_examples=16,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
