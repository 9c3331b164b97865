"""The day an order should be at the door.

`arrival` is pure and knows weekends only; `promise` knows what we know: until when the carrier comes today, the zone's days and
the holidays, of the service that would be proposed. A delivery method that no carrier's service serves has its own days, from a
usual working day's cut-off on.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Q

from callcart.commerce.shipping.calendar import Calendar
from callcart.commerce.shipping.models import Holiday, ServiceMethod
from callcart.commerce.shipping.queries import DeliveryChoice
from callcart.commerce.shipping.quotes import quotes
from callcart.core.clock import now
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import get_tenant

_SATURDAY = 5
USUAL_GRAMS = 1000


def arrival(choice: DeliveryChoice, ordered_on: date) -> tuple[date, date]:
    """The first and the last day on which an order placed that day should arrive: the method's working days (Monday to
    Friday), counted from the day after."""
    return _after(ordered_on, choice.days_min), _after(ordered_on, choice.days_max)


def _after(day: date, working_days: int) -> date:
    while working_days > 0:
        day += timedelta(days=1)
        working_days -= day.weekday() < _SATURDAY
    return day


def promise(
    choice: DeliveryChoice,
    *,
    country: str,
    region: str = "",
    postcode: str = "",
    weight_g: int = USUAL_GRAMS,
    at: datetime | None = None,
) -> tuple[date, date]:
    """The first and the last day on which an order placed at `at` (now) should be there."""
    ready = at or now()
    if ServiceMethod.objects.filter(method_code=choice.code).exists():
        offers = quotes(
            country=country, region=region, postcode=postcode, weight_g=weight_g, method=choice.code, at=ready
        )
        if offers:
            return offers[0].first, offers[0].last
    calendar = Calendar(
        closed=frozenset(Holiday.objects.filter(Q(carrier=None)).values_list("day", flat=True))
    )
    leaves = calendar.ships_on(ready, get_tenant(current_tenant()).timezone)
    return calendar.delivery_day(leaves, choice.days_min), calendar.delivery_day(leaves, choice.days_max)
