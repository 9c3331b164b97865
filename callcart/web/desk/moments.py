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


def in_sentence(text: str) -> str:
    """The time of day today, with the day before that."""
    moment, zone = at(text), reader().tz
    today = moment.astimezone(zone).date() == now().astimezone(zone).date()
    return formats.time(moment) if today else formats.datetime(moment)
