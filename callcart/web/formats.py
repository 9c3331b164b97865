"""Numbers, money, times and telephone numbers as the reader writes them. Pure; asks `reader()` for whom.

Everything takes None and shows an en dash for it. Elements that tick in the browser (`since`, `relative`) carry their
moment in a data attribute; `js/dates.js` keeps them true.
"""

from __future__ import annotations

import math
from datetime import date as Date
from datetime import datetime as DateTime
from datetime import time as Time
from datetime import timedelta
from functools import lru_cache
from typing import Any

import phonenumbers
from babel import Locale, dates, numbers
from markupsafe import Markup

from callcart.core import clock, ids
from callcart.core.money import NARROW, Money
from callcart.web.reader import reader

NOTHING = "–"
FULL = {"zh": "y年M月d日 HH:mm:ss z"}  # CLDR's own puts the zone between day and time
MANY = 10_000
PLAIN = Markup("")
RELATIVE = Markup(" data-relative")
SINCE = Markup(" data-since")
UNTIL = Markup(" data-until")


def money(value: Money | int | None, currency: str | None = None) -> str:
    """An amount with its sign; a whole number is minor units of `currency` (the shop's own if not given)."""
    if value is None:
        return NOTHING
    who = reader()
    amount = value if isinstance(value, Money) else Money(int(value), currency or who.currency or "USD")
    return _money(amount, who.locale, who.currency)


@lru_cache(maxsize=8192)
def _money(amount: Money, locale: Locale, home: str) -> str:
    text = numbers.format_currency(amount.decimal, amount.currency, locale=locale)
    if amount.currency == home and amount.currency in NARROW:
        text = text.replace(numbers.get_currency_symbol(amount.currency, locale), NARROW[amount.currency])
    return text.replace("-", "−")


def number(value: float | None, digits: int | None = None) -> str:
    """A number with grouping; `digits` fixes the decimals."""
    if value is None:
        return NOTHING
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return numbers.format_decimal(value, format=pattern, locale=reader().locale).replace("-", "−")


def count(value: int | None) -> str:
    """How many there are, honest about where we stopped counting: above 10,000 it says so with a plus."""
    if value is None:
        return NOTHING
    return f"{number(MANY)}+" if value > MANY else number(value)


def percent(share: float | None, digits: int = 0) -> str:
    """A share of one, as per cent."""
    if share is None or math.isnan(share):
        return NOTHING
    pattern = "0" + ("." + "0" * digits if digits else "") + "%"
    return numbers.format_percent(share, format=pattern, locale=reader().locale)


