"""Changing roles: nobody hands on more than they hold, and somebody must remain who can manage staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.fields import Fields
from callcart.people.staff import grants
from callcart.people.staff.default_roles import OWNER
from callcart.people.staff.models import Role, Staff

_MAKES_ADMINISTRATOR = ["staff.manage", grants.EVERYTHING]
_SERIALISE = 0x57AFF


class MoreThanYouHold(PermissionDenied):
    """You can only give others what you may do yourself."""

    code = "staff.more_than_you_hold"


class LastAdministrator(Conflict):
    """This is the last person who can manage staff. Let somebody else do so first."""

    code = "staff.last_administrator"


class RoleInUse(Conflict):
    """Somebody still has this role. Take it from them first."""

    code = "staff.role_in_use"


class OwnerRole(Conflict):
    """The owner's role stays as it is."""

    code = "staff.owner_role"


def create_role(actor: Actor, *, name: str, wanted: Mapping[str, Any], name_zh: str = "") -> Role:
    """A role with `wanted` grants (`{permission: {"limit", "scope"}}`). Invalid, MoreThanYouHold."""
    actor.require("staff.manage_roles")
    role = Role(**_checked(name, name_zh, wanted))
    require_covers(actor, role)
    _save(role)
    audit.record(actor, "staff.create_role", subject=("role", role.id), after=_facts(role))
    return role


def update_role(
    actor: Actor,
    role_id: UUID,
    *,
    name: str | None = None,
    name_zh: str | None = None,
    wanted: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> Role:
    """Change a role's names or grants. NotFound, Invalid, MoreThanYouHold (also for what the role held before),
    OwnerRole, LastAdministrator, Conflict (an outdated `version`)."""
    actor.require("staff.manage_roles")
    role = _changeable(actor, role_id)
    if version is not None and version != role.version:
        raise Conflict
    before, was_needed = _facts(role), _makes_administrator(role.grants)
    values = _checked(
        role.name if name is None else name, role.name_zh if name_zh is None else name_zh, wanted
    )
    for key, value in values.items():
        setattr(role, key, value)
    if wanted is not None:
        require_covers(actor, role)
    role.version += 1
    _save(role)
    if was_needed:
        require_administrator()
    audit.record(actor, "staff.update_role", subject=("role", role.id), before=before, after=_facts(role))
    events.emit("role.changed", subject=("role", role.id))
    return role


def delete_role(actor: Actor, role_id: UUID) -> None:
    """Remove a role nobody has. NotFound, OwnerRole, MoreThanYouHold, RoleInUse."""
    actor.require("staff.manage_roles")
    role = _changeable(actor, role_id)
    if role.staff.exists():
        raise RoleInUse
    audit.record(actor, "staff.delete_role", subject=("role", role.id), before=_facts(role))
    role.delete()


def require_covers(actor: Actor, *roles: Role) -> None:
    """MoreThanYouHold where the roles allow anything the actor does not hold to the same extent."""
    lacking = grants.missing(actor, grants.merged(role.grants for role in roles))
    if lacking:
        raise MoreThanYouHold(permissions=lacking)


def serialise_changes(actor: Actor) -> None:
    """Changes to who administers wait for one another until commit: two cannot each count on the other."""
    raw.one("SELECT pg_advisory_xact_lock(%s, %s)", [_SERIALISE, actor.tenant_id])


def is_administrator(staff: Staff) -> bool:
    """Whether somebody active can manage staff."""
    return staff.is_active and any(_makes_administrator(role.grants) for role in staff.roles.all())


def require_administrator() -> None:
    """LastAdministrator where, as things stand in this transaction, nobody active can manage staff."""
    if not Staff.objects.filter(is_active=True, roles__grants__has_any_keys=_MAKES_ADMINISTRATOR).exists():
        raise LastAdministrator


def _makes_administrator(stored: Mapping[str, Any]) -> bool:
    return any(name in stored for name in _MAKES_ADMINISTRATOR)


def _changeable(actor: Actor, role_id: UUID) -> Role:
    serialise_changes(actor)
    role = Role.objects.select_for_update().filter(id=role_id).first()
    if role is None:
        raise NotFound
    if role.key == OWNER:
        raise OwnerRole
    require_covers(actor, role)
    return role


def _checked(name: str, name_zh: str, wanted: Mapping[str, Any] | None) -> dict[str, Any]:
    """What to store of a role; without `wanted` its grants stay. Invalid names all that is wrong."""
    form = Fields()
    clean: dict[str, Any] = {
        "name": form.line("name", name, most=60, required=True),
        "name_zh": form.line("name_zh", name_zh, most=60),
    }
    with form.part():
        clean |= {} if wanted is None else {"grants": grants.checked(wanted)}
    form.done()
    return clean


def _save(role: Role) -> None:
    try:
        with transaction.atomic():
            role.save()
    except IntegrityError:
        raise Invalid(fields={"name": _("There is already a role of this name.")}) from None


def _facts(role: Role) -> dict[str, Any]:
    return {"name": role.name, "name_zh": role.name_zh, "grants": role.grants}
