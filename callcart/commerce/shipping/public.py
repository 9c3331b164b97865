"""What other rooms may use of shipping."""

from callcart.commerce.shipping.arrival import arrival
from callcart.commerce.shipping.dispatch import (
    BEGUN,
    Dispatch,
    DispatchLine,
    DispatchParcel,
    DispatchState,
)
from callcart.commerce.shipping.dispatch_queries import (
    DispatchFilters,
    DispatchPage,
    dispatches_of,
    get_dispatch,
    list_dispatches,
    open_dispatches,
)
from callcart.commerce.shipping.dispatching import (
    DispatchDraft,
    DispatchMoved,
    DispatchUnits,
    cancel_dispatch,
    leave_dispatch,
    make_dispatch,
    move_dispatch,
)
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
    "BEGUN",
    "CodeTaken",
    "DeliveryChoice",
    "DeliveryMethod",
    "Dispatch",
    "DispatchDraft",
    "DispatchFilters",
    "DispatchLine",
    "DispatchMoved",
    "DispatchPage",
    "DispatchParcel",
    "DispatchState",
    "DispatchUnits",
    "MethodDraft",
    "Parcel",
    "ParcelEvent",
    "ParcelState",
    "TrackingTaken",
    "arrival",
    "cancel_dispatch",
    "create_method",
    "create_parcel",
    "describe_state",
    "dispatches_of",
    "get_dispatch",
    "leave_dispatch",
    "list_dispatches",
    "list_methods",
    "make_dispatch",
    "methods_for",
    "move_dispatch",
    "open_dispatches",
    "parcels_of",
    "set_parcel_state",
    "state_name",
    "units_in",
    "update_method",
]
