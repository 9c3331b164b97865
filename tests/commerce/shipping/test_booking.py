"""Bookings with a carrier: intent, call, result; one shipment of each, whatever dies in between."""

from __future__ import annotations

import pytest

from callcart.commerce.shipping.booking import (
    AlreadyBooked,
    NotBooked,
    book_parcel,
    bookings_of,
    call_off,
    cancel_booking,
    send_booking,
)
from callcart.commerce.shipping.carrier import NotOffered
from callcart.commerce.shipping.fake import LABEL, FakeCarrier, tracking_of, webhook
from callcart.commerce.shipping.models import Booking, BookingState, Parcel, ParcelState
from callcart.commerce.shipping.public import CarrierDraft, save_carrier, set_parcel_state
from callcart.commerce.shipping.tracking import ScansTooEarly, take_webhook
from callcart.core import files
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.money import Money
from tests.commerce.shipping.conftest import RECEIVER, Depot, open_depot, packed
from tests.commerce.shipping.test_tracking import scan
from tests.commerce.shop import Shop


@pytest.fixture
def depot(shop: Shop, swift: FakeCarrier) -> Depot:
    return open_depot(shop, adapter="fake")


def book(depot: Depot, parcel: Parcel, **changes: object) -> Booking:
    asked = {"service_id": depot.road.id, "receiver": RECEIVER, "weight_g": 800} | changes
    return book_parcel(depot.shop.boss, parcel.id, **asked)  # type: ignore[arg-type]


def test_a_booking_gives_number_label_and_price(depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot, tracking="")
    row = book(depot, parcel, cod=Money(1200, "USD"), notify_base="https://harbor.example/")
    assert (row.state, swift.shipments) == ("wanted", {})
    send_booking(booking_id=str(row.id))
    row.refresh_from_db()
    parcel.refresh_from_db()
    reference = f"{depot.shop.tenant_id}.{row.id}"
    assert (row.state, row.tracking, row.cost_minor) == ("booked", tracking_of(reference), 750)
    assert (parcel.tracking, parcel.carried_by_id, parcel.poll_at is None) == (
        row.tracking,
        depot.carrier.id,
        False,
    )
    assert files.path(row.label).read_bytes() == LABEL
    asked = swift.shipments[reference]
    assert (asked.cod, asked.service, asked.to) == (Money(1200, "USD"), "road", RECEIVER)
    assert (
        asked.notify_url == f"https://harbor.example/hooks/carriers/{depot.shop.tenant_id}/{depot.carrier.id}"
    )


def test_a_worker_killed_after_the_call_makes_no_second_shipment(depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot, tracking="")
    row = book(depot, parcel)

    def killed() -> None:
        raise KeyboardInterrupt

    swift.before_answer = killed
    with pytest.raises(KeyboardInterrupt):
        send_booking(booking_id=str(row.id))
    row.refresh_from_db()
    assert (row.state, len(swift.shipments)) == ("wanted", 1)
    swift.before_answer = None
    for _run in range(3):
        send_booking(booking_id=str(row.id))
    row.refresh_from_db()
    assert (row.state, len(swift.shipments)) == ("booked", 1)


def test_pressing_twice_is_one_booking_and_another_service_is_refused(depot: Depot) -> None:
    parcel = packed(depot, tracking="")
    first = book(depot, parcel)
    assert book(depot, parcel).id == first.id
    assert Booking.objects.count() == 1
    with pytest.raises(AlreadyBooked):
        book(depot, packed(depot, tracking="T9"))


def test_what_was_handed_over_by_scan_can_still_be_booked(depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot, tracking="")
    set_parcel_state(depot.shop.boss, parcel.id, ParcelState.HANDED_OVER, reference="handed over")
    row = book(depot, parcel)
    send_booking(booking_id=str(row.id))
    parcel.refresh_from_db()
    assert parcel.tracking and parcel.state == ParcelState.HANDED_OVER


@pytest.mark.parametrize("state", [ParcelState.IN_TRANSIT, ParcelState.DELIVERED])
def test_what_moves_already_is_not_booked(depot: Depot, state: ParcelState) -> None:
    parcel = packed(depot, tracking="")
    set_parcel_state(depot.shop.boss, parcel.id, state)
    with pytest.raises(AlreadyBooked):
        book(depot, parcel)
    assert not Booking.objects.exists()


