"""Changing hours: a week, a special day, closing or opening at once. Each holds from the next question on, is in the audit (which is
the history that the office shows), and tells the board.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from callcart.contact.hours.calendar import Day
from callcart.contact.hours.models import Override, QueueHours, SpecialDay
from callcart.contact.hours.queries import SHOP, calendar_of
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.tenants.public import Tenant, settings_of, update_tenant

LONGEST_OVERRIDE = timedelta(days=31)
MOST_SPANS = 8
MOST_NAME = 80


def set_shop_week(actor: Actor, week: Sequence[Day], *, version: int | None = None) -> None:
    """The shop's week: what holds for every queue without one of its own. Raises Invalid, Conflict."""
    actor.require("hours.change")
    before = settings_of(Tenant.objects.get(id=actor.tenant_id)).business_hours
    _checked_week(week)
    update_tenant(
        Actor.system(
            actor.tenant_id, actor.name, channel=actor.channel
        ),  # the right to hours is not that to the shop
        version=version,
        settings={"business_hours": week},
    )
    _noted(actor, "hours.week", None, before={"week": before}, after={"week": week})


def set_queue_hours(
    actor: Actor,
    queue_id: UUID,
    *,
    week: Sequence[Day] | None,
    timezone: str = "",
    keeps_holidays: bool = True,
    version: int | None = None,
) -> QueueHours:
    """What a queue has of its own; without a week and a time zone (empty) the shop's hold. Raises Invalid, Conflict."""
    actor.require("hours.change")
    form = Fields()
    with form.part():
        if week is not None:
            _checked_week(week)
    if timezone and timezone not in available_timezones():
        form.refuse("timezone", _("This is not a time zone."))
    form.done()
    row = QueueHours.objects.select_for_update().filter(queue_id=queue_id).first()
    if version is not None and version != (row.version if row else 0):
        raise Conflict
    row = row or QueueHours(queue_id=queue_id, version=0)
    before = _plain_hours(row)
    row.week = None if week is None else [list(map(list, day)) for day in week]
    row.timezone, row.keeps_holidays, row.version = timezone, keeps_holidays, row.version + 1
    row.save()
    _noted(actor, "hours.week", queue_id, before=before, after=_plain_hours(row))
    return row


def save_special_day(
    actor: Actor, queue_id: UUID | None, day: date, *, spans: Day, name: str = "", name_zh: str = ""
) -> SpecialDay:
    """Other hours on a date, for a queue or (None) for the shop; no spans: closed. A date that has some already gets these.
    Raises Invalid."""
    actor.require("hours.change")
    form = Fields()
    named = {
        "name": form.line("name", name, most=MOST_NAME),
        "name_zh": form.line("name_zh", name_zh, most=MOST_NAME),
    }
    if not _is_day(spans):
        form.refuse("spans", _hours_problem())
    if not now().date() - timedelta(days=2) <= day <= now().date() + timedelta(days=1100):
        form.refuse("day", _("Choose a date in the coming three years."))
    form.done()
    before = SpecialDay.objects.filter(queue_id=queue_id, day=day).first()
    row, _made = SpecialDay.objects.update_or_create(
        queue_id=queue_id, day=day, defaults={**named, "spans": [list(span) for span in spans]}
    )
    _noted(actor, "hours.special_day", queue_id, before=_plain_day(before), after=_plain_day(row))
    return row


def remove_special_day(actor: Actor, day_id: UUID) -> None:
    """The usual hours hold again on that date. Raises NotFound."""
    actor.require("hours.change")
    row = SpecialDay.objects.filter(id=day_id).first()
    if row is None:
        raise NotFound
    queue_id, before = row.queue_id, _plain_day(row)
    row.delete()
    _noted(actor, "hours.special_day", queue_id, before=before, after={})


def override(
    actor: Actor,
    queue_id: UUID | None,
    *,
    is_open: bool,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    note: str = "",
) -> Override:
    """Close, or open, from a moment (now) until another (the end of that day, by the queue's clock). None: every queue. What waits
    already is served. Raises Invalid."""
    actor.require("hours.override")
    form, moment = Fields(), now()
    starts_at = moment if starts_at is None else starts_at
    ends_at = calendar_of(queue_id).end_of_day(starts_at) if ends_at is None else ends_at
    note = form.line("note", note, most=200)
    if ends_at <= max(starts_at, moment) or ends_at - moment > LONGEST_OVERRIDE:
        form.refuse("ends_at", _("Choose a later time, within a month."))
    form.done()
    row = Override.objects.create(
        queue_id=queue_id, is_open=is_open, starts_at=starts_at, ends_at=ends_at, note=note,
        staff_id=actor.id if actor.is_staff else None,
    )  # fmt: skip
    _noted(actor, "hours.override", queue_id, before={}, after=_plain_override(row))
    return row


def lift(actor: Actor, override_id: UUID) -> None:
    """The hours hold again from now on. Raises NotFound; one that is over stays as it was."""
    actor.require("hours.override")
    row = Override.objects.select_for_update().filter(id=override_id).first()
    if row is None:
        raise NotFound
    moment = now()
    if row.ends_at <= moment:
        return
    before = _plain_override(row)
    row.ends_at = max(row.starts_at, moment)
    row.save(update_fields=["ends_at"])
    _noted(actor, "hours.override", row.queue_id, before=before, after=_plain_override(row))


def _noted(
    actor: Actor, action: str, queue_id: UUID | None, *, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    audit.record(actor, action, subject=("hours", queue_id or SHOP), before=before, after=after)
    events.emit(
        "queue.changed", subject=("queue", queue_id or SHOP), audience="board", data={"queue_id": queue_id}
    )


def _checked_week(week: Sequence[Day]) -> None:
    if len(week) != 7 or not all(map(_is_day, week)):
        raise Invalid(fields={"week": _hours_problem()})


def _is_day(spans: Day) -> bool:
    """Spans of HH:MM within the day, in order, none over another."""
    return (
        len(spans) <= MOST_SPANS
        and all(
            _is_clock(start) and _is_clock(end) and "00:00" <= start < end <= "24:00" for start, end in spans
        )
        and all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
    )


def _is_clock(text: str) -> bool:
    hour, _colon, minute = text.partition(":")
    return (
        len(text) == 5
        and text.isascii()
        and hour.isdecimal()
        and minute.isdecimal()
        and ((int(hour) < 24 and int(minute) < 60) or text == "24:00")
    )


def _hours_problem() -> str:
    return _("Write it as 09:00-18:00, or leave it empty for a closed day.")


def _plain_hours(row: QueueHours) -> dict[str, Any]:
    return {"week": row.week, "timezone": row.timezone, "keeps_holidays": row.keeps_holidays}


def _plain_day(row: SpecialDay | None) -> dict[str, Any]:
    return (
        {}
        if row is None
        else {"day": row.day.isoformat(), "spans": row.spans, "name": row.name or row.name_zh}
    )


def _plain_override(row: Override) -> dict[str, Any]:
    return {
        "is_open": row.is_open, "starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat(),
        "note": row.note,
    }  # fmt: skip
