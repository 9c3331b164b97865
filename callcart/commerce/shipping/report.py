"""Parcels made, and what carriers report of them taken in: each report once, in the order in which things happened."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.shipping.carriers import carrier_called
from callcart.commerce.shipping.models import Parcel, ParcelEvent, ParcelLine, ParcelState
from callcart.commerce.shipping.pace import next_poll
from callcart.commerce.shipping.states import Report, fold
from callcart.commerce.shipping.troubles import look_after
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.ids import next_number
from callcart.core.text import clean, problem


class TrackingTaken(Conflict):
    """This tracking number already belongs to another parcel."""

    code = "shipping.tracking_taken"


def create_parcel(
    actor: Actor,
    order_id: UUID,
    *,
    units: Mapping[UUID, int],
    carrier: str = "",
    tracking: str = "",
    number: str = "",
) -> Parcel:
    """Pack units of order lines into a parcel; `number` where its waybill was numbered before. Called by whoever takes them out
    of stock in the same transaction."""
    if not units:
        raise Invalid(fields={"lines": gettext("Nothing is left to be sent.")})
    carrier, tracking = clean(carrier), clean(tracking)
    problems = {
        name: said
        for name, value in (("carrier", carrier), ("tracking", tracking))
        if (said := problem(value, longest=100))
    }
    if problems:
        raise Invalid(fields=problems)
    known = carrier_called(carrier)
    parcel = Parcel(
        number=number or next_number("parcel"),
        order_id=order_id,
        carrier=carrier,
        tracking=tracking,
        state_at=now(),
        scanned_at=now(),
        carried_by=known,
        poll_at=now() if known is not None and known.adapter and tracking else None,
    )
    _save_new(parcel)
    ParcelLine.objects.bulk_create(
        [ParcelLine(parcel=parcel, line_id=line_id, quantity=count) for line_id, count in units.items()]
    )
    _keep(parcel, Report(ParcelState.PACKED, parcel.state_at), text="", reference="packed")
    audit.record(actor, "shipping.create_parcel", subject=("parcel", parcel.id), after={"order_id": order_id})
    _tell(parcel)
    return parcel


def _save_new(parcel: Parcel) -> None:
    try:
        with transaction.atomic():
            parcel.save(force_insert=True)
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        if getattr(diagnostics, "constraint_name", None) != "shipping_parcel_tracking":
            raise
        raise TrackingTaken from error


def set_parcel_state(
    actor: Actor,
    parcel_id: UUID,
    state: ParcelState,
    *,
    at: datetime | None = None,
    place: str = "",
    text: str = "",
    reference: str = "",
) -> Parcel:
    """Take in a report on a parcel: `at` when it happened, `reference` the carrier's id of it. A report known already
    changes nothing; a late one is kept without moving the parcel back. Raises NotFound."""
    actor.require("shipping.update")
    parcel = locked_parcel(parcel_id)
    report = Report(ParcelState(state), at or now(), clean(place)[:200])
    take_report(actor, parcel, report, text=text, reference=reference)
    return parcel


def locked_parcel(parcel_id: UUID) -> Parcel:
    """A parcel under its lock. Raises NotFound."""
    parcel = Parcel.objects.select_for_update(no_key=True).filter(id=parcel_id).first()
    if parcel is None:
        raise NotFound
    return parcel


def take_report(actor: Actor, parcel: Parcel, report: Report, *, text: str, reference: str) -> bool:
    """Keep a report on a parcel that the caller has locked; whether it was new. What follows from it is told and done."""
    told = _keep(
        parcel, report, text=clean(text)[:500], reference=clean(reference)[:200] or fingerprint(report)
    )
    before = parcel.state
    if told and _settle(parcel):
        audit.record(
            actor,
            "shipping.update",
            subject=("parcel", parcel.id),
            before={"state": before},
            after={"state": parcel.state},
        )
        _tell(parcel)
    elif told:
        look_after(parcel)  # a scan that moves it nowhere still says that it is not stuck
    return told


def fingerprint(report: Report) -> str:
    """A reference for a report that came without one: the same words are the same report."""
    text = f"{report.at.isoformat()}|{report.state}|{report.place}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _keep(parcel: Parcel, report: Report, *, text: str, reference: str) -> bool:
    """Store the report; False where it was known."""
    if ParcelEvent.objects.filter(parcel=parcel, reference=reference).exists():
        return False
    if parcel.scanned_at is None or report.at > parcel.scanned_at:
        parcel.scanned_at = report.at
        parcel.save(update_fields=["scanned_at"])
    ParcelEvent.objects.create(
        parcel=parcel, at=report.at, state=report.state, place=report.place, text=text, reference=reference
    )
    return True


def _settle(parcel: Parcel) -> bool:
    """Set the parcel to what its reports add up to; whether that moved it."""
    rows = ParcelEvent.objects.filter(parcel=parcel).values_list("state", "at", "place")
    standing = fold(Report(ParcelState(state), at, place) for state, at, place in rows)
    if standing is None or (parcel.state, parcel.state_at) == (standing.state, standing.at):
        return False
    parcel.state, parcel.state_at, parcel.place = standing.state, standing.at, standing.place
    if parcel.poll_at is not None and parcel.carried_by is not None:
        parcel.poll_at = next_poll(
            parcel.state, made_at=parcel.made_at, at=now(), minutes=parcel.carried_by.poll_minutes
        )
    parcel.save(update_fields=["state", "state_at", "place", "poll_at"])
    look_after(parcel)
    return True


def _tell(parcel: Parcel) -> None:
    if parcel.state != ParcelState.PACKED:
        # for whoever tells the customer: the order and the state are all that leaves this room
        events.emit(
            "shipping.parcel_moved",
            subject=("order", parcel.order_id),
            audience="process",
            data={"order_id": parcel.order_id, "parcel_id": parcel.id, "state": parcel.state},
        )
    events.emit(
        "parcel.changed",
        subject=("order", parcel.order_id),
        data={"parcel_id": parcel.id, "order_id": parcel.order_id, "state": parcel.state},
    )
