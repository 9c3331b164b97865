"""Which cases an actor may see or move: those of the orders within reach. Locks are taken in one order: the order, its case."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from callcart.commerce.aftersales.models import Case
from callcart.commerce.orders.public import Order, reach
from callcart.commerce.orders.public import visible as visible_orders
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import Conflict, NotFound, PermissionDenied


class StaleCase(Conflict):
    """This case was changed in the meantime. Look at it again, then repeat your change."""

    code = "aftersales.stale"


def visible(actor: Actor, permission: str = "aftersales.view") -> QuerySet[Case]:
    """The cases a permission holds for: a customer's are those of their own orders. Raises PermissionDenied."""
    if actor.kind is ActorKind.CUSTOMER:
        if permission != "aftersales.view":
            raise PermissionDenied(permission=permission)
        return Case.objects.filter(order__in=visible_orders(actor, "orders.view"))
    actor.require(permission)
    if actor.kind is ActorKind.SYSTEM or reach(actor, "orders.view").everything:
        return Case.objects.all()
    return Case.objects.filter(order__in=visible_orders(actor, "orders.view"))


def locked(actor: Actor, permission: str, case_id: UUID, *, version: int | None = None) -> Case:
    """One case under lock, its order locked before it. Raises PermissionDenied, NotFound, StaleCase."""
    found = visible(actor, permission).filter(id=case_id).values_list("order_id", flat=True).first()
    if found is None:
        raise NotFound
    order = Order.objects.select_for_update(no_key=True).get(id=found)
    case = Case.objects.select_for_update(no_key=True).get(id=case_id)
    case.order = order
    if version is not None and case.version != version:
        raise StaleCase(version=case.version)
    return case
