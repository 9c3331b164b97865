"""Reading one cell. What a spreadsheet, an ERP or a person may have written is read in every form that has one meaning; what
has two (3/4/2026, 1.234) is read by the style of the file, and refused where the style leaves it open.

Nothing here rounds and nothing is guessed: a cell that cannot be read is a problem in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

from callcart.core.exchange.declare import Column, Kind, Place
from callcart.core.fields import is_storable
from callcart.core.normal import normal_form

MOST_MINOR = 10**15
_EPOCH = date(1899, 12, 30)  # day 0 of a spreadsheet, its leap year that never was included
_SERIAL = (20_000, 80_000)  # 1954 to 2119: a year alone is no day
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_CLOCK = re.compile(
    r"[T\s]*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_AMOUNT = re.compile(r"[+-]?\d[\d.,]*|[+-]?[.,]\d+")
_SIGNS = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "CNY",
    "￥": "CNY",
    "₹": "INR",
    "元": "CNY",
    "R$": "BRL",
    "US$": "USD",
}
_TWO_MEANINGS = {"$", "¥", "￥"}  # dollars of many countries, yen and yuan
_YES = frozenset({"yes", "y", "true", "t", "1", "x", "on", "是", "有", "真", "√", "对"})
_NO = frozenset({"no", "n", "false", "f", "0", "off", "否", "无", "假", "×", "错"})


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes what can be written in two ways. `date_order`: `dmy`, `mdy` or empty (not known); `decimal`: the
    sign before the fraction, `.` or `,`."""

    date_order: str = ""
    decimal: str = "."


class Unreadable(ValueError):
    """A cell that cannot be read; its text is the sentence for the person."""


def read(column: Column, cell: str, style: Style, place: Place) -> Any:
    """The plain value of a cell that is not empty. Raises Unreadable."""
    return _READERS[column.kind](column, cell, style, place)


def _text(column: Column, cell: str, style: Style, place: Place) -> str:
    text = cell if cell.isascii() else normal_form("NFC", cell)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable() and not is_storable(text, lines=column.lines):
        if "\n" not in text or not is_storable(text):
            raise Unreadable(_("This text holds characters that cannot be kept."))
        text = " ".join(text.split("\n"))
    if len(text) > column.most:
        raise Unreadable(_("At most %(most)s characters.") % {"most": column.most})
    return text


def _exact(cell: str, decimal: str) -> Decimal:
    """A number with the file's decimal sign; the other one only between groups of three."""
    text = normal_form("NFKC", cell).translate(_SPACES)
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()") if negative else text
    if not _AMOUNT.fullmatch(text):
        raise Unreadable(_("This is not a number."))
    other = "," if decimal == "." else "."
    whole, sign, fraction = text.partition(decimal)
    groups = whole.lstrip("+-").split(other)
    grouped = len(groups) > 1
    if (
        other in fraction
        or decimal in fraction
        or (grouped and (len(groups[0]) > 3 or any(len(g) != 3 for g in groups[1:])))
    ):
        raise Unreadable(_("This number can be read in two ways; check the decimal sign of the file."))
    try:
        found = Decimal(whole.replace(other, "") + ("." if sign else "") + fraction)
    except InvalidOperation:
        raise Unreadable(_("This is not a number.")) from None
    return -found if negative else found


_SPACES = {ord(c): None for c in " \u00a0\u2009\u202f'’"} | {ord("−"): "-", ord("，"): ",", ord("。"): "."}


def _bounded(column: Column, value: Any) -> Any:
    if column.least_value is not None and value < column.least_value:
        raise Unreadable(_("Give a number of %(least)s or more.") % {"least": column.least_value})
    if column.most_value is not None and value > column.most_value:
        raise Unreadable(_("Give a number of %(most)s or less.") % {"most": column.most_value})
    return value


def _whole(column: Column, cell: str, style: Style, place: Place) -> int:
    exact = _exact(cell, style.decimal)
    if exact != exact.to_integral_value():
        raise Unreadable(_("Give a whole number."))
    if abs(exact) >= 2**31:
        raise Unreadable(_("This number is too large."))
    return int(_bounded(column, int(exact)))


def _number(column: Column, cell: str, style: Style, place: Place) -> str:
    exact = _exact(cell, style.decimal)
    if abs(exact) >= MOST_MINOR or exact.as_tuple().exponent < -12:  # type: ignore[operator]
        raise Unreadable(_("This number is too large."))
    _bounded(column, exact)
    return format(exact.normalize(), "f")


def _money(column: Column, cell: str, style: Style, place: Place) -> int:
    """Minor units of the shop's currency; another currency's sign or code is refused."""
    text = cell.strip()
    if not (text[:1].isdecimal() and text[-1:].isdecimal()):
        text = _without_currency(text, place.currency)
    exact = _exact(text, style.decimal).scaleb(get_currency_precision(place.currency))
    if exact != exact.to_integral_value():
        raise Unreadable(
            _("This amount has more decimal places than %(currency)s.") % {"currency": place.currency}
        )
    if abs(exact) >= MOST_MINOR:
        raise Unreadable(_("This number is too large."))
    return int(_bounded(column, int(exact)))


_MARK = re.compile(r"[A-Za-z]{1,3}\$|[A-Za-z]{3}|[$€£¥￥₹元]")


