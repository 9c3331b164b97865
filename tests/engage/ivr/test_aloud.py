"""How numbers, money, days, times and waits are said in both languages: the exact words."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from callcart.core.money import Money
from callcart.engage.ivr import aloud

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "零"), (2, "二"), (10, "十"), (12, "十二"), (20, "二十"), (101, "一百零一"), (110, "一百一十"), (1004, "一千零四"),
        (2222, "两千二百二十二"), (10_004, "一万零四"), (20_000, "两万"), (120_000, "十二万"), (100_100, "十万零一百"),
        (110_010_000, "一亿一千零一万"), (100_000_050, "一亿零五十"),
    ],
)  # fmt: skip
def test_numbers_in_chinese(number: int, said: str) -> None:
    assert aloud.number_zh(number) == said


def test_numbers_that_are_none_are_refused() -> None:
    for number in (-1, 10**12):
        with pytest.raises(ValueError, match="not a number"):
            aloud.number_zh(number)


def test_two_before_a_measure_word_is_liang() -> None:
    assert [aloud.count_zh(number, "件") for number in (1, 2, 12, 22)] == [
        "一件",
        "两件",
        "十二件",
        "二十二件",
    ]


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        ("10482", "1 0 4, 8 2", "幺零四，八二"),
        ("1048", "1 0, 4 8", "幺零，四八"),
        ("1048237", "1 0 4, 8 2, 3 7", "幺零四，八二，三七"),
        ("104823", "1 0 4, 8 2 3", "幺零四，八二三"),
        ("7", "7", "七"),
    ],
)
def test_order_numbers_digit_by_digit(number: str, english: str, chinese: str) -> None:
    assert aloud.digits(number, "en") == english
    assert aloud.digits(number, "zh-hans") == chinese


@pytest.mark.parametrize(
    ("minor", "currency", "english", "chinese"),
    [
        (5990, "USD", "59 dollars and 90 cents", "五十九美元九十美分"),
        (100, "USD", "1 dollar", "一美元"),
        (101, "USD", "1 dollar and 1 cent", "一美元一美分"),
        (5, "USD", "5 cents", "五美分"),
        (0, "USD", "0 dollars", "零美元"),
        (5990, "CNY", "59 yuan and 90 fen", "五十九元九角"),
        (12805, "CNY", "128 yuan and 5 fen", "一百二十八元零五分"),
        (200, "CNY", "2 yuan", "两元"),
        (55, "CNY", "55 fen", "五角五分"),
        (5, "CNY", "5 fen", "五分"),
        (-250, "CNY", "minus 2 yuan and 50 fen", "负两元五角"),
        (1200, "JPY", "1200 Japanese yen", "一千二百日元"),
        (1250, "CHF", "12.50 Swiss francs", "十二点五零瑞士法郎"),
        (201, "GBP", "2 pounds and 1 penny", "两英镑一便士"),
    ],
)
def test_money(minor: int, currency: str, english: str, chinese: str) -> None:
    assert aloud.money(Money(minor, currency), "en") == english
    assert aloud.money(Money(minor, currency), "zh-hans") == chinese


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        (date(2026, 11, 25), "today", "今天"),
        (date(2026, 11, 24), "yesterday", "昨天"),
        (date(2026, 11, 26), "tomorrow", "明天"),
        (date(2026, 11, 23), "on November 23rd", "十一月二十三日"),
        (date(2026, 11, 11), "on November 11th", "十一月十一日"),
        (date(2026, 3, 1), "on March 1st", "三月一日"),
        (date(2025, 12, 2), "on December 2nd, 2025", "二零二五年十二月二日"),
    ],
)
def test_days(day: date, english: str, chinese: str) -> None:
    assert aloud.day(day, TODAY, "en") == english
    assert aloud.day(day, TODAY, "zh-hans") == chinese


@pytest.mark.parametrize(
    ("hour", "minute", "english", "chinese"),
    [
        (9, 40, "9:40 AM", "上午九点四十分"),
        (9, 5, "9:05 AM", "上午九点零五分"),
        (15, 0, "3 PM", "下午三点整"),
        (14, 10, "2:10 PM", "下午两点十分"),
        (12, 0, "noon", "中午十二点整"),
        (0, 0, "midnight", "凌晨零点整"),
        (0, 20, "12:20 AM", "凌晨零点二十分"),
        (20, 30, "8:30 PM", "晚上八点三十分"),
    ],
)
def test_times_of_day(hour: int, minute: int, english: str, chinese: str) -> None:
    assert aloud.clock(hour, minute, "en") == english
    assert aloud.clock(hour, minute, "zh-hans") == chinese


def test_moments() -> None:
    at = datetime(2026, 11, 25, 9, 40)
    assert aloud.moment(at, TODAY, "en") == "today at 9:40 AM"
    assert aloud.moment(at, TODAY, "zh-hans") == "今天上午九点四十分"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (0, "less than a minute", "不到一分钟"),
        (59, "less than a minute", "不到一分钟"),
        (60, "about 1 minute", "大约一分钟"),
        (61, "about 2 minutes", "大约两分钟"),
        (3600, "about 60 minutes", "大约六十分钟"),
        (3601, "more than an hour", "一个小时以上"),
    ],
)
def test_waits_are_rounded_up(seconds: int, english: str, chinese: str) -> None:
    assert aloud.wait(seconds, "en") == english
    assert aloud.wait(seconds, "zh-hans") == chinese
