"""Staff and roles in the office: who works here, what each may do, and how far."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.routing import public as routing
from callcart.core import permissions
from callcart.core.permissions import LimitKind
from callcart.people.staff import public as people
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office import words


@dataclass(frozen=True, slots=True)
class Row:
    """A permission on the page of a role: what it is called, whether it is held, and how far."""

    key: str
    label: str
    limit_kind: str
    scopes: tuple[str, ...]
    held: bool
    limit: Any
    scope: str


@requires("staff.view")
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody who works here, with roles and whether they may sign in."""
    shown = request.GET.get("shown", "")
    active = {"": True, "all": None, "off": False}.get(shown, True)
    return page(request, "office/staff.html", people=people.list_staff(active=active), shown=shown)


@requires("staff.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Add a staff member."""
    errors, message = dict[str, str](), ""
    if request.method == "POST":
        with attempt() as tried:
            made = people.create_staff(
                actor_of(request), email=request.POST.get("email", ""), name=request.POST.get("name", ""),
                name_zh=request.POST.get("name_zh", ""), password=request.POST.get("password", ""),
                language=request.POST.get("language", ""), role_ids=_uuids(request.POST.getlist("roles")),
            )  # fmt: skip
        if tried:
            return go(request, url("office:staff_member", made.id), toast=_("Added. They can sign in now."))
        errors, message = tried.fields, tried.message
    return page(
        request, "office/staff_new.html", roles=people.list_roles(), errors=errors, message=message,
        posted=request.POST, status=422 if message else 200,
    )  # fmt: skip


@requires("staff.manage")
def member(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """One staff member: names, roles, and as an agent the queues and languages."""
    actor, found = actor_of(request), people.get_staff(staff_id)
    errors, message = dict[str, str](), ""
    if request.method == "POST":
        posted = request.POST
        with attempt() as tried:
            version = posted.get("version", "")
            people.update_staff(
                actor, staff_id, version=int(version) if version.isdecimal() and len(version) < 10 else 0,
                name=posted.get("name", ""), name_zh=posted.get("name_zh", ""), language=posted.get("language", ""),
            )  # fmt: skip
            people.set_roles(actor, staff_id, _uuids(posted.getlist("roles")))
            profile = _uuids([posted.get("profile", "")])
            if profile and actor.can("routing.setup"):
                routing.set_agent_profile(
                    actor, staff_id, profile_id=profile[0], skills=posted.getlist("skills")
                )
        if tried:
            return go(request, url("office:staff_member", staff_id), toast=_("Saved."))
        errors, message = tried.fields, tried.message
    return page(
        request, "office/staff_member.html", member=found, roles=people.list_roles(), errors=errors, message=message,
        held={role.id for role in found.roles.all()}, sessions=people.list_sessions(actor, staff_id),
        agent=_agent(staff_id), profiles=_profiles(), skills=routing.skills(), status=422 if message else 200,
    )  # fmt: skip


@require_POST
@requires("staff.manage")
def switch(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Stop somebody signing in, or let them again."""
    actor = actor_of(request)
    if request.POST.get("active") == "1":
        people.reactivate_staff(actor, staff_id)
        return go(request, url("office:staff_member", staff_id), toast=_("They can sign in again."))
    people.deactivate_staff(actor, staff_id, reason=request.POST.get("reason", ""))
    return go(request, url("office:staff_member", staff_id), toast=_("Switched off; signed out everywhere."))


@require_POST
@requires("staff.manage")
def revoke(request: HttpRequest, staff_id: UUID, session_id: UUID) -> HttpResponse:
    people.revoke_session(actor_of(request), session_id)
    return go(request, url("office:staff_member", staff_id), toast=_("Signed out there."))


@requires("staff.manage_roles")
def roles(request: HttpRequest) -> HttpResponse:
    return page(request, "office/roles.html", roles=people.list_roles(), known=len(permissions.known()))


@requires("staff.manage_roles")
def role(request: HttpRequest, role_id: UUID | None = None) -> HttpResponse:
    """One role, or a new one: each permission by area, with its limit and scope."""
    actor = actor_of(request)
    found = people.get_role(role_id) if role_id else None
    errors, message = dict[str, str](), ""
    if request.method == "POST":
        posted = request.POST
        names = {"name": posted.get("name", ""), "name_zh": posted.get("name_zh", "")}
        with attempt() as tried:
            if found is None:
                people.create_role(actor, wanted=_wanted(request), **names)
            else:
                people.update_role(actor, found.id, wanted=_wanted(request), version=found.version, **names)
        if tried:
            return go(request, url("office:roles"), toast=_("Saved."))
        errors, message = tried.fields, tried.message
    return page(
        request, "office/role.html", role=found, areas=_areas(found.grants if found else {}), errors=errors,
        message=message, everything=bool(found and "*" in found.grants), status=422 if message else 200,
    )  # fmt: skip


@require_POST
@requires("staff.manage_roles")
def role_delete(request: HttpRequest, role_id: UUID) -> HttpResponse:
    people.delete_role(actor_of(request), role_id)
    return go(request, url("office:roles"), toast=_("Role removed."))


def _areas(grants: dict[str, Any]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for key, permission in permissions.known().items():
        grant = grants.get(key) or {}
        found[words.area(key.partition(".")[0])].append(
            Row(
                key,
                str(permission.label),
                str(permission.limit),
                permission.scopes,
                key in grants or "*" in grants,
                grant.get("limit"),
                grant.get("scope", ""),
            )
        )
    return dict(found)


def _wanted(request: HttpRequest) -> dict[str, dict[str, Any]]:
    wanted: dict[str, dict[str, Any]] = {}
    known = permissions.known()
    for key in request.POST.getlist("grant"):
        if key not in known:
            continue
        limit = request.POST.get(f"limit-{key}", "").strip()
        wanted[key] = {"scope": request.POST.get(f"scope-{key}", "")}
        if limit and known[key].limit is not LimitKind.NONE:
            wanted[key]["limit"] = int(limit) if limit.isdecimal() else limit
    return wanted


def _agent(staff_id: UUID) -> Any:
    return routing.agent_state(staff_id) if routing.is_agent(staff_id) else None


def _profiles() -> list[Any]:
    from callcart.contact.routing.models import Profile

    return list(Profile.objects.order_by("code"))


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
