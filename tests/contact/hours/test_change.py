"""Hours are changed by people: at once, with history, each wrong field named, nothing without the right, nothing of another shop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from callcart.contact.hours import public as hours
from callcart.contact.hours.models import Override, QueueHours, SpecialDay
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import frozen
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant

MONDAY = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)  # ten in the morning in New York
WEEK: hours.Week = ((("09:00", "18:00"),),) * 5 + ((), ())
NIGHT: hours.Week = ((("00:00", "06:00"),),) * 7


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    actor = Actor.system(tenant.id, "test")
    with frozen(MONDAY):
        hours.set_shop_week(actor, WEEK)
    return actor


def _nobody(tenant_id: int) -> Actor:
    return Actor(tenant_id=tenant_id, kind=ActorKind.STAFF, id=new_id(), name="Ann", grants={})


def _open(queue: object = None, moment: datetime = MONDAY) -> bool:
    with frozen(moment):
        return hours.calendar_of(queue).is_open(moment)  # type: ignore[arg-type]


def test_a_queue_follows_the_shop_until_it_has_hours_of_its_own(boss: Actor) -> None:
    queue = new_id()
    assert (_open(queue), _open(queue, MONDAY + timedelta(hours=13))) == (True, False)
    hours.set_queue_hours(boss, queue, week=NIGHT, timezone="Asia/Shanghai")
    assert (_open(queue), _open(queue, MONDAY + timedelta(hours=1)), _open()) == (False, True, True)
    hours.set_queue_hours(boss, queue, week=None)
    assert _open(queue)


def test_the_shops_holiday_holds_for_a_queue_unless_it_works_on_holidays_or_says_otherwise(
    boss: Actor,
) -> None:
    queue, other = new_id(), new_id()
    with frozen(MONDAY):
        hours.save_special_day(boss, None, MONDAY.date(), spans=(), name="Founders' day")
        assert (_open(), _open(queue), _open(other)) == (False, False, False)
        hours.set_queue_hours(boss, queue, week=None, keeps_holidays=False)
        hours.save_special_day(boss, other, MONDAY.date(), spans=(("09:30", "10:30"),), name="Half a day")
    assert (_open(), _open(queue), _open(other)) == (False, True, True)
    assert not _open(other, MONDAY + timedelta(minutes=30))
    day = SpecialDay.objects.get(queue_id=other)
    hours.remove_special_day(boss, day.id)
    assert not _open(other)
    with pytest.raises(NotFound):
        hours.remove_special_day(boss, day.id)


def test_closed_for_the_rest_of_today_by_one_click_and_open_again_by_another(boss: Actor) -> None:
    queue = new_id()
    with frozen(MONDAY):
        made = hours.override(boss, queue, is_open=False, starts_at=MONDAY + timedelta(hours=5))
        assert made.ends_at == datetime(2026, 12, 1, 5, tzinfo=UTC), "midnight in New York"
    assert _open(queue, MONDAY + timedelta(hours=4))
    assert not _open(queue, MONDAY + timedelta(hours=5))
    assert _open(None, MONDAY + timedelta(hours=5)), "of this queue alone"
    with frozen(MONDAY + timedelta(hours=6)):
        hours.lift(boss, made.id)
        hours.lift(boss, made.id)
        assert _open(queue, MONDAY + timedelta(hours=6)) and hours.overrides_now(queue) == []
    assert not _open(queue, MONDAY + timedelta(hours=5)), "what was stays as it was"
    with frozen(MONDAY):
        hours.override(boss, None, is_open=False)
    assert not _open(queue)


def test_a_change_of_the_shops_hours_holds_at_once_though_tenants_are_kept(boss: Actor) -> None:
    assert _open()
    Tenant.objects.filter(id=boss.tenant_id).update(settings={"business_hours": [[]] * 7})
    assert not _open()


def test_every_change_is_in_the_history_with_who_and_from_what_to_what(boss: Actor) -> None:
    queue = new_id()
    with frozen(MONDAY):
        hours.set_queue_hours(boss, queue, week=WEEK)
        hours.save_special_day(boss, queue, date(2026, 12, 25), spans=(), name="Christmas")
        hours.override(boss, queue, is_open=True)
        hours.remove_special_day(boss, SpecialDay.objects.get().id)
    told = hours.history(queue)
    assert [each.action for each in told] == [
        "hours.special_day", "hours.override", "hours.special_day", "hours.week",
    ]  # fmt: skip
    assert (told[0].before["day"], told[0].after) == ("2026-12-25", {})
    assert (told[3].before["week"], told[3].name) == (None, "test")
    assert [each.action for each in hours.history(None)] == ["hours.week"], "the shop's own"


def test_of_two_editors_the_second_is_told(boss: Actor) -> None:
    queue = new_id()
    hours.set_queue_hours(boss, queue, week=WEEK, version=0)
    with pytest.raises(Conflict):
        hours.set_queue_hours(boss, queue, week=NIGHT, version=0)
    assert QueueHours.objects.get().week == [[["09:00", "18:00"]]] * 5 + [[], []]


@pytest.mark.parametrize(
    "spans",
    [
        (("18:00", "09:00"),), (("09:00", "12:00"), ("11:00", "13:00")), (("9:00", "10:00"),), (("09:00", "24:01"),),
        (("09:60", "10:00"),), (("24:00", "24:00"),), (("aa:bb", "cc:dd"),), (("٠٩:00", "10:00"),),
        tuple((f"{n:02}:00", f"{n:02}:30") for n in range(9)),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused_with_all_that_is_wrong(boss: Actor, spans: hours.Day) -> None:
    with pytest.raises(Invalid) as refused:
        hours.set_queue_hours(boss, new_id(), week=(spans,) * 7, timezone="Mars/Olympus")
    assert set(refused.value.fields) == {"week", "timezone"}
    with frozen(MONDAY), pytest.raises(Invalid) as refused:
        hours.save_special_day(boss, None, date(2020, 1, 1), spans=spans, name="x" * 81)
    assert set(refused.value.fields) == {"spans", "day", "name"}
    assert not QueueHours.objects.exists() and not SpecialDay.objects.exists()


def test_an_exception_ends_later_than_now_and_within_a_month(boss: Actor) -> None:
    for ends in (MONDAY, MONDAY - timedelta(days=1), MONDAY + timedelta(days=32)):
        with frozen(MONDAY), pytest.raises(Invalid) as refused:
            hours.override(boss, None, is_open=False, ends_at=ends)
        assert set(refused.value.fields) == {"ends_at"}
    assert not Override.objects.exists()


def test_without_the_right_nothing_changes(boss: Actor) -> None:
    ann = _nobody(boss.tenant_id)
    made = hours.override(boss, None, is_open=True)
    for act in (
        lambda: hours.set_shop_week(ann, NIGHT),
        lambda: hours.set_queue_hours(ann, new_id(), week=NIGHT),
        lambda: hours.save_special_day(ann, None, date(2026, 12, 25), spans=()),
        lambda: hours.remove_special_day(ann, new_id()),
        lambda: hours.override(ann, None, is_open=False),
        lambda: hours.lift(ann, made.id),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not QueueHours.objects.exists() and not SpecialDay.objects.exists()
    assert Override.objects.get().ends_at == made.ends_at and _open()


def test_another_shops_hours_do_not_exist(boss: Actor, other_tenant: Tenant) -> None:
    queue = new_id()
    with frozen(MONDAY):
        made = hours.override(boss, queue, is_open=False)
        stranger = Actor.system(other_tenant.id, "test")
        with tenant_transaction(other_tenant.id):
            assert hours.overrides_now(queue) == [] and hours.history(queue) == []
            with pytest.raises(NotFound):
                hours.lift(stranger, made.id)
    assert not _open(queue)
