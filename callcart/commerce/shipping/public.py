"""What other rooms may use of shipping."""

from callcart.commerce.shipping.arrival import arrival
from callcart.commerce.shipping.methods import CodeTaken, MethodDraft, create_method, update_method
from callcart.commerce.shipping.models import DeliveryMethod, Parcel, ParcelEvent, ParcelState
from callcart.commerce.shipping.queries import (
    DeliveryChoice,
    describe_state,
    list_methods,
    methods_for,
    parcels_of,
    units_in,
)
from callcart.commerce.shipping.report import TrackingTaken, create_parcel, set_parcel_state
from callcart.commerce.shipping.states import state_name

__all__ = [
    "CodeTaken",
    "DeliveryChoice",
    "DeliveryMethod",
    "MethodDraft",
    "Parcel",
    "ParcelEvent",
    "ParcelState",
    "TrackingTaken",
    "arrival",
    "create_method",
    "create_parcel",
    "describe_state",
    "list_methods",
    "methods_for",
    "parcels_of",
    "set_parcel_state",
    "state_name",
    "units_in",
    "update_method",
]
