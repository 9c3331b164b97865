"""What happens to cases when parcels and money move: a parcel that comes back opens a case by itself, a settled one closes when its
money is back. Each may run twice.
"""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.asking import add_lines, new_case
from callcart.commerce.aftersales.models import Case
from callcart.commerce.aftersales.settling import close_if_done
from callcart.commerce.aftersales.states import CaseState, Kind, Reason, Wish
from callcart.commerce.aftersales.units import units_of
from callcart.commerce.orders.public import Order
from callcart.commerce.shipping.public import Parcel, ParcelState, units_in
from callcart.core import events
from callcart.core.actor import Actor

BACK = frozenset({ParcelState.REFUSED, ParcelState.RETURNING, ParcelState.RETURNED})


@events.handler("parcel.changed")
def on_parcel_changed(event: events.Event) -> None:
    """A parcel was refused or comes back: a case for what lies in it, once; nothing where customers' own cases took all of it
    (then it is the return they sent)."""
    if event.data.get("state") not in BACK:
        return
    order = _locked(event.data.get("order_id"))
    parcel = Parcel.objects.filter(id=UUID(str(event.data["parcel_id"]))).first()
    if order is None or parcel is None or parcel.state not in BACK:
        return
    if Case.objects.filter(parcel_id=parcel.id).exists():
        return
    open_for_parcel(Actor.system(event.tenant_id, "carrier", channel="carrier"), order, parcel)


def open_for_parcel(actor: Actor, order: Order, parcel: Parcel) -> Case | None:
    """Open the case of a parcel that comes back. The caller holds the order's lock."""
    units, inside = units_of(order.id), units_in([parcel]).get(parcel.id, {})
    lines = {line.id: line for line in order.lines.all()}
    wanted = [
        (lines[line_id], count, None)
        for line_id, held in inside.items()
        if line_id in lines and (count := min(held, units.of(line_id).left))
    ]
    if not wanted:
        return None
    case = new_case(
        order, kind=Kind.RETURN, reason=Reason.NOT_DELIVERED, wish=Wish.REFUND, state=CaseState.WAITING
    )
    case.parcel_id, case.channel = parcel.id, actor.channel
    case.sent_by, case.sent_tracking = parcel.carrier, parcel.tracking
    history.begin(actor, case)
    add_lines(case, wanted)
    history.announce(actor, case)
    return case


@events.handler("payment.changed")
def on_payment_changed(event: events.Event) -> None:
    """Money of an order moved: cases that only waited for it are over."""
    order = _locked(event.data.get("order_id"))
    if order is None:
        return
    actor = Actor.system(event.tenant_id, "payments", channel="gateway")
    for case in Case.objects.select_for_update(no_key=True).filter(order=order, state=CaseState.SETTLED):
        case.order = order
        close_if_done(actor, case)


def _locked(order_id: object) -> Order | None:
    return Order.objects.select_for_update(no_key=True).filter(id=UUID(str(order_id))).first()
