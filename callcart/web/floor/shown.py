"""What the board and the wall display show of queues, agents and channels: figures against their limits, in words. View models only."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.contact.supervision import public as supervision
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.insight.board import public as insight
from callcart.people.staff import public as staff
from callcart.web import formats
from callcart.web.names import in_language

DAY_SECONDS = 5.0
CHANNELS: Mapping[str, tuple[str | Promise, str]] = {
    "voice": (gettext_lazy("Phone"), "phone"),
    "chat": (gettext_lazy("Chat"), "messages"),
    "mail": (gettext_lazy("E-mail"), "mail"),
    "sms": (gettext_lazy("SMS"), "message-2"),
}
_TONES = {supervision.Alert.WARN: "amber", supervision.Alert.ALARM: "red"}

# By shop, reach and day: until when it holds.
_kept: dict[tuple[int, frozenset[UUID] | None, datetime], tuple[float, dict[UUID, insight.Figures]]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A queue with how far each figure is from what is wanted."""

    now: insight.QueueToday
    name: str
    alerts: Mapping[str, supervision.Alert]

    @property
    def worst(self) -> supervision.Alert:
        return supervision.worst(self.alerts)

    def tone(self, measure: str) -> str:
        """The colour of a figure; empty where it is as wanted."""
        return _TONES.get(self.alerts[measure], "")

    @property
    def alarms(self) -> list[tuple[str, str]]:
        """What rings: a name that stays the same as long as it is so, and a sentence to be spoken."""
        level = self.now.day.service_level
        said = {
            "waiting": _("%(queue)s: %(count)s waiting") % {"queue": self.name, "count": self.now.waiting},
            "longest": _("%(queue)s: the first one waits %(time)s")
            % {"queue": self.name, "time": formats.duration(self.now.longest_wait)},
            "level": _("%(queue)s: service level %(percent)s")
            % {"queue": self.name, "percent": formats.percent(level)},
            "ready": _("%(queue)s: nobody is free enough, %(count)s ready")
            % {"queue": self.name, "count": self.now.ready},
        }
        return [
            (f"{self.now.id}.{measure}", said[measure])
            for measure, alert in self.alerts.items()
            if alert is supervision.Alert.ALARM
        ]


@dataclass(frozen=True, slots=True)
class ChannelRow:
    now: insight.ChannelNow
    name: str
    icon: str


def queue_rows(actor: Actor, *, only: Collection[UUID] = ()) -> list[QueueRow]:
    """Each queue within reach, now and over its day, against its limits."""
    queues = insight.with_day(insight.queues_now(actor), day_of(actor))
    limits = supervision.limits_by_queue()
    return [_row(each, limits.get(each.id, limits[None])) for each in queues if not only or each.id in only]


def _row(queue: insight.QueueToday, limits: supervision.Limits) -> QueueRow:
    level = queue.day.service_level
    figures: dict[str, float | None] = {
        "waiting": queue.waiting,
        "longest": queue.longest_wait,
        "level": None if level is None else level * 100,
        "ready": queue.ready if queue.waiting else None,  # with nobody waiting it does not matter
    }
    return QueueRow(queue, in_language(queue.name, queue.name_zh), supervision.judged(limits, figures))


def channel_rows(actor: Actor) -> list[ChannelRow]:
    return [
        ChannelRow(each, str(CHANNELS[each.channel][0]), CHANNELS[each.channel][1])
        for each in insight.channels_now(actor)
    ]


def day_of(actor: Actor) -> dict[UUID, insight.Figures]:
    """The day of each queue. Counted from a day of paths, so all who look at one moment have it counted once, and a day that takes long to
    count is counted less often: a twentieth of the time at most goes into it. What waits is never kept."""
    start = insight.day_start(actor.tenant_id)
    key = (actor.tenant_id, staff.staff_within(actor, "board.view"), start)
    with _lock:
        kept = _kept.get(key)
        if kept is not None and time.monotonic() < kept[0]:
            return kept[1]
    begun = time.monotonic()
    found = insight.by_queue(actor, insight.Asked(start, now()))
    ended = time.monotonic()
    with _lock:
        if len(_kept) > 1000:
            _kept.clear()
        _kept[key] = (ended + max(DAY_SECONDS, 20 * (ended - begun)), found)
    return found
