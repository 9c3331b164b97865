"""Opening hours as people type them, a line for each day: `09:00-12:00, 13:00-18:00`; an empty line is a closed day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from itertools import pairwise

from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.people.tenants.public import Options

DAYS = 7
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至到]\s*(\d{1,2}):(\d{2})")
_BETWEEN = re.compile(r"[,;、]")
_MOST = 100

Day = tuple[tuple[str, str], ...]


def day_names() -> list[str]:
    return [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]


def field(day: int) -> str:
    return f"hours_{day}"


def lines(options: Options) -> list[str]:
    """The week as seven lines."""
    return [", ".join(f"{start}-{end}" for start, end in day) for day in options.business_hours]


def read_week(posted: Mapping[str, str]) -> tuple[Day, ...]:
    """The week from the form; Invalid names each day that cannot be read."""
    week: list[Day] = []
    wrong: dict[str, str] = {}
    for place in range(DAYS):
        try:
            week.append(read_day(posted.get(field(place), "")))
        except ValueError:
            wrong[field(place)] = _("Write it as 09:00-18:00, or leave it empty for a closed day.")
    if wrong:
        raise Invalid(fields=wrong)
    return tuple(week)


def read_day(text: str) -> Day:
    """One line. Raises ValueError."""
    plain = unicodedata.normalize("NFKC", text[: _MOST + 1]).strip()
    if len(plain) > _MOST:
        raise ValueError
    spans = sorted(_read_span(part.strip()) for part in _BETWEEN.split(plain) if part.strip())
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError
    return tuple(spans)


def _read_span(text: str) -> tuple[str, str]:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError
    hours = [int(found[1]), int(found[3])]
    minutes = [int(found[2]), int(found[4])]
    start, end = (f"{hour:02d}:{minute:02d}" for hour, minute in zip(hours, minutes, strict=True))
    if max(minutes) > 59 or hours[0] > 23 or end > "24:00" or not start < end:
        raise ValueError
    return start, end
