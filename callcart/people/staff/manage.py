"""Staff come, change and go. An administrator may only touch people who hold no more than he does, so nobody climbs
by setting the owner's password; the last one who can manage staff stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.staff import passwords, roles, sessions, throttle, totp
from callcart.people.staff.models import Role, Staff, StaffRole, Team
from callcart.people.tenants.public import get_tenant

LANGUAGES = ("en", "zh-hans")


def create_staff(
    actor: Actor,
    *,
    email: str,
    name: str,
    password: str,
    name_zh: str = "",
    language: str = "",
    timezone: str = "",
    role_ids: Iterable[UUID] = (),
    team_id: UUID | None = None,
) -> Staff:
    """A new staff member who may sign in at once. Invalid, MoreThanYouHold."""
    actor.require("staff.manage")
    wanted = {
        "email": email,
        "name": name,
        "name_zh": name_zh,
        "language": language or get_tenant(actor.tenant_id).language,
        "timezone": timezone,
        "team_id": team_id,
    }
    form, values, given = Fields(), dict[str, Any](), list[Role]()
    with form.part():
        values = _checked(wanted)
    with form.part():
        given = _roles(role_ids)
    with form.part():
        values["password"] = passwords.hashed(password, about=(email, name))
    form.done()
    roles.require_covers(actor, *given)
    staff = Staff(**values, password_at=now())
    _save(staff)
    StaffRole.objects.bulk_create([StaffRole(staff=staff, role=role) for role in given])
    audit.record(actor, "staff.create", subject=("staff", staff.id), after=_facts(staff, given))
    events.emit("staff.changed", subject=("staff", staff.id))
    return staff


def update_staff(actor: Actor, staff_id: UUID, *, version: int | None = None, **changes: Any) -> Staff:
    """Change `email`, `name`, `name_zh`, `language`, `timezone`, `team_id`. NotFound, Invalid, Conflict."""
    actor.require("staff.manage")
    staff = _touchable(actor, staff_id, version)
    return _apply(actor, staff, changes)


def update_own(actor: Actor, **changes: Any) -> Staff:
    """What everybody may change of themselves: `name_zh`, `language`, `timezone`. Invalid."""
    if not set(changes) <= {"name_zh", "language", "timezone"}:
        raise TypeError(f"not one's own to change: {sorted(changes)}")
    return _apply(actor, _locked(actor.id), changes)


def set_language(actor: Actor, language: str) -> Staff:
    """The language of the actor's own screens."""
    return update_own(actor, language=language)


def set_roles(actor: Actor, staff_id: UUID, role_ids: Iterable[UUID]) -> Staff:
    """Exactly these roles from now on. NotFound, Invalid, MoreThanYouHold, LastAdministrator."""
    actor.require("staff.manage")
    staff = _touchable(actor, staff_id, None)
    before, wanted = list(staff.roles.order_by("name")), _roles(role_ids)
    roles.require_covers(actor, *wanted)
    was_administrator = roles.is_administrator(staff)
    keep = {role.id for role in wanted}
    StaffRole.objects.filter(staff=staff).exclude(role_id__in=keep).delete()
    held = {role.id for role in before}
    StaffRole.objects.bulk_create(
        [StaffRole(staff=staff, role=role) for role in wanted if role.id not in held]
    )
    if was_administrator:
        roles.require_administrator()
    audit.record(
        actor,
        "staff.set_roles",
        subject=("staff", staff.id),
        before={"roles": [role.name for role in before]},
        after={"roles": [role.name for role in wanted]},
    )
    events.emit("staff.changed", subject=("staff", staff.id))
    return staff


def deactivate_staff(actor: Actor, staff_id: UUID, *, reason: str = "") -> Staff:
    """They can sign in no more, and are signed out everywhere; their history stays. NotFound, LastAdministrator."""
    actor.require("staff.manage")
    staff = _touchable(actor, staff_id, None)
    was_administrator = roles.is_administrator(staff)
    if not staff.is_active:
        return staff
    form = Fields()
    reason = form.line("reason", reason, most=300)
    form.done()
    staff.is_active = False
    staff.version += 1
    staff.save(update_fields=["is_active", "version"])
    if was_administrator:
        roles.require_administrator()
    sessions.revoke_all(staff.id, because="deactivated")
    audit.record(actor, "staff.deactivate", subject=("staff", staff.id), reason=reason)
    events.emit("staff.deactivated", subject=("staff", staff.id), data={"staff_id": staff.id})
    return staff


def reactivate_staff(actor: Actor, staff_id: UUID) -> Staff:
    """They may sign in again, with the roles they had. NotFound, MoreThanYouHold."""
    actor.require("staff.manage")
    staff = _touchable(actor, staff_id, None)
    if not staff.is_active:
        staff.is_active = True
        staff.version += 1
        staff.save(update_fields=["is_active", "version"])
        audit.record(actor, "staff.reactivate", subject=("staff", staff.id))
        events.emit("staff.changed", subject=("staff", staff.id))
    return staff


