"""Opening hours in the office: the overview, closing at once, weeks, special days, history; and what a queue does with those who
cannot wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcart.contact.hours import public as hours
from callcart.contact.hours.models import Override, QueueHours, SpecialDay
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Queue
from callcart.contact.routing.public import Instead, Occasion, Rule
from callcart.core.clock import frozen, now
from tests.web.office.office import Office, field_error, words

TEN = datetime(2026, 11, 30, 15, tzinfo=UTC)  # in New York
WEEK = {f"hours_{day}": "09:00-18:00" for day in range(5)} | {"hours_5": "", "hours_6": ""}
QUEUE = {
    "name": "Sales", "priority": "100", "ring_s": "20", "wrap_s": "60", "sticky_s": "20", "target_s": "20", "is_active": "1",
    "level_s": "30", "urgent_s": "", "urgent_written_s": "7200", "max_wait_s": "600", "max_waiting": "25",
    "boost_silver": "", "boost_gold": "50", "boost_vip": "200",
    "rule_closed": "voicemail", "rule_nobody": "wait", "rule_full": "message", "rule_late": "callback",
}  # fmt: skip


@pytest.fixture
def queue(office: Office) -> Queue:
    return routing.add_queue(office.boss, "sales", name="Sales", name_zh="销售")


def _post(office: Office, path: str, data: dict[str, Any], role: str = "owner") -> Any:
    return office.client(role).post(f"/office/{path}", data)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_open_in_both_languages(office: Office, queue: Queue, language: str) -> None:
    hours.save_special_day(
        office.boss, None, now().date() + timedelta(days=3), spans=(), name="Holiday", name_zh="节日"
    )
    hours.override(office.boss, queue.id, is_open=False, note="Power cut")
    client = office.client(language=language)
    for path in (
        "opening-hours",
        "opening-hours/shop",
        f"opening-hours/{queue.id}",
        f"queues/{queue.id}",
        "queues/new",
        "queues",
    ):
        assert client.get(f"/office/{path}").status_code == 200
    assert "Power cut" in client.get("/office/opening-hours").content.decode()


def test_a_queue_is_closed_by_one_click_and_opened_again(office: Office, queue: Queue) -> None:
    page = words(office.client().get("/office/opening-hours"))
    assert "Close now" in page and "Usual hours" not in page
    assert _post(office, "opening-hours/close", {"queue": str(queue.id)}).status_code == 303
    assert not hours.calendar_of(queue.id).is_open(now()) and hours.calendar_of().is_open(now())
    assert "Usual hours" in words(office.client().get("/office/opening-hours"))
    assert _post(office, f"opening-hours/lift/{Override.objects.get().id}", {}).status_code == 303
    assert hours.calendar_of(queue.id).is_open(now())
    assert office.audited("hours.override") == 2


def test_closed_today_from_three(office: Office, queue: Queue) -> None:
    with frozen(TEN):
        _post(office, "opening-hours/close", {"queue": "", "starts": "15:00", "note": "Stock-taking"})
        made = Override.objects.get()
        assert (made.queue_id, made.starts_at, made.ends_at) == (
            None,
            TEN + timedelta(hours=5),
            TEN + timedelta(hours=14),
        )
        answer = _post(office, "opening-hours/close", {"queue": "", "starts": "soon", "ends": "25:00"})
        assert answer.status_code == 303 and Override.objects.count() == 1
        _post(office, "opening-hours/close", {"queue": "", "starts": "15:00", "ends": "09:00"})
    assert Override.objects.count() == 1, "it would end before it begins"


def test_a_week_of_its_own_and_of_the_shop(office: Office, queue: Queue) -> None:
    path = f"opening-hours/{queue.id}"
    form = {**WEEK, "version": "0", "own_week": "1", "timezone": "Asia/Shanghai", "keeps_holidays": "1"}
    assert _post(office, path, form).status_code == 303
    row = QueueHours.objects.get()
    assert (row.week[0], row.week[6], row.timezone) == ([["09:00", "18:00"]], [], "Asia/Shanghai")
    assert _post(office, path, {**form, "version": "0"}).status_code == 409, "the second of two editors"
    assert _post(office, path, {"version": "1"}).status_code == 303
    row.refresh_from_db()
    assert (row.week, row.keeps_holidays) == (None, False)
    shop = office.client().get("/office/opening-hours/shop")
    version = shop.content.decode().partition('name="version" value="')[2].partition('"')[0]
    assert _post(office, "opening-hours/shop", {**WEEK, "version": version}).status_code == 303
    assert not hours.calendar_of().is_open(datetime(2026, 12, 5, 17, tzinfo=UTC))
    assert "The weekly hours" in words(office.client().get("/office/opening-hours/shop"))


def test_hours_typed_without_the_box_that_makes_them_hold_are_not_lost(office: Office, queue: Queue) -> None:
    path = f"opening-hours/{queue.id}"
    answer = _post(office, path, {**WEEK, "version": "0", "hours_0": "09:00-13:00"})
    assert answer.status_code == 422 and "Tick this" in (field_error(answer, "own_week") or "")
    assert 'value="09:00-13:00"' in answer.content.decode() and not QueueHours.objects.exists()
    shown = office.client().get(f"/office/{path}").content.decode()
    as_shown = {
        f"hours_{day}": shown.partition(f'name="hours_{day}" value="')[2].partition('"')[0]
        for day in range(7)
    }
    assert _post(office, path, {**as_shown, "version": "0", "keeps_holidays": "1"}).status_code == 303
    assert QueueHours.objects.get().week is None, "the shop's, as the page showed them"


def test_what_is_wrong_is_said_at_its_place_and_typed_text_comes_back(office: Office, queue: Queue) -> None:
    wrong = {**WEEK, "hours_1": "morning", "own_week": "1", "timezone": "Mars", "version": "0"}
    answer = _post(office, f"opening-hours/{queue.id}", wrong)
    assert (
        answer.status_code == 422
        and field_error(answer, "hours_1")
        and 'value="morning"' in answer.content.decode()
    )
    answer = _post(
        office, f"opening-hours/{queue.id}", {"day": "", "spans": "18:00-09:00", "day_name": "x" * 90}
    )
    assert answer.status_code == 422 and field_error(answer, "spans") and field_error(answer, "day")
    assert not QueueHours.objects.exists() and not SpecialDay.objects.exists()


def test_a_special_day_is_added_and_removed(office: Office, queue: Queue) -> None:
    day = (now() + timedelta(days=20)).date()
    form = {"day": day.isoformat(), "spans": "9:00-13:00", "day_name": "Half a day"}
    assert _post(office, f"opening-hours/{queue.id}", form).status_code == 303
    made = SpecialDay.objects.get()
    assert (made.day, made.spans, made.queue_id) == (day, [["09:00", "13:00"]], queue.id)
    assert "Half a day" in words(office.client().get(f"/office/opening-hours/{queue.id}"))
    assert _post(office, f"opening-hours/day/{made.id}/remove", {}).status_code == 303
    assert not SpecialDay.objects.exists()


def test_an_agent_may_not(office: Office, queue: Queue) -> None:
    for path, data in (
        ("opening-hours/close", {"queue": ""}), ("opening-hours/shop", WEEK), (f"opening-hours/{queue.id}", WEEK),
    ):  # fmt: skip
        assert _post(office, path, data, role="agent").status_code == 403
    assert office.client("agent").get("/office/opening-hours").status_code == 403
    assert not Override.objects.exists() and not QueueHours.objects.exists()


def test_a_queue_says_who_comes_first_and_what_becomes_of_those_who_cannot_wait(
    office: Office, queue: Queue
) -> None:
    night = routing.add_queue(office.boss, "night", name="Night").id
    form = {**QUEUE, "rule_full": f"queue:{night}"}
    assert _post(office, f"queues/{queue.id}", form).status_code == 303
    queue.refresh_from_db()
    assert (queue.level_s, queue.urgent_s, queue.max_wait_s, queue.max_waiting) == (30, None, 600, 25)
    assert queue.tier_boost == {"gold": 50, "vip": 200}
    assert routing.rules_of(queue.id) == {
        Occasion.CLOSED: Rule(Instead.VOICEMAIL), Occasion.NOBODY: Rule(Instead.WAIT),
        Occasion.FULL: Rule(Instead.QUEUE, night), Occasion.LATE: Rule(Instead.CALLBACK),
    }  # fmt: skip
    page = office.client().get(f"/office/queues/{queue.id}").content.decode()
    assert f'<option value="queue:{night}" selected>' in page


def test_a_rule_that_cannot_be_keeps_the_queue_as_it_was(office: Office, queue: Queue) -> None:
    answer = _post(
        office, f"queues/{queue.id}", {**QUEUE, "name": "New", "max_wait_s": "5", "rule_late": "wait"}
    )
    assert answer.status_code == 422 and field_error(answer, "max_wait_s")
    assert field_error(answer, "rule_late") or "Choose one of the values offered." in words(answer)
    queue.refresh_from_db()
    assert (queue.name, queue.max_wait_s) == ("Sales", 1800)


def test_a_queue_with_no_agent_is_said(office: Office, queue: Queue) -> None:
    assert "No agent serves this queue" in words(office.client().get("/office/queues"))
    profile = routing.save_profile(office.boss, "all", name="All", queues={queue.id: 1})
    routing.set_agent_profile(office.boss, office.boss.id or queue.id, profile_id=profile.id)
    assert "nobody is at work" in words(office.client().get("/office/queues"))
    hours.override(office.boss, queue.id, is_open=False)
    assert "nobody is at work" not in words(office.client().get("/office/queues"))
