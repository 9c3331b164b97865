"""Which parcels were at the door, wherever they are now: a customer may have sent one back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from callcart.commerce.shipping.models import Parcel, ParcelEvent, ParcelState


def ever_delivered(parcels: Iterable[Parcel]) -> set[UUID]:
    """Those of these parcels that were delivered once."""
    rows = ParcelEvent.objects.filter(parcel__in=list(parcels), state=ParcelState.DELIVERED)
    return set(rows.values_list("parcel_id", flat=True))
