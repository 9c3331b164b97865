"""How things are said aloud in English and Chinese: numbers, order numbers, money, days, times, waits. Pure.

Texts are for a speaking voice: what a voice might misread (Chinese numerals, 两 before measure words, cents) is written out.
`language` is `en` or `zh-hans` throughout.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel.numbers import get_currency_name, get_currency_precision

from callcart.core.money import Money

_ZH = "零一二三四五六七八九"
_ZH_DIGITS = "零幺二三四五六七八九"  # 幺 for one: 一 and 七 sound alike on a line
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True, slots=True)
class Coin:
    """The names of a currency's unit and its hundredth, one and many, and in Chinese."""

    one: str
    many: str
    small: str
    smalls: str
    zh: str
    zh_small: str


_COINS: Mapping[str, Coin] = {
    "USD": Coin("dollar", "dollars", "cent", "cents", "美元", "美分"),
    "EUR": Coin("euro", "euros", "cent", "cents", "欧元", "欧分"),
    "GBP": Coin("pound", "pounds", "penny", "pence", "英镑", "便士"),
    "HKD": Coin("Hong Kong dollar", "Hong Kong dollars", "cent", "cents", "港元", "港仙"),
    "SGD": Coin("Singapore dollar", "Singapore dollars", "cent", "cents", "新加坡元", "分"),
    "AUD": Coin("Australian dollar", "Australian dollars", "cent", "cents", "澳元", "澳分"),
    "CAD": Coin("Canadian dollar", "Canadian dollars", "cent", "cents", "加元", "加分"),
    "CNY": Coin("yuan", "yuan", "fen", "fen", "元", "分"),
}


def is_chinese(language: str) -> bool:
    return language.startswith("zh")


def number_zh(number: int) -> str:
    """A whole number from 0 below a trillion in Chinese words: 1004 is 一千零四, 12 is 十二, 2000 is 两千."""
    if not 0 <= number < 10**12:
        raise ValueError(f"not a number to be said: {number}")
    words = ""
    for unit, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, unit)
        if part:
            gap = words and part < 1000
            said = "两" if part == 2 and name else _under_ten_thousand(part)
            words += ("零" if gap else "") + said + name
    return words.removeprefix("一") if words.startswith("一十") else words or "零"


def _under_ten_thousand(number: int) -> str:
    words, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            said = "两" if digit == 2 and unit == 1000 else _ZH[digit]
            words += ("零" if gap else "") + said + name
            gap = False
        else:
            gap = bool(words)
    return words


def count_zh(number: int, measure: str) -> str:
    """A number before a measure word: 2 is 两 there."""
    return f"{'两' if number == 2 else number_zh(number)}{measure}"


def count_en(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def digits(number: str, language: str) -> str:
    """An order number digit by digit, with a short pause after each three."""
    plain = [character for character in number if character in "0123456789"]
    groups = [plain[place : place + 3] for place in range(0, len(plain), 3)]
    if len(groups) > 1 and len(groups[-1]) == 1:  # no lonely last digit
        groups[-2:] = [groups[-2][:2], [groups[-2][2], groups[-1][0]]]
    if is_chinese(language):
        return "，".join("".join(_ZH_DIGITS[int(digit)] for digit in group) for group in groups)
    return ", ".join(" ".join(group) for group in groups)


def money(amount: Money, language: str) -> str:
    """An amount as people say it: `59 dollars and 90 cents`, 五十九元九角. Unlisted currencies by their name."""
    minus = amount.minor < 0
    whole, rest = divmod(abs(amount.minor), 10 ** get_currency_precision(amount.currency))
    coin = _COINS.get(amount.currency)
    if is_chinese(language):
        said = _money_zh(whole, rest, amount, coin)
        return f"负{said}" if minus else said
    said = _money_en(whole, rest, amount, coin)
    return f"minus {said}" if minus else said


def _money_en(whole: int, rest: int, amount: Money, coin: Coin | None) -> str:
    if coin is None:
        name = get_currency_name(amount.currency, count=float(abs(amount.decimal)), locale="en")
        return f"{abs(amount.decimal)} {name}"
    small = count_en(rest, coin.small, coin.smalls)
    if not whole and rest:
        return small
    said = count_en(whole, coin.one, coin.many)
    return f"{said} and {small}" if rest else said


def _money_zh(whole: int, rest: int, amount: Money, coin: Coin | None) -> str:
    if coin is None:
        point = "点" + "".join(_ZH[int(digit)] for digit in str(abs(amount.decimal)).partition(".")[2])
        name = get_currency_name(amount.currency, locale="zh_Hans")
        return number_zh(whole) + (point if rest else "") + name
    said = count_zh(whole, coin.zh) if whole or not rest else ""
    if amount.currency != "CNY":
        return said + (count_zh(rest, coin.zh_small) if rest else "")
    jiao, fen = divmod(rest, 10)
    if jiao:
        said += f"{_ZH[jiao]}角"
    elif fen and whole:
        said += "零"
    return said + (f"{_ZH[fen]}分" if fen else "")


def day(when: date, today: date, language: str) -> str:
    """A day as people call it: today, yesterday, tomorrow, or its date; the year only where it is not this one."""
    near = {0: ("today", "今天"), -1: ("yesterday", "昨天"), 1: ("tomorrow", "明天")}.get((when - today).days)
    if near:
        return near[is_chinese(language)]
    if is_chinese(language):
        said = f"{number_zh(when.month)}月{number_zh(when.day)}日"
        return said if when.year == today.year else "".join(_ZH[int(d)] for d in str(when.year)) + f"年{said}"
    said = f"on {_MONTHS[when.month - 1]} {_ordinal(when.day)}"
    return said if when.year == today.year else f"{said}, {when.year}"


def weekday(when: date, language: str) -> str:
    return _WEEKDAYS_ZH[when.weekday()] if is_chinese(language) else _WEEKDAYS[when.weekday()]


def _ordinal(number: int) -> str:
    ending = "th" if 11 <= number <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def clock(hour: int, minute: int, language: str) -> str:
    """A time of day: `9:40 AM`, 上午九点四十分."""
    if not is_chinese(language):
        shown = f"{(hour - 1) % 12 + 1}" + (f":{minute:02d}" if minute else "")
        return {(0, 0): "midnight", (12, 0): "noon"}.get(
            (hour, minute), f"{shown} {'AM' if hour < 12 else 'PM'}"
        )
    part = next(name for until, name in _PARTS_OF_DAY if hour < until)
    said = f"{part}{count_zh((hour - 1) % 12 + 1 if hour else 0, '点')}"
    if not minute:
        return f"{said}整"
    return f"{said}{'零' if minute < 10 else ''}{number_zh(minute)}分"


_PARTS_OF_DAY = ((6, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))


def moment(when: datetime, today: date, language: str) -> str:
    """Day and time of a moment that is already in the listener's time zone."""
    at = clock(when.hour, when.minute, language)
    return day(when.date(), today, language) + (at if is_chinese(language) else f" at {at}")


def wait(seconds: int, language: str) -> str:
    """A wait in whole minutes, rounded up: no caller is told less than the guess."""
    minutes = max(1, -(-seconds // 60))
    chinese = is_chinese(language)
    if seconds < 60:
        return "不到一分钟" if chinese else "less than a minute"
    if minutes > 60:
        return "一个小时以上" if chinese else "more than an hour"
    return (
        f"大约{count_zh(minutes, '分钟')}" if chinese else f"about {count_en(minutes, 'minute', 'minutes')}"
    )
