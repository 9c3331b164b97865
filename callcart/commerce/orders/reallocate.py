"""Changing by hand which warehouse sends what. The units of each line stay; a confirmed order's documents are made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.inventory.public import Placed, held_for, rehold, retrying
from callcart.commerce.orders import history
from callcart.commerce.orders.dispatches import align
from callcart.commerce.orders.editable import check_editable
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.scope import locked
from callcart.commerce.orders.states import OrderState
from callcart.commerce.orders.steps import bump
from callcart.core.actor import Actor
from callcart.core.errors import Invalid

Places = Mapping[UUID, Mapping[UUID, int]]
"""Units by line and warehouse."""


def reallocate(actor: Actor, order_id: UUID, places: Places, *, version: int, reason: str = "") -> Order:
    """Hold an order's units in the warehouses given. A line not named stays where it is. Raises NotFound, StaleOrder,
    WrongState, BeingPacked, AllSent, Invalid (`<line>`) where the units of a line are not those it holds,
    InsufficientStock."""
    return retrying(lambda: _reallocate(actor, order_id, places, version, reason))


def _reallocate(actor: Actor, order_id: UUID, places: Places, version: int, reason: str) -> Order:
    order = locked(actor, "orders.edit", order_id, version=version)
    check_editable(order)
    held = held_for(order.id)
    total: Counter[UUID] = Counter()
    for each in held:
        total[each.line_id] += each.quantity
    _check(places, total)
    variants = {each.line_id: each.variant_id for each in held}
    wanted = [
        Placed(line_id, variants[line_id], warehouse_id, units)
        for line_id, by_warehouse in places.items()
        for warehouse_id, units in by_warehouse.items()
        if units
    ] + [
        Placed(each.line_id, each.variant_id, each.warehouse_id, each.quantity)
        for each in held
        if each.line_id not in places
    ]
    rehold(actor, order.id, wanted, reason=reason or "warehouse changed")
    if order.state == OrderState.CONFIRMED:
        align(actor, order, reason=reason)
    bump(order)
    plain = {str(line): {str(house): units for house, units in by.items()} for line, by in places.items()}
    history.record(actor, order, "reallocated", after={"places": plain}, reason=reason)
    return order


def _check(places: Places, held: Counter[UUID]) -> None:
    problems = {}
    for line_id, by_warehouse in places.items():
        if any(units < 0 for units in by_warehouse.values()) or sum(by_warehouse.values()) != held[line_id]:
            problems[str(line_id)] = gettext("Together this has to be %(units)d.") % {"units": held[line_id]}
    if problems:
        raise Invalid(fields=problems)