def change_own_password(actor: Actor, *, old: str, new: str) -> None:
    """Set one's own password; ends all other sessions. Invalid names `old` or `new`. Guesses at `old` are counted."""
    staff = _locked(actor.id)
    counted = throttle.counters(staff.email, "")
    throttle.attempt(actor.tenant_id, counted)
    if not passwords.matches(old, staff.password):
        raise Invalid(fields={"old": _("This password is not right.")})
    throttle.succeeded(actor.tenant_id, counted)
    if old == new:
        raise Invalid(fields={"new": _("Choose a password you have not now.")})
    _set_password(actor, staff, new, field="new", keep=actor.session)


def reset_password(actor: Actor, staff_id: UUID, new: str) -> None:
    """An administrator sets somebody's password; all their sessions end and a lock is lifted. NotFound, Invalid."""
    actor.require("staff.manage")
    staff = _touchable(actor, staff_id, None)
    _set_password(actor, staff, new, field="password", keep=None)
    throttle.forget(actor.tenant_id, staff.email)


def reset_totp(actor: Actor, staff_id: UUID) -> None:
    """An administrator removes somebody's second factor (a lost telephone). NotFound, MoreThanYouHold."""
    actor.require("staff.manage")
    totp.switch_off(actor, _touchable(actor, staff_id, None))


def create_team(actor: Actor, *, name: str, name_zh: str = "") -> Team:
    """A team. Invalid."""
    actor.require("staff.manage")
    form = Fields()
    team = Team(
        name=form.line("name", name, most=60, required=True), name_zh=form.line("name_zh", name_zh, most=60)
    )
    form.done()
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError:
        raise Invalid(fields={"name": _("There is already a team of this name.")}) from None
    audit.record(actor, "staff.create_team", subject=("team", team.id), after={"name": team.name})
    return team


def _set_password(actor: Actor, staff: Staff, new: str, *, field: str, keep: UUID | None) -> None:
    staff.password = passwords.hashed(new, about=(staff.email, staff.name), field=field)
    staff.password_at = now()
    staff.save(update_fields=["password", "password_at"])
    sessions.revoke_all(staff.id, because="password", keep=keep)
    audit.record(actor, "staff.set_password", subject=("staff", staff.id))


def _apply(actor: Actor, staff: Staff, changes: dict[str, Any]) -> Staff:
    values = _checked(changes)
    before = {key: getattr(staff, key) for key in values}
    for key, value in values.items():
        setattr(staff, key, value)
    staff.version += 1
    _save(staff)
    audit.record(actor, "staff.update", subject=("staff", staff.id), before=before, after=values)
    events.emit("staff.changed", subject=("staff", staff.id))
    return staff


def _touchable(actor: Actor, staff_id: UUID, version: int | None) -> Staff:
    roles.serialise_changes(actor)
    staff = _locked(staff_id)
    if version is not None and version != staff.version:
        raise Conflict
    if staff.id != actor.id:
        roles.require_covers(actor, *staff.roles.all())
    return staff


def _locked(staff_id: UUID | None) -> Staff:
    found = Staff.objects.select_for_update(of=("self",)).filter(id=staff_id).first() if staff_id else None
    if found is None:
        raise NotFound
    return found


def _roles(role_ids: Iterable[UUID]) -> list[Role]:
    wanted = set(role_ids)
    found = list(Role.objects.filter(id__in=wanted).order_by("name"))
    if len(found) != len(wanted):
        raise Invalid(fields={"roles": _("Choose roles that exist.")})
    return found


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    form, clean = Fields(), dict[str, Any]()
    for key, value in values.items():
        if key == "email":
            clean[key] = form.email(key, value, required=True)
        elif key in ("name", "name_zh"):
            clean[key] = form.line(key, value, most=80, required=key == "name")
        elif key == "language":
            clean[key] = form.choice(key, value, LANGUAGES)
        elif key == "timezone":
            clean[key] = form.choice(key, value, available_timezones()) if value else ""
        elif key == "team_id":
            clean[key] = _team(form, value)
        else:
            raise TypeError(f"not a property of staff: {key}")
    form.done()
    return clean


def _team(form: Fields, team_id: UUID | None) -> UUID | None:
    if team_id is not None and not Team.objects.filter(id=team_id).exists():
        form.refuse("team", _("Choose a team that exists."))
    return team_id


def _save(staff: Staff) -> None:
    try:
        with transaction.atomic():
            staff.save()
    except IntegrityError:
        raise Invalid(fields={"email": _("Somebody already signs in with this e-mail address.")}) from None


def _facts(staff: Staff, given: list[Role]) -> dict[str, Any]:
    return {"email": staff.email, "name": staff.name, "roles": [role.name for role in given]}
