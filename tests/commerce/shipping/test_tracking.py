"""Scans, pushed or asked for: once each, by the carrier's clock, and never for somebody else's number."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from callcart.commerce.shipping.carrier import ForgedScan, Scan
from callcart.commerce.shipping.carriers import CarrierDraft, save_carrier
from callcart.commerce.shipping.fake import FakeCarrier, webhook
from callcart.commerce.shipping.models import Carrier, Parcel, ParcelEvent, ParcelState
from callcart.commerce.shipping.pace import after_failure, next_poll
from callcart.commerce.shipping.tracking import poll_due, poll_parcel, take_scans, take_webhook
from callcart.core.clock import frozen
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import Event
from tests.commerce.shipping.conftest import Depot, open_depot, packed
from tests.commerce.shop import Shop


@pytest.fixture
def depot(shop: Shop, swift: FakeCarrier) -> Depot:
    return open_depot(shop, adapter="fake", account={"key": "k"})


def scan(parcel: Parcel, state: str, hours: float, *, reference: str = "", tracking: str = "T1") -> Scan:
    at = parcel.state_at + timedelta(hours=hours)
    return Scan(tracking, ParcelState(state), at, place="Salem", reference=reference or f"{state}-{hours}")


def moves(parcel: Parcel) -> list[str]:
    rows = Event.objects.filter(kind="shipping.parcel_moved", data__parcel_id=str(parcel.id)).order_by("id")
    return [row.data["state"] for row in rows]


def test_scans_are_taken_once_in_the_carriers_order(depot: Depot) -> None:
    parcel = packed(depot)
    scans = [
        scan(parcel, "out_for_delivery", 5),
        scan(parcel, "handed_over", 1),
        scan(parcel, "in_transit", 3),
    ]
    with frozen(parcel.state_at + timedelta(hours=9)):
        assert take_scans(depot.shop.boss, depot.carrier.id, scans).new == 3
        again = take_scans(depot.shop.boss, depot.carrier.id, reversed(scans))
    assert (again.new, again.known) == (0, 3)
    parcel.refresh_from_db()
    assert parcel.state == "out_for_delivery"
    assert moves(parcel) == ["handed_over", "in_transit", "out_for_delivery"]


def test_a_late_scan_is_kept_and_moves_nothing(depot: Depot) -> None:
    parcel = packed(depot)
    with frozen(parcel.state_at + timedelta(hours=9)):
        take_scans(depot.shop.boss, depot.carrier.id, [scan(parcel, "delivered", 6)])
        assert take_scans(depot.shop.boss, depot.carrier.id, [scan(parcel, "in_transit", 2)]).new == 1
    parcel.refresh_from_db()
    assert (parcel.state, moves(parcel)) == ("delivered", ["delivered"])


def test_unknown_numbers_are_listed_and_others_parcels_left_alone(depot: Depot) -> None:
    parcel = packed(depot)
    other = save_carrier(depot.shop.boss, CarrierDraft(code="other", name="Other"))
    taken = take_scans(
        depot.shop.boss, other.id, [scan(parcel, "lost", 1), scan(parcel, "lost", 1, tracking="")]
    )
    assert (taken.new, taken.unknown) == (0, ("", "T1"))
    parcel.refresh_from_db()
    assert parcel.state == "packed"


def test_a_clock_that_is_ahead_does_not_hold_back_what_follows(depot: Depot) -> None:
    parcel = packed(depot)
    with frozen(parcel.state_at + timedelta(hours=1)):
        ahead = scan(parcel, "in_transit", 24 * 400)
        take_scans(depot.shop.boss, depot.carrier.id, [ahead, ahead])
    with frozen(parcel.state_at + timedelta(hours=3)):
        take_scans(depot.shop.boss, depot.carrier.id, [ahead, scan(parcel, "delivered", 2)])
    parcel.refresh_from_db()
    assert parcel.state == "delivered"
    assert ParcelEvent.objects.filter(parcel=parcel).count() == 3


def test_a_signed_message_is_taken_and_a_forged_one_is_not(depot: Depot) -> None:
    parcel = packed(depot)
    headers, body = webhook([scan(parcel, "handed_over", 1)])
    with frozen(parcel.state_at + timedelta(hours=3)):
        with pytest.raises(ForgedScan):
            take_webhook(depot.carrier.id, headers, body + b" ")
        with pytest.raises(ForgedScan):
            take_webhook(depot.carrier.id, {}, body)
        with pytest.raises(NotFound):
            take_webhook(new_id(), headers, body)
        assert take_webhook(depot.carrier.id, headers, body).new == 1
        assert take_webhook(depot.carrier.id, headers, body).known == 1


def test_what_is_due_is_asked_about_and_the_rest_is_not(depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot)
    packed(depot, tracking="T2", carrier="Another")
    packed(depot, tracking="")
    swift.happen(scan(parcel, "in_transit", 0.5))
    with frozen(parcel.state_at + timedelta(hours=1)):
        poll_due()
        poll_due()
        assert swift.asked == [("T1",)]
    parcel.refresh_from_db()
    assert parcel.state == "in_transit"
    assert parcel.poll_at == parcel.made_at + (parcel.poll_at - parcel.made_at)
    with frozen(parcel.state_at + timedelta(hours=2)):
        swift.happen(scan(parcel, "delivered", 1.5))
        poll_due()
    parcel.refresh_from_db()
    assert (parcel.state, parcel.poll_at, len(swift.asked)) == ("delivered", None, 2)


def test_a_silent_carrier_is_asked_less_often_and_loses_nothing(depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot)
    swift.down = True
    start = parcel.state_at + timedelta(minutes=1)
    with frozen(start):
        poll_due()
    parcel.refresh_from_db()
    assert (parcel.poll_failures, parcel.poll_at) == (1, start + timedelta(hours=2))
    swift.down = False
    swift.happen(scan(parcel, "in_transit", 1))
    with frozen(start + timedelta(hours=2)):
        poll_due()
    parcel.refresh_from_db()
    assert (parcel.poll_failures, parcel.state) == (0, "in_transit")


def test_a_carrier_gets_few_calls_a_round(
    depot: Depot, swift: FakeCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callcart.commerce.shipping.tracking.ASKED_AT_ONCE", 1)
    monkeypatch.setattr("callcart.commerce.shipping.tracking.CALLS_A_RUN", 2)
    parcels = [packed(depot, tracking=f"T{number}") for number in range(3)]
    with frozen(parcels[-1].state_at + timedelta(minutes=1)):
        poll_due()
        assert swift.asked == [("T0",), ("T1",)]
        poll_due()
    assert swift.asked[2:] == [("T2",)]


def test_an_account_that_cannot_be_read_does_not_end_the_round(depot: Depot, swift: FakeCarrier) -> None:
    save_carrier(depot.shop.boss, CarrierDraft(code="a", name="Another", adapter="fake", position=-1 + 1))
    Carrier.objects.filter(code="a").update(account="sealed by somebody else", position=-5)
    parcel = packed(depot)
    with frozen(parcel.state_at + timedelta(minutes=1)):
        poll_due()
    assert swift.asked == [("T1",)]


def test_asking_about_one_parcel_needs_permission(depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot)
    with pytest.raises(PermissionDenied):
        poll_parcel(depot.shop.staff("shipping.view"), parcel.id)
    assert swift.asked == []
    with pytest.raises(NotFound):
        poll_parcel(depot.shop.boss, new_id())
    swift.happen(scan(parcel, "in_transit", -1))
    assert poll_parcel(depot.shop.boss, parcel.id).new == 1


def test_the_pace_of_asking() -> None:
    made = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    day = timedelta(days=1)
    hour = timedelta(hours=1)
    at = made + day
    assert next_poll("in_transit", made_at=made, at=at, minutes=60) == at + hour
    assert next_poll("out_for_delivery", made_at=made, at=at, minutes=60) == at + hour / 2
    assert next_poll("delivered", made_at=made, at=at, minutes=60) is None
    assert next_poll("in_transit", made_at=made, at=made + 15 * day, minutes=60) == made + 15.5 * day
    assert next_poll("in_transit", made_at=made, at=made + 61 * day, minutes=60) is None
    assert after_failure(50, at=at, minutes=60) == at + 12 * hour
