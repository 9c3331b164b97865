"""The day in intervals, today against its target and yesterday; and the conversations that a figure counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.core.actor import Actor
from callcart.core.clock import midnight, now, today
from callcart.core.ids import read_id
from callcart.insight.board import public as insight
from callcart.people.tenants.public import get_tenant, settings_of
from callcart.web import formats
from callcart.web.floor.shown import CHANNELS
from callcart.web.http import actor_of, page, requires
from callcart.web.names import queue_names, staff_names
from callcart.web.office.listing import Cursor, choice, cursor_of
from callcart.web.reader import reader

USUAL_MINUTES = 30
LONGEST_TIME = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Row:
    """One interval: today's figures beside yesterday's at the same time."""

    since: datetime
    until: datetime
    now: insight.Figures
    before: insight.Figures
    is_running: bool = False


@requires("board.view")
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """Today, by interval."""
    actor = actor_of(request)
    asked = _asked(request, actor)
    minutes = int(choice(request, "minutes", [str(each) for each in insight.MINUTES]) or USUAL_MINUTES)
    before = _yesterday(actor, asked)
    mine, theirs = (insight.by_interval(actor, each, minutes=minutes) for each in (asked, before))
    rows = _rows(asked, minutes, mine, theirs)
    return page(
        request, "floor/day.html", rows=[each for each in rows if each.now.offered or each.before.offered],
        total=insight.summed(mine.values()), whole=insight.summed(theirs.values()),
        so_far=_so_far(actor, asked, before, minutes, theirs),
        target=settings_of(get_tenant(actor.tenant_id)).service_level_percent / 100, minutes=minutes, asked=asked,
        queues=_queues(actor), channels=CHANNELS, chart=_chart(rows), intervals=insight.MINUTES,
    )  # fmt: skip


def _asked(request: HttpRequest, actor: Actor) -> insight.Asked:
    queue = read_id(request.GET.get("queue", ""))
    known = {str(each) for each, _name in _queues(actor)}
    return insight.Asked(
        insight.day_start(actor.tenant_id),
        now(),
        queue if str(queue) in known else None,
        choice(request, "channel", CHANNELS),
    )


def _yesterday(actor: Actor, asked: insight.Asked) -> insight.Asked:
    zone = ZoneInfo(get_tenant(actor.tenant_id).timezone)
    start = midnight(today(str(zone)) - timedelta(days=1), zone)
    return insight.Asked(start, asked.since, asked.queue_id, asked.channel)


def _rows(
    asked: insight.Asked, minutes: int, mine: dict[int, insight.Figures], theirs: dict[int, insight.Figures]
) -> list[Row]:
    length, nothing = timedelta(minutes=minutes), insight.Figures()
    rows = []
    for place in range(max([0, *mine, *theirs]) + 1):
        since, until = asked.since + length * place, asked.since + length * (place + 1)
        figures = mine.get(place, nothing), theirs.get(place, nothing)
        rows.append(Row(since, until, *figures, since <= asked.until < until))
    return rows


def _so_far(
    actor: Actor,
    asked: insight.Asked,
    before: insight.Asked,
    minutes: int,
    theirs: dict[int, insight.Figures],
) -> insight.Figures:
    """Yesterday until the same time: the intervals that were over, and the part of the one that ran."""
    elapsed, length = asked.until - asked.since, timedelta(minutes=minutes)
    over = elapsed // length
    since, until = before.since + length * over, min(before.since + elapsed, before.until)
    running = insight.Asked(since, until, before.queue_id, before.channel)
    part = insight.by_interval(actor, running, minutes=minutes) if since < until else {}
    return insight.summed([*(figures for place, figures in theirs.items() if place < over), *part.values()])


def _queues(actor: Actor) -> list[tuple[UUID, str]]:
    reached = supervision.queues_within(actor, "board.view")
    return [
        (each.id, each.name_in(reader().language))
        for each in routing.queues()
        if reached is None or each.id in reached
    ]


def _chart(rows: list[Row]) -> dict[str, Any]:
    """Today's offered beside yesterday's."""
    return {
        "legend": {},
        "xAxis": {"type": "category", "data": [formats.time(each.since) for each in rows]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {"type": "bar", "name": _("Today"), "data": [each.now.offered for each in rows]},
            {"type": "line", "name": _("Yesterday"), "data": [each.before.offered for each in rows]},
        ],
    }


@requires("board.view")
@require_GET
def counted(request: HttpRequest) -> HttpResponse:
    """The conversations behind a figure."""
    actor, asked = actor_of(request), _asked(request, actor_of(request))
    since, until = _moment(request, "since") or asked.since, _moment(request, "until") or asked.until
    until = min(until, since + LONGEST_TIME)
    asked = insight.Asked(since, until, asked.queue_id, asked.channel)
    which = insight.Which(choice(request, "which", list(insight.Which)) or insight.Which.OFFERED)
    found = insight.counted(actor, asked, which, before=_place(request), limit=insight.SHOWN + 1)
    rows, more = found[: insight.SHOWN], len(found) > insight.SHOWN and which is not insight.Which.LONGEST
    last = rows[-1] if rows else None
    return page(
        request, "floor/counted.html", rows=rows, asked=asked, title=titles()[which], outcomes=outcomes(),
        staff=staff_names({each.agent_id for each in rows}), queues=queue_names({each.queue_id for each in rows} | {asked.queue_id}),
        channels=CHANNELS, may_open=actor.can("conversations.view"),
        next=Cursor(last.entered_at.isoformat(), str(UUID(int=last.id))).text() if more and last else "",
    )  # fmt: skip


def titles() -> dict[str, str]:
    """What each figure counts."""
    return {
        insight.Which.OFFERED: _("Came in"),
        insight.Which.ANSWERED: _("Answered"),
        insight.Which.ABANDONED: _("Abandoned"),
        insight.Which.IN_TIME: _("Answered in time"),
        insight.Which.LATE: _("Not answered in time"),
        insight.Which.HANDLED: _("Handled to the end"),
        insight.Which.LONGEST: _("Longest waits"),
    }


def outcomes() -> dict[str, tuple[str, str]]:
    return {
        "answered": (_("Answered"), "green"),
        "abandoned": (_("Abandoned"), "amber"),
        "lost": (_("Ended otherwise"), "grey"),
        "moved": (_("Moved on"), "grey"),
        "waiting": (_("Waits still"), "blue"),
    }


def _moment(request: HttpRequest, name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _place(request: HttpRequest) -> tuple[datetime, int] | None:
    after = cursor_of(request)
    if after is None:
        return None
    try:
        moment = datetime.fromisoformat(str(after.key))
    except ValueError:
        return None
    return (moment, UUID(str(after.id)).int) if moment.tzinfo is not None else None
