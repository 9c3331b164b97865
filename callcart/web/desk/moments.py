"""Moments out of the statement's JSON, and how they stand in a sentence."""

from __future__ import annotations

from datetime import datetime

from callcart.core.clock import now
from callcart.web import formats
from callcart.web.reader import reader


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def at_or_none(text: str | None) -> datetime | None:
    return None if text is None else at(text)


def is_today(moment: datetime) -> bool:
    """By the reader's clock."""
    zone = reader().tz
    return moment.astimezone(zone).date() == now().astimezone(zone).date()


def near(moment: datetime) -> str:
    """The time of day where it is today's, else with its day."""
    return formats.time(moment) if is_today(moment) else formats.datetime(moment)
