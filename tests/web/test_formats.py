"""Money, times and numbers as each reader writes them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from markupsafe import Markup

from callcart.core import clock
from callcart.core.money import Money
from callcart.web import formats
from callcart.web.reader import Reader, accepted_language, known_language, reader, reading

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
AMERICAN = Reader("en", "America/New_York", "USD", "US")
CHINESE = Reader("zh-hans", "Asia/Shanghai", "CNY", "CN")
ENGLISH_IN_CHINA = Reader("en", "Asia/Shanghai", "CNY", "CN")


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON):
        yield


@pytest.mark.parametrize(
    ("who", "value", "currency", "written"),
    [
        (AMERICAN, 129900, "USD", "$1,299.00"),
        (AMERICAN, -500, "USD", "−$5.00"),
        (CHINESE, 129900, "CNY", "¥1,299.00"),
        (CHINESE, 129900, "USD", "US$1,299.00"),
        (ENGLISH_IN_CHINA, 129900, "CNY", "¥1,299.00"),
        (AMERICAN, 129900, "CNY", "CN¥1,299.00"),
        (AMERICAN, Money(500, "JPY"), None, "¥500"),
        (AMERICAN, None, None, "–"),
        (CHINESE, 100, None, "¥1.00"),
    ],
)
def test_money(who, value, currency, written):
    with reading(who):
        assert formats.money(value, currency) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "0:00"), (9.9, "0:09"), (134, "2:14"), (3725, "1:02:05"), (-3, "0:00"), (None, "–")],
)
def test_duration(seconds, written):
    assert formats.duration(seconds) == written


def test_days_and_times_are_in_the_readers_zone():
    late = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
    with reading(AMERICAN):
        assert formats.date(late) == "Nov 24"
        assert formats.time(late).replace("\u202f", " ") == "3:30 PM"
        assert formats.date(date(2025, 1, 2)) == "Jan 2, 2025"
    with reading(CHINESE):
        assert formats.date(late) == "11月25日"
        assert formats.time(late) == "04:30"
        assert formats.date(date(2025, 1, 2)) == "2025年1月2日"


def test_a_moment_in_full_ends_with_its_zone():
    late = datetime(2026, 11, 24, 20, 30, 5, tzinfo=UTC)
    with reading(AMERICAN):
        assert formats.full(late).replace("\u202f", " ") == "November 24, 2026, 3:30:05 PM EST"
    with reading(CHINESE):
        assert formats.full(late) == "2026年11月25日 04:30:05 +0800"


def test_relative_within_a_day_then_a_date():
    with reading(AMERICAN):
        assert ">2 minutes ago</time>" in formats.relative(NOON - timedelta(minutes=2))
        assert "data-relative" in formats.relative(NOON - timedelta(minutes=2))
        assert "data-relative" not in formats.relative(NOON - timedelta(days=2))
        assert "Nov 22" in formats.relative(NOON - timedelta(days=2))
    with reading(CHINESE):
        assert ">2分钟前</time>" in formats.relative(NOON - timedelta(minutes=2))


def test_ticking_elements_carry_their_moment():
    element = formats.since(NOON - timedelta(seconds=134))
    assert isinstance(element, Markup)
    assert 'datetime="2026-11-24T16:57:46+00:00"' in element
    assert "data-since>2:14</time>" in element
    assert "data-until>0:30</time>" in formats.until(NOON + timedelta(seconds=30))


def test_numbers():
    with reading(AMERICAN):
        assert formats.number(1234567) == "1,234,567"
        assert formats.number(1.5, 2) == "1.50"
        assert formats.percent(0.864) == "86%"
        assert formats.count(10_000) == "10,000"
        assert formats.count(10_001) == "10,000+"
        assert formats.bytesize(1_536_000) == "1.5 MB"


def test_telephone_numbers_at_home_and_abroad():
    with reading(AMERICAN):
        assert formats.phone("+12025550143") == "(202) 555-0143"
        assert formats.phone("+8657188880100") == "+86 571 8888 0100"
    with reading(CHINESE):
        assert formats.phone("+8657188880100") == "0571 8888 0100"
        assert formats.phone("") == "–"
        assert formats.phone("nonsense") == "nonsense"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Amy Alvarez", "AA"), ("王芳", "王芳"), ("欧阳晓雨", "晓雨"), ("cher", "C"), ("", "?"), (None, "?")],
)
def test_initials(name, letters):
    assert formats.initials(name) == letters


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-FR,fr;q=0.9,zh;q=0.3,en;q=0.5", "en"),
        ("fr", None),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=nonsense", None),
        ("", None),
    ],
)
def test_accept_language(header, language):
    assert accepted_language(header) == language


def test_known_languages():
    assert known_language("zh_Hans") == "zh-hans"
    assert known_language("EN-us") == "en"
    assert known_language("fr") is None
    assert known_language(None) is None


def test_an_unknown_zone_is_utc_and_reading_ends():
    with reading(Reader(zone="Nowhere/City")):
        assert str(reader().tz) == "UTC"
    assert reader() == Reader()


def test_a_time_to_the_second_has_no_fraction_of_it():
    moment = datetime(2026, 11, 24, 20, 30, 7, 123000, tzinfo=UTC)
    with reading(AMERICAN):
        assert formats.time_to_the_second(moment).replace("\u202f", " ") == "3:30:07 PM"
    with reading(CHINESE):
        assert formats.time_to_the_second(moment) == "04:30:07"
    assert formats.time_to_the_second(None) == "–"
