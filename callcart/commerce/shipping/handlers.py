"""A parcel packed for a dispatch document takes over what was decided there: warehouse, carrier, service, promised day."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.shipping.carriers import carrier_called
from callcart.commerce.shipping.dispatch import DispatchParcel
from callcart.commerce.shipping.models import CarrierService, Parcel
from callcart.commerce.shipping.troubles import look_after
from callcart.core import events
from callcart.core.clock import now


@events.handler("parcel.changed")
def on_parcel_changed(event: events.Event) -> None:
    """Fill in what is missing; may run twice."""
    found = (
        DispatchParcel.objects.select_related("dispatch")
        .filter(parcel=UUID(str(event.data["parcel_id"])))
        .first()
    )
    if found is None:
        return
    parcel = Parcel.objects.select_for_update(no_key=True).get(id=found.parcel_id)
    if parcel.warehouse_id is not None:
        return
    document = found.dispatch
    parcel.warehouse_id = document.warehouse_id
    parcel.promised_on = parcel.promised_on or document.promised_on
    if parcel.carried_by is None:
        parcel.carried_by = carrier_called(parcel.carrier or document.carrier)
    if parcel.service is None and parcel.carried_by is not None and document.service:
        parcel.service = CarrierService.objects.filter(
            carrier=parcel.carried_by, code=document.service
        ).first()
    if (
        parcel.poll_at is None
        and parcel.tracking
        and parcel.carried_by is not None
        and parcel.carried_by.adapter
    ):
        parcel.poll_at = now()
    parcel.save(update_fields=["warehouse_id", "promised_on", "carried_by", "service", "poll_at"])
    look_after(parcel)
