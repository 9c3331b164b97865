"""Goods leave: a dispatch document is handed over to its carrier, or all of an order's at once (`ship_order`).

The lock is the order's, then its stock's, then the document's; whoever comes second finds it handed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from uuid import UUID

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders import history
from callcart.commerce.orders.axes import axes_of
from callcart.commerce.orders.dispatches import align, worth
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.paid import NotPaid, money_is_missing
from callcart.commerce.orders.scope import locked
from callcart.commerce.orders.states import OrderState, WrongState
from callcart.commerce.orders.steps import bump
from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import Dispatch, DispatchMoved, DispatchParcel, Parcel, ParcelState
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, NotFound
from callcart.core.money import Money


class SeveralDispatches(Conflict):
    """This order leaves from several warehouses: give each dispatch document its own tracking number."""

    code = "order.several_dispatches"


class BoxHoldsMore(Conflict):
    """Box %(number)s holds goods that are to stay as well. Send them together, or pack that box anew."""

    code = "order.box_holds_more"


def hand_over(
    actor: Actor,
    dispatch_id: UUID,
    *,
    carrier: str = "",
    tracking: str = "",
    line_ids: Collection[UUID] | None = None,
) -> list[Parcel]:
    """The carrier takes the goods of a document (of some lines only, where `line_ids` are given: the rest gets a document of
    its own): out of stock, and its parcels are with the carrier. An empty `carrier` is the one proposed. Raises NotFound,
    WrongState, DispatchMoved where it left before, NotPaid where money is missing, InsufficientStock for goods ordered back
    that have not come, TrackingTaken, BoxHoldsMore."""
    return inventory.retrying(lambda: _hand_over(actor, dispatch_id, carrier, tracking, line_ids))


def _hand_over(
    actor: Actor, dispatch_id: UUID, carrier: str, tracking: str, line_ids: Collection[UUID] | None
) -> list[Parcel]:
    found = Dispatch.objects.filter(id=dispatch_id).first()
    if found is None:
        raise NotFound
    order = locked(actor, "orders.ship", found.order_id)
    _may_leave(order)
    parcels = _leave(actor, order, dispatch_id, carrier, tracking, line_ids)
    carrier_scan = Actor.system(actor.tenant_id, actor.name, channel=actor.channel)
    parcels = [
        shipping.set_parcel_state(carrier_scan, each.id, ParcelState.HANDED_OVER, reference="handed over")
        for each in parcels
    ]
    _write_down(actor, order, parcels)
    return parcels


def ship_order(
    actor: Actor,
    order_id: UUID,
    *,
    version: int,
    carrier: str = "",
    tracking: str = "",
    line_ids: Collection[UUID] | None = None,
) -> Parcel:
    """Send out all that a confirmed order holds, or some lines, without a hand-over list: a parcel for each warehouse, packed
    until its carrier reports; the first is returned. Raises NotFound, StaleOrder, WrongState, SeveralDispatches, NotPaid,
    InsufficientStock."""
    return inventory.retrying(lambda: _ship(actor, order_id, version, carrier, tracking, line_ids))


def _ship(
    actor: Actor,
    order_id: UUID,
    version: int,
    carrier: str,
    tracking: str,
    line_ids: Collection[UUID] | None,
) -> Parcel:
    order = locked(actor, "orders.ship", order_id, version=version)
    _may_leave(order)
    wanted = [each for each in align(actor, order) if line_ids is None or _has(each, line_ids)]
    if not wanted:
        raise WrongState(state=order.state)
    if tracking and len(wanted) > 1:
        raise SeveralDispatches
    parcels = [
        parcel for each in wanted for parcel in _leave(actor, order, each.id, carrier, tracking, line_ids)
    ]
    _write_down(actor, order, parcels)
    return parcels[0]


def _has(dispatch: Dispatch, line_ids: Collection[UUID]) -> bool:
    return any(each.line_id in line_ids for each in dispatch.lines.all())


def _may_leave(order: Order) -> None:
    if order.state != OrderState.CONFIRMED:
        raise WrongState(state=order.state)
    if not order.goods_on_trust and money_is_missing(order, axes_of([order])[order.id].payment):
        raise NotPaid


def _leave(
    actor: Actor,
    order: Order,
    dispatch_id: UUID,
    carrier: str,
    tracking: str,
    line_ids: Collection[UUID] | None,
) -> list[Parcel]:
    """Stock, document and parcels of one hand-over. What is held for other lines in the warehouse stays."""
    found = Dispatch.objects.prefetch_related("lines").get(id=dispatch_id)
    if found.state not in shipping.OPEN:
        raise DispatchMoved(state=found.state)
    its = [each.line_id for each in found.lines.all() if line_ids is None or each.line_id in line_ids]
    units = inventory.ship(actor, order.id, line_ids=its, warehouse_id=found.warehouse_id)
    if not units:
        raise WrongState(state=order.state)
    boxes, inside = _boxes_that_leave(found, set(its))
    cod = _cash_that_leaves(order, found, its)
    shipping.leave_dispatch(actor, found.id, line_ids=its, cod=cod)
    _keep_behind(found, boxes)
    loose = {line_id: left for line_id, count in units.items() if (left := count - inside[line_id])}
    if not loose:
        return boxes
    parcel = shipping.create_parcel(
        actor, order.id, units=loose, carrier=carrier or found.carrier, tracking=tracking
    )
    DispatchParcel.objects.create(dispatch=found, parcel=parcel)
    return [*boxes, parcel]


def _boxes_that_leave(dispatch: Dispatch, line_ids: Collection[UUID]) -> tuple[list[Parcel], Counter[UUID]]:
    """The boxes packed for these lines, and the units in them by line. A box with goods of another line as well stays or leaves
    as a whole: raises BoxHoldsMore."""
    packed = [each.parcel for each in dispatch.boxes.select_related("parcel").order_by("id")]
    contents = shipping.units_in(packed)
    leaving, inside = [], Counter[UUID]()
    for box in packed:
        lines = set(contents.get(box.id, {}))
        if not lines & set(line_ids):
            continue
        if not lines <= set(line_ids):
            raise BoxHoldsMore(number=box.number)
        leaving.append(box)
        inside.update(contents[box.id])
    return leaving, inside


def _keep_behind(dispatch: Dispatch, leaving: Sequence[Parcel]) -> None:
    """Boxes that stay belong to the document that was made for what stays."""
    behind = DispatchParcel.objects.filter(dispatch=dispatch).exclude(parcel__in=list(leaving))
    if behind.exists():
        rest = Dispatch.objects.get(
            order_id=dispatch.order_id, warehouse_id=dispatch.warehouse_id, state__in=shipping.OPEN
        )
        behind.update(dispatch=rest)


def _cash_that_leaves(order: Order, dispatch: Dispatch, line_ids: Sequence[UUID]) -> Money:
    """The share of a document's cash that goes with these lines."""
    lines = {line.id: line for line in order.lines.all()}
    goes = stays = 0
    for each in dispatch.lines.all():
        value = worth(lines[each.line_id], each.quantity)
        if each.line_id in line_ids:
            goes += value
        else:
            stays += value
    return dispatch.cod.allocate([goes, stays])[0] if goes or stays else dispatch.cod


def _write_down(actor: Actor, order: Order, parcels: Sequence[Parcel]) -> None:
    bump(order)
    for parcel in parcels:
        history.record(
            actor,
            order,
            "shipped",
            after={"parcel": parcel.number},
            data={"carrier": parcel.carrier, "tracking": parcel.tracking, "parcel": parcel.number},
        )
