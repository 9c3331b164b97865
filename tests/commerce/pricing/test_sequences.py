"""Whatever is ordered, changed and cancelled in whatever sequence, with codes and promotions: lines add up to the goods, parts
to the total and the debt, no discount is below zero or above its line, no limit is passed, and every use is counted."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from callcart.commerce.orders.public import (
    AddCoupon,
    AddLine,
    Order,
    RemoveLine,
    SetDiscount,
    SetQuantity,
    cancel_order,
    confirm_change,
)
from callcart.commerce.payments.public import Payment
from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.models import Coupon, CustomerUse, Promotion
from callcart.core.database import raw, sql
from callcart.core.errors import AppError
from callcart.people.tenants.public import Tenant, update_tenant
from tests.commerce.pricing.conftest import make_offer
from tests.commerce.shop import Shop, open_shop

SKUS = ("A", "B", "C")
CODES = ("SPRING", "SET22", "SHIP", "NONE1")
UNITS = st.integers(1, 5)


class Trade(RuleBasedStateMachine):
    shop: Shop

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        for sku, price in zip(SKUS, (999, 1501, 333), strict=True):
            self.shop.goods(sku, price=price, west=200)
        a, b = (self.shop.variants[sku] for sku in "AB")
        make_offer(self.shop, "percent", percent_bp=725, min_goods_minor=3000, limit_total=3)
        make_offer(
            self.shop, "buy_get", buy_quantity=2, get_quantity=1, product_ids=(b.product_id,), priority=2
        )
        make_offer(self.shop, "amount", code="SPRING", amount_minor=777, uses=2, limit_per_customer=1)
        make_offer(
            self.shop, "bundle", code="SET22", bundle=((a.id, 1), (b.id, 1)), amount_minor=2000, exclusive=True, priority=9
        )  # fmt: skip
        make_offer(self.shop, "free_delivery", code="SHIP", min_goods_minor=1000)
        standard = pricing.save_tax_class(self.shop.boss, "std", name="Std", is_default=True)
        pricing.add_rate(self.shop.boss, pricing.RateDraft(standard.id, "US", 88_750, name="Tax"))

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def change(self, pick: int, *actions: object) -> None:
        rows = list(Order.objects.exclude(state="cancelled").order_by("id"))
        if rows:
            order = rows[pick % len(rows)]
            lines = list(order.lines.order_by("position"))
            made = [act(lines) if callable(act) else act for act in actions]
            try:
                with transaction.atomic():
                    confirm_change(self.shop.boss, order.id, made, version=order.version)
            except AppError:
                pass

    @rule(
        lines=st.lists(st.tuples(st.sampled_from(SKUS), UNITS), min_size=1, max_size=3),
        codes=st.lists(st.sampled_from(CODES), max_size=2),
    )
    def place(self, lines: list[tuple[str, int]], codes: list[str]) -> None:
        try:
            with transaction.atomic():
                self.shop.place(*lines, coupons=tuple(codes))
        except AppError:
            pass

    @rule(pick=st.integers(0, 9), units=UNITS)
    def resize(self, pick: int, units: int) -> None:
        self.change(pick, lambda lines: SetQuantity(lines[pick % len(lines)].id, units))

    @rule(pick=st.integers(0, 9), sku=st.sampled_from(SKUS), units=UNITS)
    def swap(self, pick: int, sku: str, units: int) -> None:
        self.change(pick, lambda lines: RemoveLine(lines[0].id), AddLine(self.shop.variants[sku].id, units))

    @rule(pick=st.integers(0, 9), code=st.sampled_from(CODES))
    def give_code(self, pick: int, code: str) -> None:
        self.change(pick, AddCoupon(code))

    @rule(pick=st.integers(0, 9), percent=st.integers(0, 10_000))
    def discount(self, pick: int, percent: int) -> None:
        self.change(pick, lambda lines: SetDiscount(lines[0].id, percent, "by hand"))

    @rule(pick=st.integers(0, 9))
    def cancel(self, pick: int) -> None:
        rows = list(Order.objects.exclude(state="cancelled").order_by("id"))
        if rows:
            order = rows[pick % len(rows)]
            cancel_order(self.shop.boss, order.id, reason="x", version=order.version)

    @invariant()
    def all_adds_up(self) -> None:
        for order in Order.objects.prefetch_related("lines"):
            lines = list(order.lines.all())
            assert order.goods_minor == sum(line.total_minor for line in lines)
            assert order.discount_minor == sum(line.discount_minor for line in lines)
            assert order.total_minor == order.goods_minor + order.delivery_minor + order.added_tax_minor
            for line in lines:
                assert 0 <= line.discount_minor <= line.unit_minor * line.quantity
                said = sum(
                    each.get("minor", 0)
                    for each in line.explanation
                    if each["kind"] in {"promotion", "manual"}
                )
                assert said == line.discount_minor
            if order.state != "cancelled":
                assert Payment.objects.get(order_id=order.id).amount_minor == order.total_minor
        assert all(each.used_count <= 3 for each in Promotion.objects.filter(limit_total=3))
        assert all(each.used_count <= 2 for each in Coupon.objects.filter(uses_allowed=2))
        assert all(each.used_count <= 1 for each in CustomerUse.objects.all())
        assert raw.all(sql("callcart.commerce.pricing", "integrity")) == []


@pytest.mark.parametrize("included", [True, False])
def test_sequences(tenant: Tenant, included: bool) -> None:
    class Machine(Trade):
        shop = open_shop(tenant)

    update_tenant(Machine.shop.boss, settings={"prices_include_tax": included})
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
