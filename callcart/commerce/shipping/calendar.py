"""On which day a carrier takes a parcel and on which it brings it: cut-off times, weekdays, holidays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from callcart.commerce.shipping.models import CarrierService, CutOff, Holiday

# A service without times of its own: Monday to Friday, late in the afternoon.
USUAL = dict.fromkeys(range(5), time(17))
WORKDAYS = frozenset(range(5))
_FARTHEST = 60  # days; a calendar without any open day must not search for ever


@dataclass(frozen=True, slots=True)
class Calendar:
    """One service's days. `cut_offs` by weekday, Monday is 0."""

    cut_offs: Mapping[int, time] = field(default_factory=lambda: USUAL)
    delivers_on: frozenset[int] = WORKDAYS
    closed: frozenset[date] = frozenset()

    def ships_on(self, ready: datetime, timezone: str) -> date:
        """The day on which what is ready then leaves; at the very cut-off it is too late."""
        local = ready.astimezone(ZoneInfo(timezone))
        day = local.date()
        for ahead in range(_FARTHEST):
            candidate = day + timedelta(days=ahead)
            until = self.cut_offs.get(candidate.weekday())
            if until is None or candidate in self.closed:
                continue
            if ahead or local.time() < until:
                return candidate
        return day + timedelta(days=_FARTHEST)

    def delivery_day(self, ships_on: date, days: int) -> date:
        """That many days of delivery after it left; 0 is the same day, where it is one."""
        day = ships_on
        left = days
        for _step in range(_FARTHEST * 7):
            open_day = day.weekday() in self.delivers_on and day not in self.closed
            if left <= 0 and open_day:
                return day
            day += timedelta(days=1)
            if left > 0 and day.weekday() in self.delivers_on and day not in self.closed:
                left -= 1
        return day


def calendars(
    services: Sequence[CarrierService], warehouse_ids: Collection[UUID | None]
) -> dict[tuple[UUID, UUID | None], Calendar]:
    """The calendars of services for warehouses: its own cut-off times where one has any, else those for all, which None stands
    for."""
    times: dict[tuple[UUID, UUID | None], dict[int, time]] = defaultdict(dict)
    here = Q(warehouse_id=None) | Q(warehouse_id__in={each for each in warehouse_ids if each})
    for row in CutOff.objects.filter(here, service__in=services):
        times[row.service_id, row.warehouse_id][row.weekday] = row.at
    closed: dict[UUID | None, set[date]] = defaultdict(set)
    carriers = {each.carrier_id for each in services}
    for carrier_id, day in Holiday.objects.filter(Q(carrier=None) | Q(carrier__in=carriers)).values_list(
        "carrier_id", "day"
    ):
        closed[carrier_id].add(day)
    return {
        (each.id, warehouse_id): Calendar(
            cut_offs=times.get((each.id, warehouse_id)) or times.get((each.id, None)) or USUAL,
            delivers_on=frozenset(each.delivers_on) or WORKDAYS,
            closed=frozenset(closed[None] | closed[each.carrier_id]),
        )
        for each in services
        for warehouse_id in set(warehouse_ids)
    }
