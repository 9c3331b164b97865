"""Whom a permission reaches: everybody of the shop, or (scope `team`) the holder's own team. Whoever is out of reach cannot be told from
somebody who is not there.
"""

from __future__ import annotations

from uuid import UUID

from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.people.staff.queries import colleagues


def staff_within(actor: Actor, permission: str) -> frozenset[UUID] | None:
    """Who is within reach of a permission; None for everybody. Raises PermissionDenied."""
    scope = set(actor.require(permission).scope.split(","))
    if not scope & {"team", "own"}:
        return None
    if actor.id is None:
        return frozenset()
    return frozenset(colleagues(actor.id)) if "team" in scope else frozenset({actor.id})


def require_within(actor: Actor, permission: str, staff_id: UUID | None) -> None:
    """One member of the staff is within reach; nobody (None) is only where everybody is. Raises PermissionDenied, NotFound."""
    reached = staff_within(actor, permission)
    if reached is not None and staff_id not in reached:
        raise NotFound