def test_a_carrier_that_is_down_is_asked_again_and_one_that_refuses_is_believed(
    depot: Depot, swift: FakeCarrier
) -> None:
    parcel = packed(depot, tracking="")
    row = book(depot, parcel)
    swift.down = True
    send_booking(booking_id=str(row.id))
    row.refresh_from_db()
    assert (row.state, row.tries) == ("wanted", 1)
    swift.down, swift.refuses = False, "no such street"
    send_booking(booking_id=str(row.id))
    row.refresh_from_db()
    assert (row.state, row.failure) == ("refused", "The carrier refused this: no such street")
    swift.refuses = ""
    again = book(depot, parcel)
    assert (again.id != row.id, [each.state for each in bookings_of(parcel.id)]) == (
        True,
        ["wanted", "refused"],
    )


def test_calling_off_before_and_after_the_carrier_answered(depot: Depot, swift: FakeCarrier) -> None:
    parcel, boss = packed(depot, tracking=""), depot.shop.boss
    early = book(depot, parcel)
    cancel_booking(boss, early.id)
    send_booking(
        booking_id=str(early.id)
    )  # overtaken by the wish: it has a number now, and is still called off
    early.refresh_from_db()
    assert early.state == BookingState.CANCELLING
    call_off(booking_id=str(early.id))
    late = book(depot, parcel)
    send_booking(booking_id=str(late.id))
    cancel_booking(boss, late.id, reason="customer called")
    call_off(booking_id=str(late.id))
    call_off(booking_id=str(late.id))
    parcel.refresh_from_db()
    assert {each.state for each in bookings_of(parcel.id)} == {"cancelled"}
    assert (len(swift.cancelled), parcel.tracking, parcel.poll_at) == (2, "", None)
    with pytest.raises(NotBooked):
        cancel_booking(boss, late.id)


def test_what_is_on_its_way_stays_booked(depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot, tracking="")
    row = book(depot, parcel)
    send_booking(booking_id=str(row.id))
    row.refresh_from_db()
    swift.happen(scan(parcel, "handed_over", 1, tracking=row.tracking))
    cancel_booking(depot.shop.boss, row.id)
    call_off(booking_id=str(row.id))
    row.refresh_from_db()
    assert (row.state, row.failure) == ("booked", "The carrier refused this: already on its way")


def test_a_number_of_another_parcels_is_not_taken(depot: Depot) -> None:
    parcel = packed(depot, tracking="")
    row = book(depot, parcel)
    packed(depot, tracking=tracking_of(f"{depot.shop.tenant_id}.{row.id}"))
    send_booking(booking_id=str(row.id))
    row.refresh_from_db()
    parcel.refresh_from_db()
    assert (row.state, parcel.tracking) == ("refused", "")


def test_a_scan_that_overtakes_the_answer_is_sent_again(depot: Depot) -> None:
    parcel = packed(depot, tracking="")
    row = book(depot, parcel)
    tracking = tracking_of(f"{depot.shop.tenant_id}.{row.id}")
    headers, body = webhook([scan(parcel, "handed_over", -1, tracking=tracking)])
    with pytest.raises(ScansTooEarly):
        take_webhook(depot.carrier.id, headers, body)
    send_booking(booking_id=str(row.id))
    assert take_webhook(depot.carrier.id, headers, body).new == 1


def test_denied_incomplete_or_not_offered_wants_nothing(depot: Depot, swift: FakeCarrier) -> None:
    parcel = packed(depot, tracking="")
    with pytest.raises(PermissionDenied):
        book_parcel(
            depot.shop.staff("shipping.view"),
            parcel.id,
            service_id=depot.road.id,
            receiver=RECEIVER,
            weight_g=1,
        )
    with pytest.raises(Invalid) as refused:
        book(depot, parcel, weight_g=0, receiver=RECEIVER.__class__("", "", "US", "", "", ""))
    assert set(refused.value.fields) == {"name", "phone", "city", "street", "weight"}
    save_carrier(depot.shop.boss, CarrierDraft(code="swift", name="Swift"), carrier_id=depot.carrier.id)
    with pytest.raises(NotOffered):
        book(depot, parcel)
    assert Booking.objects.count() == 0
