"""Opening hours in the office: whether each queue answers now, closing or opening it at once, its week, its special days, and who
changed what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.hours import public as calendar
from callcart.contact.hours.models import Override, SpecialDay
from callcart.contact.routing.models import Queue
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_id
from callcart.people.tenants.public import get_tenant, settings_of
from callcart.web import formats
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.names import staff_names
from callcart.web.office import typed_hours
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@dataclass(frozen=True, slots=True)
class Row:
    """A queue, or (without id) the shop, as it stands now. `changes_at`: when it closes or opens next. `held`: by somebody's hand."""

    queue_id: UUID | None
    name: str
    is_open: bool
    changes_at: datetime | None
    held: Override | None
    own: bool

    @property
    def address(self) -> str:
        return _address(self.queue_id)


@requires("hours.change", "hours.override")
def overview(request: HttpRequest) -> HttpResponse:
    """All of them, and what is special in the coming weeks."""
    queues = list(Queue.objects.filter(is_active=True).order_by("-priority", "code"))
    names: dict[UUID | None, str] = {
        None: _("The shop"),
        **{each.id: each.name_in(reader().language) for each in queues},
    }
    days = SpecialDay.objects.filter(day__gte=now().date()).order_by("day")[:12]
    return page(
        request, "office/centre/hours.html", rows=[_row(queue_id, name) for queue_id, name in names.items()],
        days=[(each, names.get(each.queue_id, ""), _spans(each.spans)) for each in days], addresses={each: _address(each) for each in names},
    )  # fmt: skip


@requires("hours.change")
def one(request: HttpRequest, queue_id: UUID | None = None) -> HttpResponse:
    """The hours of a queue, or of the shop: its week, and a special day to add."""
    queue = _queue(queue_id)
    if request.method != "POST":
        return _one(request, queue)
    adds = "day" in request.POST
    with attempt() as tried:
        _add_day(request, queue_id) if adds else _save_week(request, queue_id)
    if tried:
        said = _("The day is added.") if adds else _("Saved. It holds from now on.")
        return go(request, _address(queue_id), toast=said)
    return _one(request, queue, tried)


@require_POST
@requires("hours.override")
def at_once(request: HttpRequest, is_open: bool) -> HttpResponse:
    """Close or open now, or from a time today, until the end of the day or another time today."""
    queue_id = read_id(request.POST.get("queue", ""))
    _queue(queue_id)
    with attempt() as tried:
        form = Fields()
        cal = calendar.calendar_of(queue_id)
        starts_at = _today_at(request, "starts", cal, form)
        ends_at = _today_at(request, "ends", cal, form)
        form.done()
        calendar.override(
            actor_of(request), queue_id, is_open=is_open, starts_at=starts_at, ends_at=ends_at,
            note=request.POST.get("note", ""),
        )  # fmt: skip
    if tried:
        said = _("It is open.") if is_open else _("It is closed.")
        return go(request, url("office:opening_hours"), toast=said if starts_at is None else _("Saved."))
    words = "; ".join(tried.fields.values()) or tried.message
    return go(request, url("office:opening_hours"), toast=words, kind="danger")


@require_POST
@requires("hours.override")
def lift(request: HttpRequest, override_id: UUID) -> HttpResponse:
    calendar.lift(actor_of(request), override_id)
    return go(request, url("office:opening_hours"), toast=_("The usual hours hold again."))


@require_POST
@requires("hours.change")
def remove_day(request: HttpRequest, day_id: UUID) -> HttpResponseBase:
    day = SpecialDay.objects.filter(id=day_id).first()
    if day is None:
        raise NotFound
    calendar.remove_special_day(actor_of(request), day_id)
    return go(request, _address(day.queue_id), toast=_("The usual hours hold on that day again."))


def _one(request: HttpRequest, queue: Queue | None, tried: Attempt | None = None) -> HttpResponse:
    queue_id, refused = (queue.id if queue else None), refusal(tried)
    own = calendar.queue_hours(queue_id) if queue_id else None
    shop = get_tenant(actor_of(request).tenant_id)
    week = own.week if own is not None and own.week is not None else settings_of(shop).business_hours
    posted: Any = request.POST if tried is not None else {}
    people = calendar.history(queue_id)
    return page(
        request, "office/centre/hours_one.html", queue=queue, own=own, shop=shop, posted=posted,
        days=list(enumerate(zip(typed_hours.day_names(), map(_spans_plain, week), strict=True))),
        special=[(each, _spans(each.spans)) for each in calendar.special_days(queue_id)],
        row=_row(queue_id, queue.name_in(reader().language) if queue else _("The shop")),
        history=[(each, _told(each), each.name) for each in people],
        staff=staff_names([each.staff_id for each in people if each.staff_id]),
        zones=sorted(available_timezones()), errors=refused.fields, message=refused.message, stale=refused.stale,
        version=own.version if own is not None else shop.version, status=refused.status,
    )  # fmt: skip


