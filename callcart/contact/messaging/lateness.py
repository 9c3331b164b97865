"""Whether an answer takes longer than the shop wants, by the open hours of its queue: nobody is late for a night."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from callcart.contact.hours.public import calendar_of, calendars
from callcart.contact.messaging.queries import Inboxed
from callcart.core.clock import now
from callcart.people.tenants.public import Options, get_tenant, settings_of


def is_late(channel: str, due: datetime | None, queue_id: UUID | None) -> bool:
    """Whether somebody waits too long for an answer that has been due since then (None: none is)."""
    moment, after = now(), _after(settings_of(get_tenant()), channel)
    if due is None or moment - due <= after:
        return False
    return calendar_of(queue_id).open_between(due, moment) > after


def late_ones(written: Collection[Inboxed]) -> set[UUID]:
    """Those of many that are late, with the shop's settings and the hours of their queues read once."""
    moment, options = now(), settings_of(get_tenant())
    after = {channel: _after(options, channel) for channel in {each.channel for each in written}}
    old = [(each, each.due) for each in written if each.due and moment - each.due > after[each.channel]]
    hours = calendars({each.queue_id for each, _due in old}) if old else {}
    return {
        each.id for each, due in old if hours[each.queue_id].open_between(due, moment) > after[each.channel]
    }


def _after(options: Options, channel: str) -> timedelta:
    minutes = {"chat": options.late_chat_minutes, "sms": options.late_sms_minutes}
    return timedelta(minutes=minutes.get(channel, options.late_mail_minutes))
