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
from callcart.commerce.orders.axes import refresh
from callcart.commerce.orders.life import close_if_done
from callcart.commerce.orders.public import (
    AddLine,
    Order,
    Queue,
    RemoveLine,
    SetQuantity,
    approve_order,
    axes_of,
    cancel_order,
    cancel_rest,
    confirm_change,
    confirm_order,
    count_waiting,
    hand_over,
    hold_order,
    list_waiting,
    merge_orders,
    open_orders,
    reallocate,
    reject_order,
    ship_order,
    split_order,
    unhold_order,
)
from callcart.commerce.payments.public import Payment, Refund, receive, request_refund
from callcart.commerce.shipping.public import (
    OPEN,
    DispatchState,
    Parcel,
    ParcelState,
    dispatches_of,
    move_dispatch,
    set_parcel_state,
)
from callcart.core import integrity
from callcart.core.errors import AppError
from callcart.core.ids import new_id
from callcart.core.money import Money
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

    @rule(
        lines=st.lists(st.tuples(st.sampled_from(SKUS), UNITS), min_size=1, max_size=3),
        method=st.sampled_from(["cod", "prepaid", "prepaid"]),
    )
    def place(self, lines: list[tuple[str, int]], method: str) -> None:
        with self.refusable():
            self.shop.place(*lines, payment_method=method)

    @rule(pick=st.integers(0, 99), part=st.integers(1, 4))
    def pay(self, pick: int, part: int) -> None:
        order = self.order(pick)
        if order and order.payment_method == "prepaid" and order.total_minor:
            amount = Money(max(order.total_minor * part // 3, 1), "USD")
            with self.refusable():
                receive(
                    self.shop.boss,
                    order_id=order.id,
                    method="cash",
                    amount=amount,
                    idempotency_key=str(new_id()),
                )
            self.news(order)

    @rule(pick=st.integers(0, 99), minor=st.integers(1, 2000))
    def refund(self, pick: int, minor: int) -> None:
        if order := self.order(pick):
            with self.refusable():
                request_refund(
                    self.shop.boss,
                    order.id,
                    amount=Money(minor, "USD"),
                    reason="x",
                    idempotency_key=str(new_id()),
                )
            self.news(order)

    def news(self, order: Order) -> None:
        """What the worker makes of the last news of money and parcels."""
        fresh = Order.objects.get(id=order.id)
        refresh(fresh)
        close_if_done(self.shop.boss, fresh)

    @rule(pick=st.integers(0, 99), going=st.lists(st.integers(0, 4), min_size=3, max_size=3))
    def split(self, pick: int, going: list[int]) -> None:
        if order := self.order(pick):
            lines = list(order.lines.order_by("position"))
            units = {
                line.id: min(line.quantity, count) for line, count in zip(lines, going, strict=False) if count
            }
            with self.refusable():
                kept, new = split_order(
                    self.shop.boss, order.id, units, version=order.version, idempotency_key=str(new_id())
                )
                assert kept.total_minor + new.total_minor == order.total_minor

    @rule(pick=st.integers(0, 99), other=st.integers(0, 99))
    def merge(self, pick: int, other: int) -> None:
        one, two = self.order(pick), self.order(other)
        if one and two:
            with self.refusable():
                merge_orders(
                    self.shop.boss,
                    one.id,
                    two.id,
                    versions=(one.version, two.version),
                    idempotency_key=str(new_id()),
                )

    @rule(pick=st.integers(0, 99), state=st.sampled_from([*DispatchState]))
    def warehouse(self, pick: int, state: DispatchState) -> None:
        found = [each for rows in dispatches_of(self.ids(), states=OPEN).values() for each in rows]
        if not found:
            return
        chosen = found[pick % len(found)]
        with self.refusable():
            if state is DispatchState.HANDED_OVER:
                self.count_sent(hand_over(self.shop.boss, chosen.id))
            else:
                move_dispatch(self.shop.boss, chosen.id, state)

    def ids(self) -> list[Any]:
        return list(Order.objects.values_list("id", flat=True))

    def count_sent(self, parcels: list[Parcel]) -> None:
        for parcel in parcels:
            skus = dict(Order.objects.get(id=parcel.order_id).lines.values_list("id", "sku"))
            for line_id, units in parcel.lines.values_list("line_id", "quantity"):
                self.sent[skus[line_id]] += units

    @rule(pick=st.integers(0, 99), state=st.sampled_from([*ParcelState]))
    def scan(self, pick: int, state: ParcelState) -> None:
        parcels = list(Parcel.objects.order_by("id"))
        if parcels:
            chosen = parcels[pick % len(parcels)]
            set_parcel_state(self.shop.boss, chosen.id, state)
            self.news(Order.objects.get(id=chosen.order_id))

    @rule(pick=st.integers(0, 99))
    def drop_the_rest(self, pick: int) -> None:
        if order := self.order(pick):
            with self.refusable():
                cancel_rest(self.shop.boss, order.id, reason="x", version=order.version)

    @rule(pick=st.integers(0, 99), west=st.integers(0, 3))
    def move_to_another_warehouse(self, pick: int, west: int) -> None:
        if order := self.order(pick):
            line = order.lines.order_by("position").first()
            if line is None:
                return
            near = min(west, line.quantity)
            places = {
                self.shop.warehouses["west"].id: near,
                self.shop.warehouses["east"].id: line.quantity - near,
            }
            with self.refusable():
                reallocate(self.shop.boss, order.id, {line.id: places}, version=order.version)

    @rule(pick=st.integers(0, 99), units=UNITS, which=st.integers(0, 9))
    def resize(self, pick: int, units: int, which: int) -> None:
        order = self.order(pick)
        if order and (lines := list(order.lines.order_by("position"))):
            line = lines[which % len(lines)]
            with self.refusable():
                confirm_change(self.shop.boss, order.id, [SetQuantity(line.id, units)], version=order.version)

    @rule(pick=st.integers(0, 99), sku=st.sampled_from(SKUS), units=UNITS)
    def swap_a_line(self, pick: int, sku: str, units: int) -> None:
        order = self.order(pick)
        if order and (first := order.lines.order_by("position").first()):
            actions = [RemoveLine(first.id), AddLine(self.shop.variants[sku].id, units)]
            with self.refusable():
                confirm_change(self.shop.boss, order.id, actions, version=order.version)

    @rule(
        pick=st.integers(0, 99),
        verb=st.sampled_from(["hold", "unhold", "confirm", "approve", "approve", "cancel", "reject"]),
    )
    def step(self, pick: int, verb: str) -> None:
        verbs: dict[str, Callable[..., object]] = {
            "hold": lambda *a, **k: hold_order(*a, reason="x", **k),
            "unhold": unhold_order,
            "confirm": confirm_order,
            "approve": approve_order,
            "reject": lambda *a, **k: reject_order(*a, reason="x", **k),
            "cancel": lambda *a, **k: cancel_order(*a, reason="x", **k),
        }
        if order := self.order(pick):
            with self.refusable():
                verbs[verb](self.shop.boss, order.id, version=order.version)

    @rule(pick=st.integers(0, 99), all_=st.booleans())
    def send(self, pick: int, all_: bool) -> None:
        order = self.order(pick)
        if order and (first := order.lines.order_by("position").first()):
            before = set(Parcel.objects.values_list("id", flat=True))
            with self.refusable():
                ship_order(
                    self.shop.boss, order.id, version=order.version, line_ids=None if all_ else [first.id]
                )
            self.count_sent(list(Parcel.objects.exclude(id__in=before)))

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
    def money_and_goods_add_up(self) -> None:
        for domain in ("orders", "payments"):
            assert [str(each) for each in integrity.find_in(domain)] == []

    @invariant()
    def documents_say_what_is_held(self) -> None:
        rows = dispatches_of(self.ids(), states=OPEN)
        for order in Order.objects.all():
            held: dict[Any, int] = {}
            for each in inventory.held_for(order.id):
                key = (each.warehouse_id, each.line_id)
                held[key] = held.get(key, 0) + each.quantity
            told = {
                (row.warehouse_id, line.line_id): line.quantity
                for row in rows.get(order.id, [])
                for line in row.lines.all()
            }
            assert told == (held if order.state == "confirmed" else {})
            if order.state == "confirmed" and order.payment_method == "cod" and told:
                every = dispatches_of([order.id])[order.id]
                assert sum(row.cod_minor for row in every if row.state != "cancelled") >= order.total_minor

    @invariant()
    def every_open_order_waits_in_one_place(self) -> None:
        over = {"closed", "cancelled"}
        alive = {
            order.id
            for order in Order.objects.all()
            if order.state not in over or order.payment_state == "refund_due"
        }
        listed = [
            row.order.id for queue in Queue for row in list_waiting(self.shop.boss, queue, limit=1000).rows
        ]
        assert sorted(listed) == sorted(alive)
        counts = count_waiting(self.shop.boss)
        assert (
            sum(each.orders for each in counts.values()) == len(alive) == open_orders(self.shop.boss).count()
        )

    @invariant()
    def no_more_goes_back_than_came(self) -> None:
        for payment in Payment.objects.all():
            back = Refund.objects.filter(payment=payment).exclude(state="cancelled")
            assert sum(each.amount_minor for each in back) <= payment.captured_minor

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
            assert (
                order.total_minor
                == sum(line.total_minor for line in lines) + order.delivery_minor + order.added_tax_minor
            )
            assert order.state == "cancelled" or owed.amount_minor == order.total_minor
        assert not held


@pytest.mark.timeout(400)
def test_stock_and_money_are_conserved(tenant: Tenant) -> None:
    Trade.shop = open_shop(tenant)
    run_state_machine_as_test(
        Trade,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
