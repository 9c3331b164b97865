"""What roles allow, put together and compared: reading grants, merging several roles, and whether one holder covers
what is to be handed on. Pure functions over the table of permissions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from callcart.core import permissions
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid
from callcart.core.permissions import LimitKind

EVERYTHING = "*"
_SCOPE = re.compile(r"[\w:, -]{1,200}")  # names of regions may hold blanks: New York
_HIGHEST = 10**12


def read(stored: Mapping[str, Any]) -> dict[str, Grant]:
    """The grants of one role; `*` becomes every declared permission without limit."""
    found: dict[str, Grant] = {}
    for name, value in stored.items():
        if name == EVERYTHING:
            found |= dict.fromkeys(permissions.known(), Grant())
            continue
        value = value if isinstance(value, Mapping) else {}
        limit = value.get("limit")
        scope = str(value.get("scope") or "")
        found[name] = Grant(
            limit=limit if isinstance(limit, int) else None, scope="" if scope == "all" else scope
        )
    return found


def merged(roles: Iterable[Mapping[str, Any]]) -> dict[str, Grant]:
    """The grants of somebody with several roles: for each permission the highest limit and the widest scope."""
    total: dict[str, Grant] = {}
    for stored in roles:
        for name, grant in read(stored).items():
            other = total.get(name)
            total[name] = grant if other is None else _wider(other, grant)
    return total


def _wider(one: Grant, other: Grant) -> Grant:
    limits = (one.limit, other.limit)
    limit = None if None in limits else max(value for value in limits if value is not None)
    return Grant(limit=limit, scope=_wider_scope(one.scope, other.scope))


def _wider_scope(one: str, other: str) -> str:
    if one == other or not one or not other:
        return one if one == other else ""
    if {one, other} == {"own", "team"}:
        return "team"
    return ",".join(sorted(set(one.split(",")) | set(other.split(","))))


def missing(holder: Actor, wanted: Mapping[str, Grant]) -> list[str]:
    """The permissions of `wanted` that the holder does not have to the same extent."""
    if holder.kind is ActorKind.SYSTEM:
        return []
    return sorted(name for name, grant in wanted.items() if not _covers(holder.grants.get(name), grant))


def _covers(held: Grant | None, wanted: Grant) -> bool:
    if held is None:
        return False
    if held.limit is not None and (wanted.limit is None or wanted.limit > held.limit):
        return False
    if not held.scope:
        return True
    reach = set(held.scope.split(","))
    if "team" in reach:
        reach.add("own")  # oneself is of one's team
    return bool(wanted.scope) and set(wanted.scope.split(",")) <= reach


def checked(grants: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Grants as they are stored; Invalid names each permission that is unknown or whose limit or scope cannot be."""
    known = permissions.known()
    clean: dict[str, dict[str, Any]] = {}
    wrong: dict[str, str] = {}
    for name, value in grants.items():
        if name == EVERYTHING:
            clean[name] = {}
            continue
        if name not in known or not isinstance(value, Mapping):
            wrong[f"grants.{name}"] = _("There is no such permission.")
            continue
        limit, scope = value.get("limit"), str(value.get("scope") or "")
        scope = "" if scope == "all" else scope
        problem = _limit_problem(known[name].limit, limit)
        if scope and not (known[name].scopes and _SCOPE.fullmatch(scope)):
            problem = problem or _("This permission cannot be narrowed in this way.")
        if problem:
            wrong[f"grants.{name}"] = problem
        clean[name] = ({} if limit is None else {"limit": limit}) | ({"scope": scope} if scope else {})
    if wrong:
        raise Invalid(fields=wrong)
    return clean


def _limit_problem(kind: LimitKind, limit: Any) -> str:
    if limit is None:
        return ""
    if kind is LimitKind.NONE:
        return _("This permission has no limit.")
    most = 100 if kind is LimitKind.PERCENT else _HIGHEST
    if not isinstance(limit, int) or isinstance(limit, bool) or not 0 <= limit <= most:
        return _("A whole number from %(least)s to %(most)s.") % {"least": 0, "most": most}
    return ""
