"""Supervisors and agents of teams."""

from __future__ import annotations

from uuid import UUID

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.people.staff.models import Staff, Team

STEERS = ("routing.force", "supervision.broadcast", "supervision.limits", "supervision.walls")


def boss_of(tenant_id: int, staff_id: UUID, *, scope: str = "", only: tuple[str, ...] = STEERS) -> Actor:
    grants = {name: Grant(scope=scope if name in STEERS[:2] else "") for name in only}
    return Actor(tenant_id, ActorKind.STAFF, staff_id, name="Boss", grants=grants)


def team_of(*names: str, team: str = "") -> list[UUID]:
    """Staff of this name each, of one team where it is named. In the tenant's transaction."""
    made = Team.objects.create(name=team) if team else None
    return [Staff.objects.create(email=f"{name}@x.example", name=name, team=made).id for name in names]
