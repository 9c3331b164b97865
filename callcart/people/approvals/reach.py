"""Whom a request reaches: everybody who holds its permission with a high enough limit, but not who asked."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.core import permissions
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.people.approvals.errors import NeedsApproval
from callcart.people.approvals.models import Approval, ApprovalState
from callcart.people.staff.public import Staff, actor_of, list_staff


def require(
    actor: Actor, permission: str, *, amount: Money | None = None, percent: int | None = None
) -> Grant:
    """The grant. PermissionDenied where the actor does not hold the permission at all; NeedsApproval (with `permission`, `limit`
    and `amount` or `percent`) where this is above the actor's limit."""
    grant = actor.require(permission)
    measure = amount.minor if amount is not None else percent
    if measure is not None and grant.limit is not None and measure > grant.limit:
        raise NeedsApproval(permission=permission, limit=grant.limit, amount=amount, percent=percent)
    return grant


def approvers(permission: str, measure: int | None, *, but: UUID | None) -> list[Staff]:
    """Who may approve something of this size. Grants that reach one's own things only (`own`) reach nobody else's request."""
    found = []
    for person in list_staff(permission=permission):
        grant = actor_of(person).grants[permission]
        if person.id != but and grant.scope != "own" and _suffices(grant, measure):
            found.append(person)
    return found


def decidable(actor: Actor) -> QuerySet[Approval]:
    """The requests that wait for this actor."""
    waiting = Approval.objects.filter(state=ApprovalState.WAITING, expires_at__gt=now())
    if actor.kind is ActorKind.SYSTEM:
        return waiting
    reached = Q(pk__in=())
    free = [name for name, grant in actor.grants.items() if grant.limit is None and grant.scope != "own"]
    if free:
        reached |= Q(permission__in=free)
    for name, grant in actor.grants.items():
        if grant.limit is not None and grant.scope != "own":
            reached |= Q(permission=name) & (Q(measure__isnull=True) | Q(measure__lte=grant.limit))
    return waiting.filter(reached).exclude(asked_by=actor.id)


def _suffices(grant: Grant, measure: int | None) -> bool:
    return grant.limit is None or measure is None or measure <= grant.limit


def takes_part(actor: Actor) -> bool:
    """Whether this actor may ever ask or be asked: one of the permissions held is of the kind that has a limit."""
    known = permissions.known()
    return any(name in known and known[name].limit for name in actor.grants)
