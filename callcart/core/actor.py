"""Who is doing this. Every verb takes an actor, checks what it may do, and records it in history and audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from callcart.core.errors import PermissionDenied


class ActorKind(StrEnum):
    STAFF = "staff"
    CUSTOMER = "customer"
    KEY = "key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission somebody holds: `limit` is its ceiling (minor units, or percent), None for none;
    `scope` narrows the rows it holds for (`own`, `team`, a region or warehouse code), empty for all."""

    limit: int | None = None
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A staff member, a customer, a program with an API key, or the system itself, inside one tenant."""

    tenant_id: int
    kind: ActorKind
    id: UUID | None = None
    name: str = ""
    channel: str = "web"
    language: str = "en"
    timezone: str = "UTC"
    grants: Mapping[str, Grant] = field(default_factory=dict)
    session: Any = None

    @classmethod
    def system(cls, tenant_id: int, name: str = "system", *, channel: str = "system") -> Actor:
        """The system acting by itself; it may do everything inside its tenant."""
        return cls(tenant_id=tenant_id, kind=ActorKind.SYSTEM, name=name, channel=channel)

    @property
    def is_staff(self) -> bool:
        return self.kind is ActorKind.STAFF

    @property
    def is_of_shop(self) -> bool:
        """Somebody of the staff, or a program the shop gave a key: their looks at people are masked, counted and audited."""
        return self.kind in {ActorKind.STAFF, ActorKind.KEY}

    def can(self, permission: str) -> bool:
        """Whether the actor holds the named permission (`orders.refund`) at all."""
        return self.kind is ActorKind.SYSTEM or permission in self.grants

    def require(self, permission: str, *, amount: int | None = None) -> Grant:
        """The grant, or PermissionDenied; with `amount`, also where it passes the grant's limit."""
        if self.kind is ActorKind.SYSTEM:
            return Grant()
        grant = self.grants.get(permission)
        if grant is None:
            raise PermissionDenied(permission=permission)
        if amount is not None and grant.limit is not None and amount > grant.limit:
            raise PermissionDenied(permission=permission, limit=grant.limit)
        return grant

    def limit(self, permission: str) -> int | None:
        """The ceiling of a permission the actor holds; None means no ceiling."""
        return self.require(permission).limit
