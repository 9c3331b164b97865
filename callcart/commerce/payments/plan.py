"""The plan of an order paid in instalments: how many, when, how much. Pure dates and sums.

The month-end rule: instalments fall on the day of the month of the first one, and where a month has no such day on its last. All
are counted from the first, so that 31 January is followed by 28 February and then by 31 March.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from callcart.core.money import Money

LEAST, MOST = 2, 12
MOST_DAYS_BETWEEN = 92


@dataclass(frozen=True, slots=True)
class Plan:
    """`count` equal parts from `first_due` on, each month or each `days`; a `deposit` is a part of its own before them, due on
    the day the plan is made."""

    count: int
    first_due: date
    days: int = 0
    deposit_minor: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment to be."""

    due_on: date
    amount: Money


def due_days(first: date, count: int, *, days: int = 0) -> list[date]:
    """The days of `count` instalments: every `days`, or every month by the month-end rule where that is 0."""
    if days:
        return [first + timedelta(days=days * place) for place in range(count)]
    return [_months_on(first, place) for place in range(count)]


def _months_on(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    year = first.year + years
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


def parts_of_plan(plan: Plan, amount: Money, *, made_on: date) -> list[Part]:
    """The instalments of a plan; they add up to the amount. Raises ValueError where the deposit is not below it."""
    if not 0 <= plan.deposit_minor < amount.minor:
        raise ValueError("the deposit is not below the amount")
    deposit = Money(plan.deposit_minor, amount.currency)
    shares = (amount - deposit).allocate([1] * plan.count)
    days = due_days(plan.first_due, plan.count, days=plan.days)
    parts = [Part(day, share) for day, share in zip(days, shares, strict=True)]
    return [Part(made_on, deposit), *parts] if deposit else parts
