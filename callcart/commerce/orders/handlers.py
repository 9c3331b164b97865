"""What happens to an order when money or a parcel moves: its axes are derived again, its history tells the customer, and
it closes when all is done. Each may run twice.
"""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from callcart.commerce.orders import history
from callcart.commerce.orders.approve import approve_by_rule
from callcart.commerce.orders.axes import refresh
from callcart.commerce.orders.came_back import follow_deliveries
from callcart.commerce.orders.dispatches import ask_for_what_is_left
from callcart.commerce.orders.life import close_if_done
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.states import OrderState
from callcart.commerce.orders.tracking import carrier_of
from callcart.commerce.payments.public import NotCash, PaymentMethod, record_collected
from callcart.commerce.shipping.public import Parcel, ParcelState
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.errors import NotFound


@events.handler("order.placed")
def on_order_placed(event: events.Event) -> None:
    """Somebody ordered: doubts are looked for, and one without any may be approved by the shop's rule."""
    _by_rule(event)


def _by_rule(event: events.Event) -> None:
    with suppress(NotFound):  # it went on meanwhile
        approve_by_rule(UUID(str(event.data["order_id"])))


@events.handler("payment.changed")
def on_payment_changed(event: events.Event) -> None:
    """Money came, failed to come, or goes back."""
    order = _locked(event)
    if order is None:
        return
    actor = Actor.system(event.tenant_id, "payments", channel="gateway")
    ask_for_what_is_left(actor, order)
    before = order.payment_state
    if refresh(order):
        if order.payment_state != before:
            history.note(actor, order, "payment", data={"state": order.payment_state})
        _changed(order)
    close_if_done(actor, order)
    if order.state == OrderState.PLACED:
        _by_rule(event)


@events.handler("parcel.changed")
def on_parcel_changed(event: events.Event) -> None:
    """A carrier moved a parcel. Cash is collected at the door when it is delivered, and never where it comes back."""
    order = _locked(event)
    if order is None:
        return
    actor = Actor.system(event.tenant_id, "carrier", channel="carrier")
    parcel = Parcel.objects.filter(id=event.data["parcel_id"]).first()
    state = str(event.data.get("state", ""))
    if state and state != ParcelState.PACKED:
        _note_parcel(actor, order, str(event.data["parcel_id"]), state)
    if parcel and parcel.state == ParcelState.DELIVERED and order.payment_method == PaymentMethod.COD:
        _collect(actor, order, parcel)
    follow_deliveries(actor, order)
    refresh(order)
    _changed(order)
    close_if_done(actor, order)


def _locked(event: events.Event) -> Order | None:
    order_id = UUID(str(event.data["order_id"]))
    return Order.objects.select_for_update(no_key=True).filter(id=order_id).first()


def _note_parcel(actor: Actor, order: Order, parcel_id: str, state: str) -> None:
    data = {"state": state, "parcel": parcel_id}
    if not order.history.filter(kind="parcel", data=data).exists():
        history.note(actor, order, "parcel", data=data)


def _collect(actor: Actor, order: Order, parcel: Parcel) -> None:
    try:
        record_collected(actor, order.id, carrier=carrier_of(parcel))
    except NotCash:
        return  # recorded already: this event came twice, or finance was faster


def _changed(order: Order) -> None:
    events.emit(
        "order.changed", subject=("order", order.id), data={"order_id": order.id, "state": order.state}
    )
