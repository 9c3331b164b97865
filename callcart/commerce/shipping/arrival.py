"""The day an order should be at the door. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from callcart.commerce.shipping.queries import DeliveryChoice

_SATURDAY = 5


def arrival(choice: DeliveryChoice, ordered_on: date) -> tuple[date, date]:
    """The first and the last day on which an order placed that day should arrive: the method's working days (Monday to
    Friday), counted from the day after."""
    return _after(ordered_on, choice.days_min), _after(ordered_on, choice.days_max)


def _after(day: date, working_days: int) -> date:
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= day.weekday() < _SATURDAY
    return day
