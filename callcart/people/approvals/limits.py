"""Limits over what belongs together: what one person did under a permission to the same subject counts as one, so that cutting it
into pieces passes nothing.

A subject is an order, a customer or a warehouse; without one everything counts that the person did in the time named. Each use is
written under a lock of its own, in the transaction that does the work, and goes with it where that fails.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Sum

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import PermissionDenied
from callcart.core.money import Money
from callcart.people.approvals.errors import NeedsApproval
from callcart.people.approvals.models import LimitUse
from callcart.people.approvals.reach import require

DAY = timedelta(days=1)


def use(
    actor: Actor,
    permission: str,
    *,
    amount: Money,
    subject: UUID | None = None,
    within: timedelta | None = None,
    may_ask: bool = True,
) -> None:
    """Count an amount against the actor's limit, with all they did to this subject before (in the time named). Call it where rows
    are locked already, once for what is really done: a request sent again counts once. Raises PermissionDenied; above the limit
    NeedsApproval, or PermissionDenied where nobody can be asked."""
    actor.require(permission)
    if actor.id is None:
        return  # the system has no limits
    alone(actor, permission, subject)
    before = LimitUse.objects.filter(actor_id=actor.id, permission=permission, subject_id=subject)
    if within is not None:
        before = before.filter(at__gt=now() - within)
    total = amount + Money(before.aggregate(sum=Sum("amount_minor"))["sum"] or 0, amount.currency)
    try:
        require(actor, permission, amount=total)
    except NeedsApproval as refused:
        if may_ask:
            raise
        raise PermissionDenied(permission=permission, limit=refused.details["limit"]) from None
    LimitUse.objects.create(
        actor_id=actor.id, permission=permission, subject_id=subject, amount_minor=amount.minor, at=now()
    )


def alone(actor: Actor, permission: str, subject: UUID | None) -> None:
    """Until the end of the transaction nobody else counts this person's uses of this subject."""
    name = f"limit:{actor.tenant_id}:{actor.id}:{permission}:{subject or ''}"
    raw.run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
