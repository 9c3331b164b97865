"""Which orders an actor may see or touch, by the scope of the permission: all, one's own, or those of a region."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.commerce.orders.follow import followed
from callcart.commerce.orders.models import Order
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import Conflict, NotFound

_FOLLOWERS_MAY = frozenset({"orders.view", "orders.cancel"})


class StaleOrder(Conflict):
    """This order was changed in the meantime. Look at it again, then repeat your change."""

    code = "order.stale"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a staff member's grant reaches: everything, or what `agent_id` took and what goes to one of the regions."""

    everything: bool = False
    agent_id: UUID | None = None
    regions: tuple[str, ...] = ()


def reach(actor: Actor, permission: str) -> Reach:
    """How far a permission reaches, for statements of one's own; nowhere where it is not held."""
    if not actor.can(permission):
        return Reach()
    parts = [part.strip() for part in actor.require(permission).scope.split(",") if part.strip()]
    mine = {"own", "team"} & set(parts)
    return Reach(
        everything=not parts,
        agent_id=actor.id if mine else None,
        regions=tuple(part for part in parts if part not in mine),
    )


def visible(actor: Actor, permission: str) -> QuerySet[Order]:
    """The orders a permission holds for. Raises PermissionDenied where it is not held at all."""
    if actor.kind is ActorKind.CUSTOMER:
        return _of_customer(actor, permission)
    actor.require(permission)
    held = reach(actor, permission)
    if held.everything:
        return Order.objects.all()
    wanted = Q(pk__in=[])
    if held.agent_id is not None:
        wanted |= Q(agent_id=held.agent_id)
    for region in held.regions:  # two roles may have given two
        wanted |= Q(ship_province__iexact=region)
    return Order.objects.filter(wanted)


def _of_customer(actor: Actor, permission: str) -> QuerySet[Order]:
    """Customers hold a permission for their own orders, and visitors for those they carry a proof of, as far as it is one
    that customers have."""
    proven = followed(actor) if permission in _FOLLOWERS_MAY else []
    if not proven and actor.id is None:
        return Order.objects.none()
    mine = Q(id__in=proven)
    if actor.id is not None:
        actor.require(permission)
        mine |= Q(customer_id=actor.id)
    return Order.objects.filter(mine)


def locked(actor: Actor, permission: str, order_id: UUID, *, version: int | None = None) -> Order:
    """One order under lock. Raises NotFound where the actor may not see it, StaleOrder where it is no longer at
    `version`."""
    order = visible(actor, permission).select_for_update(no_key=True).filter(id=order_id).first()
    if order is None:
        raise NotFound
    if version is not None and order.version != version:
        raise StaleOrder(version=order.version)
    return order
