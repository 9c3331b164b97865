"""The time zones offered, with their distance from UTC today and the city in the reader's language."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from callcart.core import clock
from callcart.web.reader import reader


def zone_choices() -> list[tuple[str, str]]:
    """(name, label) pairs from west to east."""
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return _choices(reader().locale, noon)


@lru_cache(maxsize=8)
def _choices(locale: Locale, at: datetime) -> list[tuple[str, str]]:
    names = available_timezones() & set(get_global("zone_territories"))
    rows = []
    for name in names:
        zone = ZoneInfo(name)
        offset = at.astimezone(zone).utcoffset()
        minutes = int(offset.total_seconds() // 60) if offset is not None else 0
        rows.append((minutes, get_timezone_location(zone, locale=locale, return_city=True), name))
    return [(name, f"{_written(minutes)} {city}") for minutes, city, name in sorted(rows)]


def _written(minutes: int) -> str:
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
