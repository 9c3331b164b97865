"""Having a carrier carry a parcel over its interface: what is wanted is committed, then the carrier is called, then its answer
is committed.

The booking's id is our reference at the carrier, which makes one shipment of it however often it is asked: a worker killed
between call and commit asks again and is given the same number.
"""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.shipping.carrier import (
    Ability,
    CarrierRefused,
    CarrierUnreachable,
    NotOffered,
    Party,
    Shipment,
    ShipmentRequest,
)
from callcart.commerce.shipping.carriers import get_service
from callcart.commerce.shipping.models import Booking, BookingState, Parcel, ParcelState
from callcart.commerce.shipping.report import TrackingTaken, locked_parcel
from callcart.commerce.shipping.tracking import adapter_of
from callcart.core import audit, events, files, jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.core.tenancy import current_tenant, tenant_transaction

# Boxes scanned out at the door are with the carrier's driver before the carrier knows them.
BOOKABLE = (ParcelState.PACKED, ParcelState.HANDED_OVER)
LIVE = (BookingState.WANTED, BookingState.BOOKED, BookingState.CANCELLING)
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 30, 3600
_SUFFIXES = {"application/pdf": ".pdf", "image/png": ".png", "text/plain": ".zpl"}


class AlreadyBooked(Conflict):
    """This parcel is already booked with a carrier, or has a tracking number."""

    code = "shipping.already_booked"


class NotBooked(Conflict):
    """There is no booking that could be called off."""

    code = "shipping.not_booked"


def book_parcel(
    actor: Actor,
    parcel_id: UUID,
    *,
    service_id: UUID,
    receiver: Party,
    weight_g: int,
    contents: str = "",
    cod: Money | None = None,
    notify_base: str = "",
) -> Booking:
    """Want a parcel carried that no scan of the carrier has; the carrier is called after the commit. Asking again for the same service gives the same
    booking. `notify_base` is the shop's own address, where the carrier is to send its scans. Raises NotFound, NotOffered,
    Invalid, AlreadyBooked."""
    actor.require("shipping.update")
    service = get_service(service_id)
    if Ability.CREATE not in adapter_of(service.carrier).abilities:
        raise NotOffered
    _check(receiver, weight_g)
    parcel = locked_parcel(parcel_id)
    known = Booking.objects.filter(parcel=parcel, state__in=LIVE).first()
    if known is not None and known.service_id == service.id and known.state != BookingState.CANCELLING:
        return known
    if known is not None or parcel.tracking or parcel.state not in BOOKABLE:
        raise AlreadyBooked
    row = Booking.objects.create(
        parcel=parcel,
        service=service,
        carrier=service.carrier,
        receiver={**asdict(receiver), "contents": contents[:200], "notify": notify_base},
        weight_g=weight_g,
        cod_minor=cod.minor if cod else 0,
        currency=cod.currency if cod else service.currency,
        made_at=now(),
        changed_at=now(),
    )
    parcel.carried_by, parcel.service, parcel.carrier = service.carrier, service, service.carrier.name
    parcel.save(update_fields=["carried_by", "service", "carrier"])
    audit.record(
        actor,
        "shipping.book",
        subject=("parcel", parcel.id),
        after={"booking": row.id, "carrier": service.carrier.code, "service": service.code},
    )
    _tell(row)
    jobs.defer(send_booking, booking_id=str(row.id))
    return row


def _check(receiver: Party, weight_g: int) -> None:
    fields = Fields()
    for name in ("name", "phone", "country", "city", "street"):
        fields.line(name, getattr(receiver, name), most=300, required=True)
    if not 0 < weight_g <= 10**7:
        fields.refuse("weight", gettext("A weight in kilograms, such as 0.5."))
    fields.done()


@jobs.job(queue="carriers", retry=8, atomic=False)
def send_booking(*, booking_id: str) -> None:
    """Call the carrier for a booking that is still wanted; again later where it does not answer."""
    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        row = _booking(UUID(booking_id))
    if row is None or row.state not in {BookingState.WANTED, BookingState.CANCELLING}:
        return
    try:
        shipment = _create(row)
    except CarrierRefused as error:
        with tenant_transaction(tenant_id):
            _refused(row.id, error.message)
        return
    except CarrierUnreachable:
        with tenant_transaction(tenant_id):
            _again(row, send_booking)
        return
    with tenant_transaction(tenant_id):
        _booked(row.id, shipment)


def _create(row: Booking) -> Shipment:
    """Outside of any transaction. The reference is the booking's, so the same shipment comes of it every time."""
    return adapter_of(row.carrier).create(
        ShipmentRequest(
            reference=f"{current_tenant()}.{row.id}",
            service=row.service.code,
            to=Party(**{name: row.receiver.get(name, "") for name in Party.__dataclass_fields__}),
            weight_g=row.weight_g,
            contents=str(row.receiver.get("contents", "")),
            notify_url=_notify_url(row),
            cod=Money(row.cod_minor, row.currency) if row.cod_minor else None,
        )
    )


def _notify_url(row: Booking) -> str:
    base = str(row.receiver.get("notify", "")).rstrip("/")
    return f"{base}/hooks/carriers/{current_tenant()}/{row.carrier_id}" if base else ""


def _booking(booking_id: UUID) -> Booking | None:
    return Booking.objects.select_related("carrier", "service", "parcel").filter(id=booking_id).first()


