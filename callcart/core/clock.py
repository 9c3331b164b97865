"""The one source of time. Everything asks here; tests freeze it, so no test waits for a wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("callcart_frozen_clock", default=None)


def now() -> datetime:
    """The present, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today(timezone: str) -> date:
    """The calendar day it is in `timezone` (an IANA name)."""
    return now().astimezone(ZoneInfo(timezone)).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a calendar day begins in a time zone; the hour may be one that a change of the clocks leaves out."""
    return datetime.combine(day, time(), tzinfo=zone)


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """For tests: `now()` is `moment` (time zone aware) inside the block."""
    if moment.tzinfo is None:
        raise ValueError("the moment needs a time zone")
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
