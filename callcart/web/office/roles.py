"""Roles in the office: what each may do, up to which limit, and for which part of the business."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.inventory import public as inventory
from callcart.core import permissions
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.core.permissions import LimitKind, Permission
from callcart.people.staff import public as people
from callcart.people.tenants import public as tenants
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office import words
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader

Grants = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Row:
    """A permission on the page of a role: what it is called, whether it is held, and how far. `unit` stands beside the
    limit; `choices` are the scopes one can pick, `regions` a scope in words."""

    key: str
    label: str
    held: bool
    limited: bool = False
    limit: str = ""
    unit: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    scope: str = ""
    takes_regions: bool = False
    regions: str = ""


@requires("staff.manage_roles")
def roles(request: HttpRequest) -> HttpResponse:
    """All roles, how much each may do, and how many hold it."""
    holders: dict[UUID, int] = defaultdict(int)
    for person in people.list_staff(active=True):
        for each in person.roles.all():
            holders[each.id] += 1
    return page(request, "office/roles.html", roles=people.list_roles(), holders=holders)


@requires("staff.manage_roles")
def role(request: HttpRequest, role_id: UUID | None = None) -> HttpResponse:
    """One role, or a new one: each permission by area, with its limit and scope."""
    actor = actor_of(request)
    found = people.get_role(role_id) if role_id else None
    if request.method != "POST":
        return _role_page(request, found)
    posted = request.POST
    names = {"name": posted.get("name", ""), "name_zh": posted.get("name_zh", "")}
    form = Fields()
    with attempt() as tried:
        wanted = wanted_grants(request, form)
        with form.part():
            if found is None:
                people.create_role(actor, wanted=wanted, **names)
            else:
                seen = version_seen(request)
                people.update_role(actor, found.id, wanted=wanted, version=seen, **names)
        form.done()
    if tried:
        return go(request, url("office:roles"), toast=_("Saved."))
    return _role_page(request, found, tried)


@require_POST
@requires("staff.manage_roles")
def remove(request: HttpRequest, role_id: UUID) -> HttpResponse:
    """Remove a role nobody holds any more."""
    with attempt() as tried:
        people.delete_role(actor_of(request), role_id)
    if tried:
        return go(request, url("office:roles"), toast=_("Role removed."))
    return _role_page(request, people.get_role(role_id), tried)


def _role_page(request: HttpRequest, found: people.Role | None, tried: Attempt | None = None) -> HttpResponse:
    typed = request.method == "POST" and "name" in request.POST
    held: Grants = typed_grants(request) if typed else (found.grants if found else {})
    refused = refusal(tried)
    return page(
        request, "office/role.html", role=found, areas=areas_of(held, request), posted=request.POST,
        errors=refused.fields, message=refused.message, stale=refused.stale,
        everything=bool(found and "*" in found.grants),
        status=refused.status,
    )  # fmt: skip


def areas_of(held: Grants, request: HttpRequest, *, only: Collection[str] = ()) -> dict[str, list[Row]]:
    """Every permission by area as the page's rows, or `only` these."""
    currency = tenants.get_tenant(actor_of(request).tenant_id).currency
    places = [(each.code, each.name_in(reader().language)) for each in inventory.list_warehouses()]
    found: dict[str, list[Row]] = defaultdict(list)
    for key, permission in permissions.known().items():
        if only and key not in only:
            continue
        row = _row(key, permission, held, currency, places)
        found[words.area(key.partition(".")[0])].append(row)
    return dict(found)


def _row(key: str, permission: Permission, held: Grants, currency: str, places: list[tuple[str, str]]) -> Row:
    grant = held.get(key) or {}
    choices = [("", _("all"))]
    choices += [("own", _("own only"))] if "own" in permission.scopes else []
    choices += [("team", _("own team"))] if "team" in permission.scopes else []
    choices += places if "warehouse" in permission.scopes else []
    scope = str(grant.get("scope") or "")
    listed = scope in dict(choices)
    takes_regions = "region" in permission.scopes
    if not listed and not takes_regions:
        choices.append((scope, scope))
    return Row(
        key=key, label=str(permission.label), held=key in held or "*" in held,
        limited=permission.limit is not LimitKind.NONE, limit=_limit_text(permission, grant.get("limit"), currency),
        unit={LimitKind.MONEY: currency, LimitKind.PERCENT: "%"}.get(permission.limit, ""),
        choices=choices if permission.scopes else [], scope="" if takes_regions and not listed else scope,
        takes_regions=takes_regions, regions=scope if takes_regions and not listed else "",
    )  # fmt: skip


def _limit_text(permission: Permission, limit: Any, currency: str) -> str:
    """A limit as people write it: money in major units."""
    if limit is None or limit == "":
        return ""
    if permission.limit is LimitKind.MONEY and isinstance(limit, int):
        return str(Money(limit, currency).decimal)
    return str(limit)


def typed_grants(request: HttpRequest) -> dict[str, dict[str, Any]]:
    """The form as it was typed, limits still as text."""
    posted, known = request.POST, permissions.known()
    return {
        key: {
            "limit": posted.get(f"limit-{key}", "").strip()[:30] or None,
            "scope": posted.get(f"regions-{key}", "").strip()[:200] or posted.get(f"scope-{key}", ""),
        }
        for key in posted.getlist("grant")
        if key in known
    }


def wanted_grants(request: HttpRequest, form: Fields) -> dict[str, dict[str, Any]]:
    """The grants of the form as roles keep them; a limit that cannot be read is marked, and nothing is allowed by it."""
    currency = tenants.get_tenant(actor_of(request).tenant_id).currency
    known, wanted = permissions.known(), typed_grants(request)
    for key, grant in wanted.items():
        text, kind = grant["limit"], known[key].limit
        if text is None or kind is LimitKind.NONE:
            grant["limit"] = None
            continue
        try:
            grant["limit"] = Money.parse(text, currency).minor if kind is LimitKind.MONEY else int(text)
        except ValueError:
            grant["limit"] = 0
            form.refuse(f"grants.{key}", _("Give an amount, such as 12.50."))
    return wanted