def _booked(booking_id: UUID, shipment: Shipment) -> None:
    """The carrier has it. A booking called off meanwhile keeps that wish, and now has a number to call off."""
    found = Booking.objects.filter(id=booking_id).first()
    if found is None:
        return
    parcel = locked_parcel(found.parcel_id)
    row = Booking.objects.select_for_update().get(id=booking_id)
    if row.state not in {BookingState.WANTED, BookingState.CANCELLING} or row.tracking:
        return
    row.tracking, row.label = shipment.tracking[:100], _kept_label(shipment)
    row.cost_minor = shipment.price.minor if shipment.price else None
    row.failure, row.changed_at = "", now()
    if row.state == BookingState.WANTED:
        row.state = BookingState.BOOKED
        try:
            _number(parcel, row)
        except TrackingTaken as error:
            row.state, row.failure, row.tracking = BookingState.REFUSED, error.message, ""
    row.save()
    audit.record(
        Actor.system(current_tenant(), row.carrier.name, channel="carrier"),
        f"shipping.booking_{row.state}",
        subject=("parcel", parcel.id),
        after={"booking": row.id, "tracking": row.tracking, "failure": row.failure},
    )
    _tell(row)


def _kept_label(shipment: Shipment) -> str:
    if not shipment.label:
        return ""
    return files.put(shipment.label, kind="label", suffix=_SUFFIXES.get(shipment.media_type, ""))


def _number(parcel: Parcel, row: Booking) -> None:
    parcel.tracking, parcel.poll_at = row.tracking, now()
    try:
        with transaction.atomic():
            parcel.save(update_fields=["tracking", "poll_at"])
    except IntegrityError as error:
        raise TrackingTaken from error


def _refused(booking_id: UUID, reason: str) -> None:
    moved = Booking.objects.filter(
        id=booking_id, state__in=[BookingState.WANTED, BookingState.CANCELLING], tracking=""
    ).update(state=BookingState.REFUSED, failure=reason[:500], changed_at=now())
    row = _booking(booking_id)
    if not moved or row is None:
        return
    audit.record(
        Actor.system(current_tenant(), row.carrier.name, channel="carrier"),
        "shipping.booking_refused",
        subject=("parcel", row.parcel_id),
        after={"booking": row.id, "failure": row.failure},
    )
    _tell(row)


def _again(row: Booking, job: object) -> None:
    """Ask later: the pause doubles, up to an hour; it is never given up, somebody may call it off."""
    Booking.objects.filter(id=row.id).update(tries=row.tries + 1)
    pause = min(FIRST_PAUSE_SECONDS * 2 ** min(row.tries, 10), LONGEST_PAUSE_SECONDS)
    jobs.defer_in(pause, job, booking_id=str(row.id))  # type: ignore[arg-type]


def cancel_booking(actor: Actor, booking_id: UUID, *, reason: str = "") -> Booking:
    """Want a booking called off; the carrier is called after the commit. Raises NotFound, NotBooked."""
    actor.require("shipping.update")
    row = _booking(booking_id)
    if row is None:
        raise NotFound
    locked_parcel(row.parcel_id)
    moved = Booking.objects.filter(id=row.id, state__in=[BookingState.WANTED, BookingState.BOOKED]).update(
        state=BookingState.CANCELLING, changed_at=now()
    )
    if not moved:
        raise NotBooked
    audit.record(
        actor,
        "shipping.cancel_booking",
        subject=("parcel", row.parcel_id),
        after={"booking": row.id},
        reason=reason,
    )
    row.refresh_from_db()
    _tell(row)
    jobs.defer(call_off, booking_id=str(row.id))
    return row


@jobs.job(queue="carriers", retry=8, atomic=False)
def call_off(*, booking_id: str) -> None:
    """Tell the carrier. Where its number never reached us it is asked for first: the reference makes no second shipment."""
    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        row = _booking(UUID(booking_id))
    if row is None or row.state != BookingState.CANCELLING:
        return
    try:
        tracking = row.tracking or _create(row).tracking
        adapter_of(row.carrier).cancel(tracking)
    except CarrierRefused as error:
        with tenant_transaction(tenant_id):
            _stays(row, error.message)
        return
    except CarrierUnreachable:
        with tenant_transaction(tenant_id):
            _again(row, call_off)
        return
    with tenant_transaction(tenant_id):
        _cancelled(row)


def _stays(row: Booking, reason: str) -> None:
    """The carrier does not call it off (it is on its way already), or never took it."""
    state = BookingState.BOOKED if row.tracking else BookingState.REFUSED
    if Booking.objects.filter(id=row.id, state=BookingState.CANCELLING).update(
        state=state, failure=reason[:500], changed_at=now()
    ):
        row.state = state
        _tell(row)


def _cancelled(row: Booking) -> None:
    parcel = locked_parcel(row.parcel_id)
    if not Booking.objects.filter(id=row.id, state=BookingState.CANCELLING).update(
        state=BookingState.CANCELLED, changed_at=now()
    ):
        return
    if row.tracking and parcel.tracking == row.tracking:
        parcel.tracking, parcel.poll_at = "", None
        parcel.save(update_fields=["tracking", "poll_at"])
    row.state = BookingState.CANCELLED
    _tell(row)


def bookings_of(parcel_id: UUID) -> list[Booking]:
    """A parcel's bookings, newest first."""
    rows = Booking.objects.filter(parcel=parcel_id).select_related("carrier", "service")
    return list(rows.order_by("-id"))


def _tell(row: Booking) -> None:
    events.emit(
        "shipping.booking",
        subject=("order", row.parcel.order_id),
        data={"order_id": row.parcel.order_id, "parcel_id": row.parcel_id, "state": row.state},
    )