def _without_currency(text: str, currency: str) -> str:
    if any(each.isalpha() for each in _MARK.sub("", text)):
        return text  # words or a formula, no amount at all
    for mark in _MARK.findall(text):
        meant = _SIGNS.get(mark, mark.upper())
        same = meant == currency or (mark in _TWO_MEANINGS and currency in _MAY_USE[mark])
        if not same:
            raise Unreadable(
                _("This amount is in another currency than %(currency)s.") % {"currency": currency}
            )
        text = text.replace(mark, "", 1)
    return text.strip()


_MAY_USE = {
    "$": {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "CLP", "COP", "ARS"},
    "¥": {"CNY", "JPY"},
    "￥": {"CNY", "JPY"},
}


def _day(column: Column, cell: str, style: Style, place: Place) -> str:
    found, _rest = read_day(cell, style.date_order)
    return found.isoformat()


def _moment(column: Column, cell: str, style: Style, place: Place) -> str:
    """A moment, in the shop's zone where the cell names none; a day alone is its beginning."""
    text = cell.strip()
    day, rest = read_day(text, style.date_order)
    clock, zone = _clock(rest)
    moment = datetime.combine(day, clock, tzinfo=zone or ZoneInfo(place.timezone))
    return moment.astimezone(UTC).isoformat()


def _clock(text: str) -> tuple[time, Any]:
    if not text.strip():
        return time(), None
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise Unreadable(_("This is not a date."))
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if half := (found[4] or "").lower().replace(".", ""):
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        clock = time(hour, minute, second)
    except ValueError:
        raise Unreadable(_("This is not a date.")) from None
    zone = found[5]
    if not zone:
        return clock, None
    return clock, UTC if zone == "Z" else datetime.strptime(zone, "%z").tzinfo


def read_day(cell: str, order: str) -> tuple[date, str]:
    """The day a cell begins with, and what follows it. Raises Unreadable; one that could be two days needs the file's order."""
    text = cell if cell.isascii() else normal_form("NFKC", cell)
    text = text.strip()
    serial = _serial(text)
    if serial is not None:
        return serial
    for pattern, parts in ((_ISO, (1, 2, 3)), (_CHINESE, (1, 2, 3)), (_DOTTED, (3, 2, 1))):
        if found := pattern.match(text):
            year, month, day = (int(found[part]) for part in parts)
            return _date(year, month, day), text[found.end() :]
    if found := _SLASHED.match(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first > 12 or second > 12 or first == second:
            swapped = first > 12
        elif order:
            swapped = order == "dmy"
        else:
            raise Unreadable(_("This date can be read in two ways; choose the order of day and month."))
        month, day = (second, first) if swapped else (first, second)
        return _date(year, month, day), text[found.end() :]
    raise Unreadable(_("This is not a date."))


def _serial(text: str) -> tuple[date, str] | None:
    """A spreadsheet's count of days, its fraction the time."""
    whole, _dot, fraction = text.partition(".")
    if not whole.isascii() or not whole.isdecimal() or (fraction and not fraction.isdecimal()):
        return None
    if len(whole) == 8 and not fraction:  # 20261129
        return _date(int(whole[:4]), int(whole[4:6]), int(whole[6:])), ""
    if len(whole) > 7 or not _SERIAL[0] <= int(whole) <= _SERIAL[1]:
        return None
    seconds = round(float(f"0.{fraction or 0}") * 86_400)
    moment = datetime.combine(_EPOCH, time()) + timedelta(days=int(whole), seconds=seconds)
    return moment.date(), f" {moment:%H:%M:%S}" if seconds else ""


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(_("There is no such day.")) from None


def _yes_no(column: Column, cell: str, style: Style, place: Place) -> bool:
    word = normal_form("NFKC", cell).strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(_("Write yes or no."))


def _choice(column: Column, cell: str, style: Style, place: Place) -> str:
    word = folded(cell)
    for name, value in column.choices.items():
        if word in (folded(name), folded(value)):
            return value
    words = ", ".join(dict.fromkeys(column.choices.values()))
    raise Unreadable(
        _("“%(given)s” is none of: %(words)s.") % {"given": cell.strip()[:40], "words": words[:200]}
    )


def folded(text: str) -> str:
    """A heading or word as it is compared: width, case, blanks and joints do not matter."""
    return re.sub(r"[\W_]+", "", normal_form("NFKC", text).casefold())


_READERS = {
    Kind.TEXT: _text,
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DAY: _day,
    Kind.MOMENT: _moment,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
}


def date_order(cells: list[str]) -> str:
    """The order of day and month that these cells prove: `dmy`, `mdy`, `both` where they contradict each other, or empty."""
    proofs = set()
    for cell in cells:
        found = _SLASHED.match(cell.strip())
        if found and int(found[1]) > 12:
            proofs.add("dmy")
        elif found and int(found[2]) > 12:
            proofs.add("mdy")
    return "both" if len(proofs) == 2 else next(iter(proofs), "")


def has_open_dates(cells: list[str]) -> bool:
    """Whether some of these cells are dates that only an order makes readable."""
    return any(
        (found := _SLASHED.match(cell.strip()))
        and int(found[1]) <= 12
        and int(found[2]) <= 12
        and found[1] != found[2]
        for cell in cells
    )


def decimal_sign(cells: list[str]) -> str:
    """The decimal sign that these cells prove (`.` or `,`), or empty."""
    for cell in cells:
        text = normal_form("NFKC", cell).translate(_SPACES).strip("+-$€£¥ ")
        last = max(text.rfind("."), text.rfind(","))
        if last < 0:
            continue
        sign, other = text[last], "," if text[last] == "." else "."
        digits = len(text) - last - 1
        if other in text or digits != 3 or text.startswith(sign) or last > 3:
            return other if text.count(sign) > 1 else sign
    return ""
