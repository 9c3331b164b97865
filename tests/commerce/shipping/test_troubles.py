"""Which parcels somebody has to look after, and that their tasks come and go by the facts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from callcart.commerce.shipping.models import Parcel, ParcelState, Trouble
from callcart.commerce.shipping.public import set_parcel_state
from callcart.commerce.shipping.troubles import Facts, trouble_of, watch
from callcart.core.clock import frozen
from callcart.people.tasks.models import Task
from tests.commerce.shipping.conftest import Depot, packed

NOON = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)
YESTERDAY = TODAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("state", "days_still", "promised", "trouble"),
    [
        ("in_transit", 0, TODAY, Trouble.NONE),
        ("in_transit", 0, YESTERDAY, Trouble.LATE),
        ("in_transit", 0, None, Trouble.NONE),
        ("in_transit", 3, YESTERDAY, Trouble.STUCK),
        ("packed", 3, None, Trouble.STUCK),
        ("out_for_delivery", 2.9, None, Trouble.NONE),
        ("at_pickup", 0, YESTERDAY, Trouble.NONE),
        ("returning", 0, YESTERDAY, Trouble.NONE),
        ("returning", 4, YESTERDAY, Trouble.STUCK),
        ("refused", 9, YESTERDAY, Trouble.REFUSED),
        ("exception", 0, None, Trouble.EXCEPTION),
        ("lost", 9, YESTERDAY, Trouble.LOST),
        ("delivered", 9, YESTERDAY, Trouble.NONE),
        ("returned", 9, YESTERDAY, Trouble.NONE),
    ],
)
def test_the_gravest_trouble(state: str, days_still: float, promised: date | None, trouble: Trouble) -> None:
    facts = Facts(ParcelState(state), NOON - timedelta(days=days_still), promised, stuck_days=3)
    assert trouble_of(facts, at=NOON, today=TODAY) is trouble


def open_tasks(parcel: Parcel) -> list[str]:
    return list(
        Task.objects.filter(subject_id=parcel.id, state="open")
        .order_by("kind")
        .values_list("kind", flat=True)
    )


def test_a_task_for_each_trouble_and_none_when_it_moves_on(depot: Depot) -> None:
    parcel, boss = packed(depot), depot.shop.boss
    start = parcel.state_at
    for hours, state, tasks in (
        (1, ParcelState.HANDED_OVER, []),
        (2, ParcelState.EXCEPTION, ["parcel_exception"]),
        (3, ParcelState.OUT_FOR_DELIVERY, []),
        (4, ParcelState.REFUSED, ["parcel_refused"]),
        (5, ParcelState.RETURNING, []),
        (6, ParcelState.LOST, ["parcel_lost"]),
        (7, ParcelState.RETURNED, []),
    ):
        set_parcel_state(boss, parcel.id, state, at=start + timedelta(hours=hours))
        assert open_tasks(parcel) == tasks, state
    assert Task.objects.filter(subject_id=parcel.id, outcome="moved_on").count() == 3


def test_time_alone_makes_parcels_late_and_stuck(depot: Depot) -> None:
    parcel, other = packed(depot), packed(depot, tracking="T2")
    Parcel.objects.filter(id=parcel.id).update(promised_on=parcel.state_at.date())
    with frozen(parcel.state_at + timedelta(days=2)):
        assert watch() is None
        assert (open_tasks(parcel), open_tasks(other)) == (["parcel_late"], [])
        watch()
        assert Task.objects.filter(subject_id=parcel.id).count() == 1
    with frozen(parcel.state_at + timedelta(days=3, minutes=1)):
        watch()
        assert (open_tasks(parcel), open_tasks(other)) == (["parcel_stuck"], ["parcel_stuck"])
        # a scan that moves it nowhere still says that it is not stuck
        set_parcel_state(depot.shop.boss, other.id, ParcelState.PACKED, reference="seen again")
        assert open_tasks(other) == []
    with frozen(parcel.state_at + timedelta(days=4)):
        set_parcel_state(depot.shop.boss, parcel.id, ParcelState.DELIVERED)
        watch()
        assert open_tasks(parcel) == []


def test_a_carrier_has_a_pace_of_its_own(depot: Depot) -> None:
    known, unknown = packed(depot), packed(depot, tracking="T2", carrier="Nobody knows")
    depot.carrier.stuck_days = 6
    depot.carrier.save()
    with frozen(known.state_at + timedelta(days=4)):
        watch()
    known.refresh_from_db()
    unknown.refresh_from_db()
    assert (known.trouble, unknown.trouble) == ("", "stuck")


def test_portions(depot: Depot, monkeypatch: pytest.MonkeyPatch) -> None:
    parcels = [packed(depot, tracking=f"T{number}") for number in range(3)]
    monkeypatch.setattr("callcart.commerce.shipping.troubles.PORTION", 2)
    with frozen(parcels[0].state_at + timedelta(days=4)):
        last = watch()
        assert last == parcels[1].id
        assert watch(after=last) is None
    assert Parcel.objects.filter(trouble="stuck").count() == 3