def _save_week(request: HttpRequest, queue_id: UUID | None) -> None:
    posted, form = request.POST, Fields()
    week: tuple[typed_hours.Day, ...] | None = None
    follows = queue_id is not None and "own_week" not in posted
    with form.part():
        week = None if follows else typed_hours.read_week(posted.dict())
    if follows and _week_changed(posted.dict(), queue_id):
        form.refuse("own_week", _("Tick this, so that the hours typed below hold."))
    with form.part():
        if queue_id is None:
            if week is not None:
                calendar.set_shop_week(actor_of(request), week, version=version_seen(request))
        else:
            calendar.set_queue_hours(
                actor_of(request), queue_id, week=week, timezone=posted.get("timezone", "").strip(),
                keeps_holidays="keeps_holidays" in posted, version=version_seen(request),
            )  # fmt: skip
    form.done()


def _week_changed(posted: dict[str, str], queue_id: UUID | None) -> bool:
    """Whether somebody typed other hours than the page showed, and would lose them where the box above is not ticked."""
    if typed_hours.field(0) not in posted:
        return False
    own = calendar.queue_hours(queue_id).week if queue_id else None
    shown = own if own is not None else settings_of(get_tenant()).business_hours
    return typed_hours.read_week(posted) != tuple(tuple((a, b) for a, b in day) for day in shown)


def _add_day(request: HttpRequest, queue_id: UUID | None) -> None:
    posted, form = request.POST, Fields()
    spans: typed_hours.Day = ()
    try:
        spans = typed_hours.read_day(posted.get("spans", ""))
    except ValueError:
        form.refuse("spans", _("Write it as 09:00-18:00, or leave it empty for a closed day."))
    day = _date(posted.get("day", ""))
    if day is None:
        form.refuse("day", _("Choose a date."))
    with form.part():
        calendar.save_special_day(
            actor_of(request), queue_id, day or now().date(), spans=spans, name=posted.get("day_name", ""),
            name_zh=posted.get("day_name_zh", ""),
        )  # fmt: skip
    form.done()


def _row(queue_id: UUID | None, name: str) -> Row:
    cal, moment = calendar.calendar_of(queue_id), now()
    is_open = cal.is_open(moment)
    held = next((each for each in calendar.overrides_now(queue_id) if each.starts_at <= moment), None)
    own = queue_id is not None and calendar.queue_hours(queue_id).version > 0
    return Row(
        queue_id, name, is_open, cal.closes_at(moment) if is_open else cal.next_opening(moment), held, own
    )


def _queue(queue_id: UUID | None) -> Queue | None:
    if queue_id is None:
        return None
    found = Queue.objects.filter(id=queue_id).first()
    if found is None:
        raise NotFound
    return found


def _address(queue_id: UUID | None) -> str:
    return url("office:hours_queue", queue_id) if queue_id else url("office:hours_shop")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _today_at(request: HttpRequest, name: str, cal: calendar.Calendar, form: Fields) -> datetime | None:
    """A time of today by the queue's clock; nothing typed: None."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        form.refuse(name, _("Write a time such as 15:00."))
        return None
    local = now().astimezone(cal.zone)
    return local.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)


def _spans_plain(day: Any) -> str:
    return ", ".join(f"{start}-{end}" for start, end in day)


def _spans(day: Any) -> str:
    """As people read it; empty for a closed day."""
    return _(", ").join(f"{formats.clock_time(start)}–{formats.clock_time(end)}" for start, end in day)


def _told(change: calendar.Change) -> str:
    """A change in words."""
    before, after = change.before, change.after
    match change.action:
        case "hours.special_day" if after:
            day = formats.date(date.fromisoformat(str(after["day"])))
            hours = _spans(after["spans"]) or _("closed")
            return _("%(day)s: %(hours)s") % {"day": day, "hours": hours}
        case "hours.special_day":
            day = formats.date(date.fromisoformat(str(before["day"])))
            return _("%(day)s: the usual hours again") % {"day": day}
        case "hours.override" if before:
            return _("The usual hours again")
        case "hours.override":
            starts, ends = (
                formats.datetime(datetime.fromisoformat(str(after[name])))
                for name in ("starts_at", "ends_at")
            )
            words = (
                _("Open from %(start)s to %(end)s")
                if after["is_open"]
                else _("Closed from %(start)s to %(end)s")
            )
            return words % {"start": starts, "end": ends}
        case _:
            return _("The weekly hours")
