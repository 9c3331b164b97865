"""Whatever is asked for, received, found and settled, in whatever sequence: units delivered are those kept and those gone, no
money goes back that did not come in, and stock adds up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.models import Case, CaseLine
from callcart.commerce.aftersales.public import FindingDraft, Goods, RulesDraft, Settlement
from callcart.commerce.aftersales.states import REMEDIES
from callcart.commerce.aftersales.units import units_of
from callcart.commerce.inventory.public import Stock, recount
from callcart.commerce.payments.public import Refund, request_refund
from callcart.core import events, integrity
from callcart.core.errors import AppError
from callcart.core.ids import new_id
from tests.commerce.aftersales.counter import Counter, usd
from tests.commerce.shop import open_shop

PICK = st.integers(0, 5)
UNITS = st.integers(0, 3)
KINDS = [
    ("return", "changed_mind", ""),
    ("return", "faulty", ""),
    ("exchange", "faulty", ""),
    ("claim", "missing", "refund"),
]


class Counted(RuleBasedStateMachine):
    """One order of 3 A and 2 B. A rule may be refused by name; a refusal leaves no trace."""

    counter: Counter

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        shop = self.counter.shop
        shop.goods("A", price=997, west=20)
        shop.goods("B", price=333, west=20)
        aftersales.set_rules(shop.boss, RulesDraft(fee_bp=700, carriage="all_back"), version=1)
        self.order = self.counter.delivered(("A", 3), ("B", 2))
        self.back = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def do(self, work: Callable[[], Any]) -> Any:
        try:
            with transaction.atomic(), events.handled_at_once():
                return work()
        except AppError:
            return None

    def some(self, pick: int, *states: str) -> Case | None:
        found = list(Case.objects.filter(state__in=states).order_by("id"))
        return found[pick % len(found)] if found else None

    @rule(kind=st.sampled_from(KINDS), a=UNITS, b=UNITS)
    def ask(self, kind: tuple[str, str, str], a: int, b: int) -> None:
        name, reason, wish = kind
        self.do(lambda: self.counter.ask(self.order, a, b, kind=name, reason=reason, wish=wish))

    @rule(pick=PICK, how=st.sampled_from(["approve", "approve", "refuse", "cancel"]))
    def decide(self, pick: int, how: str) -> None:
        boss = self.counter.shop.boss
        if (case := self.some(pick, "asked", "waiting")) is None:
            return
        words = {"answer": "no"} if how == "refuse" else {}
        self.do(lambda: getattr(aftersales, how)(boss, case.id, version=case.version, **words))

    @rule(pick=PICK, less=st.integers(0, 1))
    def receive(self, pick: int, less: int) -> None:
        if (case := self.some(pick, "waiting")) is None:
            return
        units = {row.id: max(row.quantity - less, 0) for row in case.lines.all()}
        place = self.counter.shop.warehouses["west"].id
        self.do(
            lambda: aftersales.receive(
                self.counter.shop.boss, case.id, units=units, warehouse_id=place, version=case.version
            )
        )

    @rule(pick=PICK, goods=st.sampled_from([*Goods]), remedy=st.integers(0, 1))
    def inspect(self, pick: int, goods: Goods, remedy: int) -> None:
        if (case := self.some(pick, "received")) is None:
            return
        offered = REMEDIES[goods]
        given = offered[remedy % len(offered)] if offered else ""
        found = [FindingDraft(row.id, row.received, goods, given) for row in case.lines.all() if row.received]
        self.do(lambda: aftersales.inspect(self.counter.shop.boss, case.id, found, version=case.version))

    @rule(pick=PICK)
    def settle(self, pick: int) -> None:
        if (case := self.some(pick, "inspected", "approved")) is not None:
            self.do(
                lambda: aftersales.settle(self.counter.shop.boss, case.id, Settlement(), version=case.version)
            )

    @rule(minor=st.integers(1, 2000))
    def refund_besides(self, minor: int) -> None:
        boss = self.counter.shop.boss
        self.do(
            lambda: request_refund(
                boss, self.order.id, amount=usd(minor), reason="x", idempotency_key=str(new_id())
            )
        )

    @rule(state=st.sampled_from(["returning", "returned"]))
    def parcel_comes_back(self, state: str) -> None:
        self.do(lambda: self.counter.scan(self.counter.parcels(self.order)[0], state))

    @invariant()
    def units_are_kept_or_gone(self) -> None:
        units = units_of(self.order.id)
        for line in self.order.lines.all():
            found = units.of(line.id)
            assert 0 <= found.gone <= found.taken <= found.sent == line.quantity

    @invariant()
    def money_never_exceeds(self) -> None:
        rows = Refund.objects.exclude(state__in=["cancelled", "failed"])
        assert sum(row.amount_minor for row in rows) <= self.order.total_minor

    @invariant()
    def stock_adds_up(self) -> None:
        assert recount() == []
        for sku, sent in (("A", 3), ("B", 2)):
            row = Stock.objects.get(variant=self.counter.shop.variants[sku], warehouse__code="west")
            lines = CaseLine.objects.filter(sku=sku, case__state__in=["inspected", "settled", "closed"])
            kept = sum(
                each.quantity
                for line in lines
                for each in line.findings.filter(goods__in=["restock", "damaged"])
            )
            assert row.on_hand + row.damaged == 20 - sent + kept

    @invariant()
    def nothing_is_off(self) -> None:
        for domain in ("aftersales", "orders", "payments"):
            assert integrity.find_in(domain) == []


@pytest.mark.timeout(120)
def test_any_sequence_keeps_units_money_and_stock(tenant: Any) -> None:
    class Machine(Counted):
        counter = Counter(open_shop(tenant))

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=11,
            deadline=None,
            suppress_health_check=[*HealthCheck],
            derandomize=True,
        ),
    )