def duration(value: float | timedelta | None) -> str:
    """Seconds (or a timedelta) as m:ss, from an hour as h:mm:ss."""
    if value is None:
        return NOTHING
    total = value.total_seconds() if isinstance(value, timedelta) else float(value)
    seconds = max(0, int(total))
    hours, minutes = divmod(seconds // 60, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds % 60:02}"
    return f"{minutes}:{seconds % 60:02}"


def date(value: Date | DateTime | None) -> str:
    """A calendar day, without the year while it is this year's."""
    if value is None:
        return NOTHING
    who = reader()
    day = value.astimezone(who.tz).date() if isinstance(value, DateTime) else value
    return _day(day, day.year == clock.now().astimezone(who.tz).year, who.locale)


@lru_cache(maxsize=4096)
def _day(day: Date, this_year: bool, locale: Locale) -> str:
    return dates.format_skeleton("MMMd" if this_year else "yMMMd", day, locale=locale)


def time(value: DateTime | None) -> str:
    """The time of day."""
    if value is None:
        return NOTHING
    who = reader()
    local = value.astimezone(who.tz)
    return _clock(Time(local.hour, local.minute), who.locale)


def clock_time(text: str) -> str:
    """A time of day that is kept as text ("09:00", at the end of a day "24:00"), in nobody's zone but the shop's."""
    hour, minute = text.split(":")
    return _clock(Time(int(hour) % 24, int(minute)), reader().locale)


@lru_cache(maxsize=4096)
def _clock(moment: Time, locale: Locale) -> str:
    return dates.format_time(moment, "short", locale=locale)


def time_to_the_second(value: DateTime | None) -> str:
    """The time of day with its seconds, for steps that follow one another closely."""
    if value is None:
        return NOTHING
    who = reader()
    return dates.format_time(value, "medium", tzinfo=who.tz, locale=who.locale)


def time_to_the_millisecond(value: DateTime | None) -> str:
    """The time of day as a path keeps it: 24 hours, to the millisecond, the same in every language."""
    if value is None:
        return NOTHING
    local = value.astimezone(reader().tz)
    return f"{local:%H:%M:%S}.{local.microsecond // 1000:03}"


def datetime(value: DateTime | None) -> str:
    """Day and time, short."""
    return NOTHING if value is None else f"{date(value)} {time(value)}"


def full(value: DateTime | None) -> str:
    """Day, time and zone in full, for a title or an export."""
    if value is None:
        return NOTHING
    who = reader()
    written = FULL.get(who.locale.language, "long")
    return dates.format_datetime(value, written, tzinfo=who.tz, locale=who.locale)


def stamp(value: DateTime | None) -> Markup | str:
    """A `<time>` element: short day and time, in full on hover."""
    if value is None:
        return NOTHING
    return _element(value, datetime(value))


def relative(value: DateTime | None) -> Markup | str:
    """A `<time>` element: how long ago (or until) within a day, else day and time; ticks by itself."""
    if value is None:
        return NOTHING
    delta = value - clock.now()
    if abs(delta) >= timedelta(days=1):
        return stamp(value)
    text = dates.format_timedelta(delta, add_direction=True, locale=reader().locale)
    return _element(value, text, RELATIVE)


def since(value: DateTime | None) -> Markup | str:
    """A `<time>` element counting up from a moment, m:ss, ticking by itself."""
    if value is None:
        return NOTHING
    return _element(value, duration(clock.now() - value), SINCE)


def until(value: DateTime | None) -> Markup | str:
    """A `<time>` element counting down to a moment, m:ss, stopping at 0:00."""
    if value is None:
        return NOTHING
    return _element(value, duration(value - clock.now()), UNTIL)


def _element(value: DateTime, text: str, mark: Markup = PLAIN) -> Markup:
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(
        value.isoformat(), full(value), mark, text
    )


def phone(e164: str | None, actor: Any = None) -> str:
    """A telephone number in the reader's form: national at home, international abroad. With an actor, masked for
    those who may not see numbers."""
    if not e164:
        return NOTHING
    if actor is not None:
        from callcart.people.customers.public import display_phone

        return display_phone(actor, e164)
    return _phone(e164, reader().country)


@lru_cache(maxsize=4096)
def _phone(e164: str, country: str) -> str:
    try:
        parsed = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    home = country and parsed.country_code == phonenumbers.country_code_for_region(country)
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)


def initials(name: str | None) -> str:
    """Two letters for a round badge; for a Chinese name its last two characters."""
    words = (name or "").split()
    if not words:
        return "?"
    last = words[-1]
    if any("一" <= letter <= "鿿" for letter in last):
        return last[-2:]
    return (words[0][0] + (last[0] if len(words) > 1 else "")).upper()


def hue(name: str | None) -> int:
    """A steady number from 0 to 7 for a name, the colour of its badge."""
    return sum((name or "").encode()) % 8


def bytesize(value: int | None) -> str:
    """A size of a file."""
    if value is None:
        return NOTHING
    size = float(value)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{number(round(size, 1) if unit != 'B' and size < 100 else round(size))} {unit}"
        size /= 1000
    return f"{number(round(size, 1))} GB"


FILTERS = {
    "money": money,
    "number": number,
    "count_of": count,
    "percent": percent,
    "duration": duration,
    "date": date,
    "time": time,
    "time_to_the_second": time_to_the_second,
    "time_to_the_millisecond": time_to_the_millisecond,
    "datetime": datetime,
    "full_datetime": full,
    "stamp": stamp,
    "relative": relative,
    "since": since,
    "until": until,
    "phone": phone,
    "spoken": ids.spoken,
    "initials": initials,
    "hue": hue,
    "bytesize": bytesize,
}
