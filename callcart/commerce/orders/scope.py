"""Which orders an actor may see or touch, by the scope of the permission: all, one's own, or those of a region."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.commerce.orders.models import Order
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import Conflict, NotFound


class StaleOrder(Conflict):
    """This order was changed in the meantime. Look at it again, then repeat your change."""

    code = "order.stale"


def visible(actor: Actor, permission: str) -> QuerySet[Order]:
    """The orders a permission holds for. A customer's own are theirs without one."""
    if actor.kind is ActorKind.CUSTOMER:
        return Order.objects.filter(customer_id=actor.id) if actor.id else Order.objects.none()
    scope = actor.require(permission).scope
    if not scope:
        return Order.objects.all()
    if scope in {"own", "team"}:
        return Order.objects.filter(agent_id=actor.id)
    return Order.objects.filter(Q(ship_province__iexact=scope))


def locked(actor: Actor, permission: str, order_id: UUID, *, version: int | None = None) -> Order:
    """One order under lock. Raises NotFound where the actor may not see it, StaleOrder where it is no longer at
    `version`."""
    order = visible(actor, permission).select_for_update(no_key=True).filter(id=order_id).first()
    if order is None:
        raise NotFound
    if version is not None and order.version != version:
        raise StaleOrder(version=order.version)
    return order
