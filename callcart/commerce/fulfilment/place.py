"""Where an actor may pick and pack: the scope of `shipping.pack` is a list of warehouse codes."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.inventory.public import Warehouse, list_warehouses, within_scope
from callcart.core.actor import Actor

PACK = "shipping.pack"


def check_place(actor: Actor, warehouse_id: UUID) -> None:
    """Raises PermissionDenied where the actor may not work in this warehouse."""
    within_scope(actor, PACK, warehouse_id)


def places_of(actor: Actor) -> list[Warehouse]:
    """The warehouses the actor may work in."""
    codes = {code.strip() for code in actor.require(PACK).scope.split(",") if code.strip()}
    return [each for each in list_warehouses() if not codes or each.code in codes]


def reaches(actor: Actor, warehouse_id: UUID) -> bool:
    """Whether that warehouse is one of them."""
    return any(each.id == warehouse_id for each in places_of(actor))
