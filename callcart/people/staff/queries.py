"""Reading staff: lists, names for screens, and the actor somebody is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import NotFound
from callcart.core.prepared import Prepared
from callcart.people.staff import grants
from callcart.people.staff.models import Role, Staff, Team
from callcart.people.tenants.public import get_tenant

_BY_IDS = Prepared(Staff, "it.id = ANY (%s::uuid[])")


def actor_of(staff: Staff, *, session: UUID | None = None, channel: str = "web") -> Actor:
    """The actor a staff member is: what all roles together allow, the language and time zone to speak in."""
    roles: Iterable[dict[str, Any]] = (role.grants for role in staff.roles.all())
    return Actor(
        tenant_id=staff.tenant_id,
        kind=ActorKind.STAFF,
        id=staff.id,
        name=staff.name_in(staff.language),  # as it stands in histories and audits
        channel=channel,
        language=staff.language,
        timezone=staff.timezone or get_tenant(staff.tenant_id).timezone,
        grants=grants.merged(roles),
        session=session,
    )


def get_staff(staff_id: UUID) -> Staff:
    """One staff member of this tenant, active or not; NotFound."""
    found = Staff.objects.select_related("team").prefetch_related("roles").filter(id=staff_id).first()
    if found is None:
        raise NotFound
    return found


def colleagues(staff_id: UUID) -> set[UUID]:
    """Whoever is of somebody's team, oneself included; oneself alone where one has none."""
    team = Staff.objects.filter(id=staff_id).values_list("team_id", flat=True).first()
    mates = Staff.objects.filter(team_id=team).values_list("id", flat=True) if team else ()
    return {staff_id, *mates}


def staff_by_email(email: str) -> Staff | None:
    return Staff.objects.filter(email=email.strip().casefold()).first()


def list_staff(*, active: bool | None = True, permission: str = "") -> list[Staff]:
    """Staff by name, with team and roles; `permission` keeps those who hold it (who may answer a queue, who may sign)."""
    found: QuerySet[Staff] = (
        Staff.objects.select_related("team").prefetch_related("roles").order_by("name", "id")
    )
    if active is not None:
        found = found.filter(is_active=active)
    if not permission:
        return list(found)
    return [
        staff for staff in found if permission in grants.merged(role.grants for role in staff.roles.all())
    ]


def staff_names(staff_ids: Iterable[UUID | None], *, language: str = "en") -> dict[UUID, str]:
    """Names by id, for lists and histories; ids of nobody are left out."""
    wanted = {staff_id for staff_id in staff_ids if staff_id is not None}
    if not wanted:
        return {}
    return {staff.id: staff.name_in(language) for staff in _BY_IDS.all(list(wanted))}


def list_roles() -> list[Role]:
    return list(Role.objects.order_by("name"))


def get_role(role_id: UUID) -> Role:
    found = Role.objects.filter(id=role_id).first()
    if found is None:
        raise NotFound
    return found


def list_teams() -> list[Team]:
    return list(Team.objects.order_by("name"))
