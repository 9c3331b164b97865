"""The life of an order as a table, and both derived axes as functions of sums alone."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.commerce.orders.states import (
    Fulfilment,
    MoneyFacts,
    OrderState,
    ParcelFact,
    PaymentAxis,
    WrongState,
    check_transition,
    derive_fulfilment,
    derive_payment,
)

D, P, H, C, X, N = (
    OrderState.DRAFT, OrderState.PLACED, OrderState.ON_HOLD, OrderState.CONFIRMED, OrderState.CLOSED, OrderState.CANCELLED,
)  # fmt: skip
ALLOWED = {(D, P), (P, H), (P, C), (P, N), (H, P), (H, N), (C, X), (C, N)}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(OrderState, OrderState)))
def test_the_life_allows_these_steps_and_no_other(before: OrderState, after: OrderState) -> None:
    if (before, after) in ALLOWED:
        check_transition(before, after)
    else:
        with pytest.raises(WrongState):
            check_transition(before, after)


SUMS = st.integers(0, 10_000)
FACTS = st.builds(
    MoneyFacts,
    owed=SUMS,
    captured=SUMS,
    refund_open=st.one_of(st.just(0), SUMS),
    refunded=st.one_of(st.just(0), SUMS),
    on_delivery=st.booleans(),
    collected=st.booleans(),
    cancelled=st.booleans(),
)


@given(FACTS)
def test_the_payment_axis_never_flatters(facts: MoneyFacts) -> None:
    axis = derive_payment(facts)
    kept = facts.captured - facts.refunded
    if axis in {PaymentAxis.PAID, PaymentAxis.NOTHING_DUE}:
        assert kept >= facts.owed or facts.cancelled
    if axis in {PaymentAxis.DUE, PaymentAxis.PART_PAID}:
        assert kept < facts.owed
        assert not facts.on_delivery
    if axis is PaymentAxis.REMITTED:
        assert kept > 0
    if facts.refund_open:
        assert axis is PaymentAxis.REFUND_DUE
    if facts.cancelled:
        assert axis in {PaymentAxis.REFUND_DUE, PaymentAxis.REFUNDED, PaymentAxis.NOTHING_DUE}


@pytest.mark.parametrize(
    ("facts", "axis"),
    [
        (MoneyFacts(owed=100), PaymentAxis.DUE),
        (MoneyFacts(owed=100, captured=40), PaymentAxis.PART_PAID),
        (MoneyFacts(owed=100, captured=100), PaymentAxis.PAID),
        (MoneyFacts(owed=0), PaymentAxis.NOTHING_DUE),
        (MoneyFacts(owed=100, on_delivery=True), PaymentAxis.DUE_ON_DELIVERY),
        (MoneyFacts(owed=100, on_delivery=True, collected=True), PaymentAxis.COLLECTED),
        (MoneyFacts(owed=100, captured=100, on_delivery=True, collected=True), PaymentAxis.REMITTED),
        (MoneyFacts(owed=100, captured=100, refunded=30), PaymentAxis.PART_REFUNDED),
        (MoneyFacts(owed=70, captured=100, refunded=30), PaymentAxis.PAID),
        (MoneyFacts(owed=100, captured=100, refunded=100), PaymentAxis.REFUNDED),
        (MoneyFacts(owed=100, captured=100, cancelled=True), PaymentAxis.REFUND_DUE),
        (MoneyFacts(owed=100, cancelled=True), PaymentAxis.NOTHING_DUE),
    ],
)
def test_where_the_money_stands(facts: MoneyFacts, axis: PaymentAxis) -> None:
    assert derive_payment(facts) == axis


A, B = UUID(int=1), UUID(int=2)
ORDERED = {A: 2, B: 1}


@pytest.mark.parametrize(
    ("held", "parcels", "axis"),
    [
        ({}, [], Fulfilment.UNRESERVED),
        ({A: 2}, [], Fulfilment.UNRESERVED),
        (ORDERED, [], Fulfilment.RESERVED),
        ({}, [ParcelFact("packed", ORDERED)], Fulfilment.RESERVED),
        ({B: 1}, [ParcelFact("in_transit", {A: 2})], Fulfilment.PART_SHIPPED),
        ({}, [ParcelFact("in_transit", ORDERED)], Fulfilment.SHIPPED),
        ({}, [ParcelFact("delivered", {A: 2}), ParcelFact("in_transit", {B: 1})], Fulfilment.PART_DELIVERED),
        ({}, [ParcelFact("delivered", {A: 2}), ParcelFact("delivered", {B: 1})], Fulfilment.DELIVERED),
        ({}, [ParcelFact("returning", ORDERED)], Fulfilment.RETURNING),
        ({}, [ParcelFact("returned", ORDERED)], Fulfilment.RETURNED),
        ({}, [ParcelFact("lost", ORDERED)], Fulfilment.LOST),
    ],
)
def test_where_the_goods_stand(held: dict[UUID, int], parcels: list[ParcelFact], axis: Fulfilment) -> None:
    assert derive_fulfilment(ORDERED, held, parcels) == axis


BOXES = st.lists(
    st.builds(
        ParcelFact,
        state=st.sampled_from(
            ["packed", "handed_over", "in_transit", "delivered", "returning", "returned", "lost"]
        ),
        units=st.dictionaries(st.sampled_from([A, B]), st.integers(1, 2), min_size=1),
    ),
    max_size=4,
)


@given(BOXES, st.booleans(), st.randoms())
def test_the_goods_axis_does_not_depend_on_the_order_of_boxes(
    boxes: list[ParcelFact], cancelled: bool, chance: object
) -> None:
    mixed = list(boxes)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    axis = derive_fulfilment(ORDERED, {}, boxes, cancelled=cancelled)
    assert derive_fulfilment(ORDERED, {}, mixed, cancelled=cancelled) == axis
    arrived = sum(sum(box.units.values()) for box in boxes if box.state == "delivered")
    if axis is Fulfilment.DELIVERED:
        assert arrived >= 3
    if axis is Fulfilment.RELEASED:
        assert cancelled
