"""Parcels: where they are, and scans a carrier's or a warehouse's program reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.carrier import Scan
from callcart.core.errors import Invalid
from callcart.web.api.doors import allowed
from callcart.web.api.shapes import Code, Given, Limit, Moment, PageOf, Text

router = Router(tags=["Parcels"])


class EventShape(Schema):
    at: datetime
    state: str
    place: str
    text: str


class ParcelShape(Schema):
    """`number` is ours, `tracking` the carrier's. `trouble` says why somebody has to look after it."""

    id: UUID
    number: str
    order_id: UUID
    carrier: str
    tracking: str
    state: str
    state_at: datetime
    place: str
    trouble: str


class ParcelDetail(ParcelShape):
    events: list[EventShape]


class ScanGiven(Given):
    """`at` is when it happened by the carrier's clock, `reference` the carrier's id of it: the same one twice changes nothing."""

    tracking: Code
    state: shipping.ParcelState
    at: Moment
    place: Text = ""
    text: Text = ""
    reference: Code = ""


class ScansGiven(Given):
    carrier: Annotated[Code, Field(description="code of the carrier")]
    scans: Annotated[list[ScanGiven], Field(min_length=1, max_length=500)]


class ScansTaken(Schema):
    """How many were new and how many known; `unknown` are tracking numbers that are nobody's here."""

    new: int
    known: int
    unknown: list[str]


@router.get("/parcels", response=PageOf[ParcelShape], summary="List parcels")
def list_parcels(
    request: HttpRequest, state: Code = "", text: Text = "", cursor: UUID | None = None, limit: Limit = 50
) -> PageOf[ParcelShape]:
    """The newest first. `text` is one of our numbers or of the carrier's. Needs `shipping.view`."""
    actor = allowed(request, "shipping.view")
    if state and state not in set(shipping.ParcelState):
        raise Invalid(fields={"state": _("Choose one of the values offered.")})
    filters = shipping.ParcelFilters(state=state, text=text)
    found = shipping.list_parcels(actor, filters, after=cursor, limit=limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else ""
    return PageOf[ParcelShape](
        items=[ParcelShape(**_values(each)) for each in found[:limit]], cursor=following
    )


@router.get("/parcels/{uuid:parcel_id}", response=ParcelDetail, summary="Read a parcel")
def read(request: HttpRequest, parcel_id: UUID) -> ParcelDetail:
    """With every report on it. Needs `shipping.view`."""
    found = shipping.get_parcel(allowed(request, "shipping.view"), parcel_id)
    events = [
        EventShape(at=each.at, state=each.state, place=each.place, text=each.text) for each in found.events.all()
    ]  # fmt: skip
    return ParcelDetail(**_values(found), events=events)


@router.post("/parcels/scans", response=ScansTaken, summary="Report scans")
def report(request: HttpRequest, body: ScansGiven) -> ScansTaken:
    """In any order and as often as you like: a late or repeated scan moves no parcel back. Needs `shipping.update`."""
    actor = allowed(request, "shipping.update")
    carrier = shipping.Carrier.objects.filter(code=body.carrier).first()
    if carrier is None:
        raise Invalid(fields={"carrier": _("There is no such carrier.")})
    scans = [Scan(**each.model_dump()) for each in body.scans]
    taken = shipping.take_scans(actor, carrier.id, scans)
    return ScansTaken(new=taken.new, known=taken.known, unknown=list(taken.unknown))


def _values(parcel: shipping.Parcel) -> dict[str, Any]:
    return {
        "id": parcel.id, "number": parcel.number, "order_id": parcel.order_id, "carrier": parcel.carrier,
        "tracking": parcel.tracking, "state": parcel.state, "state_at": parcel.state_at, "place": parcel.place,
        "trouble": parcel.trouble,
    }  # fmt: skip
