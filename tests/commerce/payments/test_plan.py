"""Days and sums of plans."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.commerce.payments.plan import MOST, Plan, due_days, parts_of_plan
from callcart.core.money import Money


def test_the_end_of_a_month_stays_the_end_and_is_counted_from_the_first() -> None:
    assert due_days(date(2027, 1, 31), 5) == [
        date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31),
    ]  # fmt: skip
    assert due_days(date(2027, 11, 30), 5)[3:] == [date(2028, 2, 29), date(2028, 3, 30)]


def test_a_plan_by_days() -> None:
    assert due_days(date(2027, 2, 20), 3, days=14) == [date(2027, 2, 20), date(2027, 3, 6), date(2027, 3, 20)]


def test_a_deposit_comes_first() -> None:
    parts = parts_of_plan(
        Plan(3, date(2027, 2, 1), deposit_minor=2000), Money(10_000, "USD"), made_on=date(2027, 1, 5)
    )
    assert [(part.due_on, part.amount.minor) for part in parts] == [
        (date(2027, 1, 5), 2000), (date(2027, 2, 1), 2667), (date(2027, 3, 1), 2667), (date(2027, 4, 1), 2666),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="deposit"):
        parts_of_plan(Plan(2, date(2027, 2, 1), deposit_minor=50), Money(50, "USD"), made_on=date(2027, 1, 5))


@given(
    amount=st.integers(1, 10**9), count=st.integers(2, MOST), first=st.dates(date(2020, 1, 1), date(2090, 1, 1)),
    days=st.integers(0, 92), deposit=st.integers(0, 10**6),
)  # fmt: skip
def test_parts_make_the_whole_and_days_rise(
    amount: int, count: int, first: date, days: int, deposit: int
) -> None:
    plan = Plan(count, first, days=days, deposit_minor=min(deposit, amount - 1))
    parts = parts_of_plan(plan, Money(amount, "CNY"), made_on=first)
    assert sum(part.amount.minor for part in parts) == amount
    later = [part.due_on for part in parts][1 if plan.deposit_minor else 0 :]
    assert later == sorted(set(later))
    assert days or all(day.day <= first.day for day in later)
