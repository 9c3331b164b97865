"""Whether somebody answers at a moment, when that changes, and how much open time lies between two moments. Pure.

Hours are what a clock on the wall shows. Where the clocks are changed, a span that begins in the hour that is left out begins at the
change, and one that ends in the hour that comes twice ends with its second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from zoneinfo import ZoneInfo

AHEAD = timedelta(days=60)  # further than this nobody is told of an opening
MOST = timedelta(days=400)
_DAY = timedelta(days=1)

Span = tuple[str, str]
Day = tuple[Span, ...]
Week = tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Closed, or open, from `starts` until `ends`."""

    starts: datetime
    ends: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """`week`: Monday first, spans of HH:MM. `special`: hours of single days, none for closed. `exceptions`: the one made last first."""

    week: Week
    zone: ZoneInfo
    special: Mapping[date, Day] = field(default_factory=dict)
    exceptions: Sequence[Exceptional] = ()

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody answers."""
        for each in self.exceptions:
            if each.starts <= moment < each.ends:
                return each.is_open
        return any(start <= moment < end for start, end in self._of_day(self._day(moment)))

    def next_opening(self, moment: datetime) -> datetime | None:
        """When it opens next, in UTC; None where that is further away than AHEAD. Of one that is open: when it opens again."""
        was_open = self.is_open(moment)
        for boundary in self._boundaries(moment, moment + AHEAD):
            opens = self.is_open(boundary)
            if opens and not was_open:
                return boundary
            was_open = opens
        return None

    def closes_at(self, moment: datetime) -> datetime | None:
        """When one that is open now closes, in UTC; None where it is closed, or open for as long as AHEAD."""
        if not self.is_open(moment):
            return None
        later = self._boundaries(moment, moment + AHEAD)
        return next((boundary for boundary in later if not self.is_open(boundary)), None)

    def open_between(self, since: datetime, until: datetime) -> timedelta:
        """The open time between two moments, of the last MOST before `until`."""
        since = max(since, until - MOST)
        total, begun, is_open = timedelta(), since, self.is_open(since)
        for boundary in (*self._boundaries(since, until), until):
            if is_open:
                total += max(timedelta(), boundary - begun)
            begun, is_open = boundary, self.is_open(boundary)
        return total

    def after_open_time(self, moment: datetime, wanted: timedelta) -> datetime | None:
        """When so much open time has passed after a moment; None where it has not within MOST."""
        left, begun, is_open = wanted, moment, self.is_open(moment)
        for boundary in self._boundaries(moment, moment + MOST):
            if is_open and boundary - begun >= left:
                return begun + left
            left -= boundary - begun if is_open else timedelta()
            begun, is_open = boundary, self.is_open(boundary)
        return None

    def hours_of(self, day: date) -> Day:
        """The hours of a date, exceptions of the moment aside."""
        return self.special.get(day, self.week[day.weekday()])

    def end_of_day(self, moment: datetime) -> datetime:
        """When the day of a moment is over, in UTC."""
        return _instant(self._day(moment) + _DAY, time(), self.zone, last=False)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _of_day(self, day: date) -> list[tuple[datetime, datetime]]:
        return [
            (self._at(day, start, last=False), self._at(day, end, last=True))
            for start, end in self.hours_of(day)
        ]

    def _at(self, day: date, clock: str, *, last: bool) -> datetime:
        if clock == "24:00":
            return _instant(day + _DAY, time(), self.zone, last=False)
        return _instant(day, time.fromisoformat(clock), self.zone, last=last)

    def _boundaries(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Every moment after `since` and before `until` at which something may change, in order; some of them twice."""
        held = sorted(moment for each in self.exceptions for moment in (each.starts, each.ends))
        return (moment for moment in merge(self._turns(since, until), held) if since < moment < until)

    def _turns(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """The beginnings and ends of all spans, day by day."""
        day, last = self._day(since), self._day(until)
        while day <= last:
            yield from sorted(moment for span in self._of_day(day) for moment in span)
            day += _DAY


def _instant(day: date, clock: time, zone: ZoneInfo, *, last: bool) -> datetime:
    """When the clock on the wall shows this; of an hour that comes twice the first or the `last` time, of one left out the change."""
    wall = datetime.combine(day, clock, tzinfo=zone)
    first, second = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if first <= second:
        return second if last else first
    low, high = second, first  # left out: the change lies between, and is found by halving
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high
