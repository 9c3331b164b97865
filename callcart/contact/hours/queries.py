"""Reading hours: the calendar of a queue or of the shop, as it is at this moment. In the tenant's transaction; nothing is kept in the
process, so a change holds for the next one who asks.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from callcart.contact.hours.calendar import AHEAD, Calendar, Day, Exceptional
from callcart.contact.hours.models import Override, QueueHours, SpecialDay
from callcart.core.clock import now
from callcart.core.models import AuditEntry
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import Tenant, settings_of

SHOP = UUID(int=0)  # what the history calls the hours of the shop
BACK = timedelta(days=30)  # how long ago open time is still counted day by day
MOST_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One change of hours: what was done (an action of the audit), by whom, from what to what."""

    at: datetime
    action: str
    staff_id: UUID | None
    name: str
    before: Mapping[str, object]
    after: Mapping[str, object]


def calendar_of(queue_id: UUID | None = None) -> Calendar:
    """The calendar of a queue; None for the shop's."""
    return calendars([queue_id])[queue_id]


def calendars(queue_ids: Collection[UUID | None]) -> dict[UUID | None, Calendar]:
    """The calendars of several queues, read with four statements."""
    shop = Tenant.objects.get(id=current_tenant())
    week, moment = settings_of(shop).business_hours, now()
    own = {
        each.queue_id: each for each in QueueHours.objects.filter(queue_id__in=[q for q in queue_ids if q])
    }
    first, last = (moment - BACK).date(), (moment + AHEAD).date() + timedelta(days=1)
    days = list(SpecialDay.objects.filter(_of(queue_ids), day__range=(first, last)))
    exceptions = list(
        Override.objects.filter(_of(queue_ids), ends_at__gt=moment - BACK).order_by("-made_at", "-id")
    )
    found: dict[UUID | None, Calendar] = {}
    for queue_id in set(queue_ids):
        mine = own.get(queue_id) if queue_id else None
        found[queue_id] = Calendar(
            week=week if mine is None or mine.week is None else _week(mine.week),
            zone=ZoneInfo((mine.timezone if mine else "") or shop.timezone),
            special=_special(days, queue_id, keeps=mine is None or mine.keeps_holidays),
            exceptions=tuple(
                Exceptional(each.starts_at, each.ends_at, each.is_open)
                for each in exceptions
                if each.queue_id in (None, queue_id)
            ),
        )
    return found


def queue_hours(queue_id: UUID) -> QueueHours:
    """What a queue has of its own; one that has nothing follows the shop (not saved)."""
    return QueueHours.objects.filter(queue_id=queue_id).first() or QueueHours(queue_id=queue_id, version=0)


def special_days(queue_id: UUID | None) -> list[SpecialDay]:
    """The special days of a queue or of the shop itself, from yesterday on."""
    yesterday = now().date() - timedelta(days=1)
    return list(SpecialDay.objects.filter(queue_id=queue_id, day__gte=yesterday).order_by("day"))


def overrides_now(queue_id: UUID | None) -> list[Override]:
    """What holds now or later by somebody's hand, of a queue (the shop's too) or of the shop; the one that counts first."""
    return list(Override.objects.filter(_of([queue_id]), ends_at__gt=now()).order_by("-made_at", "-id"))


def history(queue_id: UUID | None) -> list[Change]:
    """Every change of the hours of a queue or of the shop, the newest first."""
    rows = AuditEntry.objects.filter(subject_id=queue_id or SHOP, subject_kind="hours").order_by("-id")
    return [
        Change(row.at, row.action, row.actor_id, row.actor_name, row.before, row.after)
        for row in rows[:MOST_HISTORY]
    ]


def _of(queue_ids: Collection[UUID | None]) -> Q:
    return Q(queue_id=None) | Q(queue_id__in=[each for each in queue_ids if each])


def _week(plain: list[list[list[str]]]) -> tuple[Day, ...]:
    return tuple(_day(day) for day in plain)


def _day(plain: list[list[str]]) -> Day:
    return tuple((start, end) for start, end in plain)


def _special(rows: list[SpecialDay], queue_id: UUID | None, *, keeps: bool) -> dict[date, Day]:
    """By date; a queue's own comes before the shop's."""
    found = {row.day: _day(row.spans) for row in rows if row.queue_id is None and (keeps or queue_id is None)}
    if queue_id is not None:
        found |= {row.day: _day(row.spans) for row in rows if row.queue_id == queue_id}
    return found
