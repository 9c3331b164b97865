"""Which order a carrier's number belongs to: money asks by this way, as it knows no parcels."""

from __future__ import annotations

from collections.abc import Sequence

from callcart.commerce.payments.finance import Parcelled
from callcart.commerce.shipping.public import Parcel, ParcelState

_BACK = frozenset({ParcelState.RETURNING, ParcelState.RETURNED, ParcelState.LOST})


def orders_of_tracking(numbers: Sequence[str]) -> dict[str, Parcelled]:
    """The orders of tracking numbers or of our own parcel numbers, and whether the parcel came back. Where two parcels have one
    number, the newer one counts."""
    wanted = set(numbers)
    found: dict[str, Parcelled] = {}
    for field in ("number", "tracking"):
        for parcel in Parcel.objects.filter(**{f"{field}__in": wanted}).order_by("id"):
            came_back = parcel.state in _BACK
            found[getattr(parcel, field)] = Parcelled(parcel.order_id, came_back=came_back)
    return found


def carrier_of(parcel: Parcel) -> str:
    """The carrier that has a parcel's cash: its code where we know it, else its name as it was given."""
    return parcel.carried_by.code if parcel.carried_by is not None else parcel.carrier.strip().casefold()
