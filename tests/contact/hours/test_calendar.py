"""What the clock on the wall means: spans, holidays, exceptions, and the two days on which the clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.contact.hours.calendar import Calendar, Exceptional, Week

NEW_YORK, SHANGHAI, LORD_HOWE = (
    ZoneInfo("America/New_York"),
    ZoneInfo("Asia/Shanghai"),
    ZoneInfo("Australia/Lord_Howe"),
)
OFFICE: Week = ((("09:00", "12:00"), ("13:00", "18:00")),) * 5 + ((), ())
NIGHTS: Week = ((("00:00", "02:00"), ("22:00", "24:00")),) * 7
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)  # New York changes its clocks at two


def at(text: str, zone: ZoneInfo = NEW_YORK, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-30 08:59:59", False), ("2026-11-30 09:00", True), ("2026-11-30 11:59:59", True),
        ("2026-11-30 12:00", False), ("2026-11-30 13:00", True), ("2026-11-30 18:00", False), ("2026-12-05 10:00", False),
    ],
)  # fmt: skip
def test_a_span_holds_from_its_first_to_before_its_last_minute(moment: str, is_open: bool) -> None:
    assert Calendar(OFFICE, NEW_YORK).is_open(at(moment)) is is_open


def test_when_it_opens_and_closes_next() -> None:
    calendar = Calendar(OFFICE, NEW_YORK)
    assert calendar.next_opening(at("2026-11-30 12:30")) == at("2026-11-30 13:00")
    assert calendar.next_opening(at("2026-12-04 18:30")) == at("2026-12-07 09:00"), "over the weekend"
    assert calendar.next_opening(at("2026-11-30 10:00")) == at("2026-11-30 13:00"), "again, after noon"
    assert calendar.closes_at(at("2026-11-30 10:00")) == at("2026-11-30 12:00")
    assert calendar.closes_at(at("2026-11-30 12:30")) is None


def test_one_that_is_never_open_says_no_moment_and_one_that_always_is_never_closes() -> None:
    never, always = Calendar(((),) * 7, NEW_YORK), Calendar(((("00:00", "24:00"),),) * 7, NEW_YORK)
    assert never.next_opening(at("2026-11-30 12:00")) is None
    assert never.after_open_time(at("2026-11-30 12:00"), timedelta(seconds=1)) is None
    assert always.closes_at(at("2026-11-30 12:00")) is None
    assert always.open_between(at("2026-03-07 12:00"), at("2026-03-09 12:00")) == timedelta(hours=47)


def test_midnight_is_no_closing() -> None:
    calendar = Calendar(NIGHTS, SHANGHAI)
    assert calendar.is_open(at("2026-11-30 23:59:59", SHANGHAI))
    assert calendar.closes_at(at("2026-11-30 22:30", SHANGHAI)) == at("2026-12-01 02:00", SHANGHAI)


def test_a_holiday_a_half_day_and_an_extra_day() -> None:
    calendar = Calendar(
        OFFICE, NEW_YORK,
        special={date(2026, 12, 24): (("09:00", "13:00"),), date(2026, 12, 25): (), date(2026, 12, 26): (("10:00", "11:00"),)},
    )  # fmt: skip
    assert calendar.is_open(at("2026-12-24 12:30")) and not calendar.is_open(at("2026-12-24 14:00"))
    assert not calendar.is_open(at("2026-12-25 10:00"))
    assert calendar.next_opening(at("2026-12-24 13:00")) == at("2026-12-26 10:00")


def test_closed_today_from_three_and_the_later_word_holds() -> None:
    three, end = at("2026-11-30 15:00"), at("2026-12-01 00:00")
    closed = Exceptional(three, end, is_open=False)
    calendar = Calendar(OFFICE, NEW_YORK, exceptions=(closed,))
    assert calendar.is_open(at("2026-11-30 14:59")) and not calendar.is_open(three)
    assert calendar.next_opening(three) == at("2026-12-01 09:00")
    late = Exceptional(at("2026-11-30 17:00"), at("2026-11-30 20:00"), is_open=True)
    calendar = Calendar(OFFICE, NEW_YORK, exceptions=(late, closed))
    assert calendar.next_opening(three) == at("2026-11-30 17:00")
    assert calendar.closes_at(at("2026-11-30 19:00")) == at("2026-11-30 20:00")
    assert calendar.open_between(at("2026-11-30 14:00"), at("2026-12-01 09:30")) == timedelta(
        hours=4, minutes=30
    )


@pytest.mark.parametrize(
    ("zone", "day", "span", "begins", "hours"),
    [
        (NEW_YORK, SPRING, ("00:00", "24:00"), "05:00", 23.0),
        (NEW_YORK, AUTUMN, ("00:00", "24:00"), "04:00", 25.0),
        (
            NEW_YORK,
            SPRING,
            ("02:30", "05:00"),
            "07:00",
            2.0,
        ),  # half past two there is none: from the change on
        (NEW_YORK, AUTUMN, ("01:30", "03:00"), "05:30", 2.5),  # from the first half past one
        (NEW_YORK, AUTUMN, ("00:00", "01:30"), "04:00", 2.5),  # to the second
        (LORD_HOWE, date(2026, 10, 4), ("02:15", "04:00"), "15:30", 1.5),  # half an hour is left out there
    ],
)
def test_days_on_which_the_clocks_are_changed(
    zone: ZoneInfo, day: date, span: tuple[str, str], begins: str, hours: float
) -> None:
    calendar = Calendar(((),) * 7, zone, special={day: (span,)})
    before = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC) - timedelta(hours=1)
    opening = calendar.next_opening(before)
    assert opening is not None and opening.strftime("%H:%M") == begins
    assert calendar.open_between(before, before + timedelta(days=3)) == timedelta(hours=hours)


def test_a_promise_counts_open_time_only() -> None:
    calendar = Calendar(OFFICE, NEW_YORK)
    friday = at("2026-12-04 17:00")
    assert calendar.after_open_time(friday, timedelta(hours=4)) == at("2026-12-07 12:00")
    assert calendar.open_between(friday, at("2026-12-07 10:00")) == timedelta(hours=2)


@st.composite
def _days(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    marks = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    texts = [f"{mark // 4:02}:{mark % 4 * 15:02}" for mark in marks[: len(marks) // 2 * 2]]
    return tuple(zip(texts[::2], texts[1::2], strict=True))


@settings(max_examples=60)
@given(
    st.tuples(*[_days()] * 7), st.sampled_from([NEW_YORK, SHANGHAI, LORD_HOWE]),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)), st.integers(0, 200_000),
)  # fmt: skip
def test_the_questions_agree(week: Week, zone: ZoneInfo, moment: datetime, seconds: int) -> None:
    calendar, moment = Calendar(week, zone), moment.replace(microsecond=0)
    opening, closing = calendar.next_opening(moment), calendar.closes_at(moment)
    if opening is not None:
        assert opening > moment and calendar.is_open(opening)
        assert not calendar.is_open(opening - timedelta(seconds=1))
    if closing is not None:
        assert calendar.is_open(moment) and not calendar.is_open(closing)
        assert calendar.open_between(moment, closing) == closing - moment
    wanted = timedelta(seconds=seconds)
    due = calendar.after_open_time(moment, wanted)
    if due is not None:
        assert calendar.open_between(moment, due) == wanted
