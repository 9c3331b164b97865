"""The table of named permissions. Domains declare theirs in `permissions.py`; roles, menus and checks read this one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class LimitKind(StrEnum):
    NONE = ""
    MONEY = "money"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Permission:
    """A verb somebody may hold: its label for the roles page, and what kind of ceiling and scopes it takes."""

    label: str | Promise
    limit: LimitKind = LimitKind.NONE
    scopes: tuple[str, ...] = ()


_table: dict[str, Permission] = {}


def declare(domain: str, **permissions: Permission) -> None:
    """Add a domain's permissions; each is known as `<domain>.<name>` from then on."""
    for name, permission in permissions.items():
        _table[f"{domain}.{name}"] = permission


def known() -> dict[str, Permission]:
    """Every declared permission by its full name, sorted."""
    return dict(sorted(_table.items()))
