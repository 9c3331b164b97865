"""Asking for what lies above one's limit, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from callcart.core import audit, jobs
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.people.approvals import actions
from callcart.people.approvals.decide import locked, tell
from callcart.people.approvals.errors import AlreadyAsked, NobodyCanApprove, NotYours
from callcart.people.approvals.jobs import expire
from callcart.people.approvals.models import Approval, ApprovalState
from callcart.people.approvals.reach import approvers
from callcart.people.tenants.public import get_tenant, settings_of


def ask(
    actor: Actor,
    *,
    action: str,
    permission: str,
    subject: tuple[str, UUID],
    label: str,
    payload: Mapping[str, Any],
    reason: str,
    amount: Money | None = None,
    percent: int | None = None,
) -> Approval:
    """Ask those with a higher limit to do `action`; `payload` is what the registered function gets, `label` names the subject
    on their page. The actor holds the permission himself (a role that may only ask holds it with a limit of 0). The same
    request sent twice is one. Raises PermissionDenied, Invalid, AlreadyAsked, NobodyCanApprove; LookupError for an action
    that no domain registered."""
    if actions.known(action) is None:
        raise LookupError(action)
    actor.require(permission)
    form = Fields()
    reason = form.block("reason", reason, most=500, required=True)
    form.done()
    waiting = Approval.objects.filter(action=action, subject_id=subject[1], state=ApprovalState.WAITING)
    for old in waiting.filter(expires_at__lte=now()):
        expire(approval_id=str(old.id))  # its job is late
    measure, moment = amount.minor if amount is not None else percent, now()
    if not approvers(permission, measure, but=actor.id):
        raise NobodyCanApprove
    request = Approval(
        action=action,
        permission=permission,
        subject_kind=subject[0],
        subject_id=subject[1],
        label=label[:200],
        measure=measure,
        currency=amount.currency if amount is not None else "",
        payload=dict(payload),
        reason=reason,
        asked_by=actor.id,
        asked_by_name=actor.name,
        asked_at=moment,
        expires_at=moment + timedelta(hours=settings_of(get_tenant()).approval_hours),
    )
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError:
        return _same(actor, waiting.get(), request)
    _note(actor, request, "ask", reason)
    jobs.defer_in(_seconds_left(request), expire, approval_id=str(request.id))
    tell(request, "asked")
    return request


def withdraw(actor: Actor, approval_id: UUID) -> Approval:
    """Take one's own request back. NotFound, NotYours, AlreadyDecided."""
    request = locked(approval_id)
    if actor.kind is not ActorKind.SYSTEM and request.asked_by != actor.id:
        raise NotYours
    request.state, request.decided_at = ApprovalState.WITHDRAWN, now()
    request.save(update_fields=["state", "decided_at"])
    _note(actor, request, "withdraw", "")
    tell(request, "withdrawn")
    return request


def _same(actor: Actor, found: Approval, wanted: Approval) -> Approval:
    """The request that waits, where it is this very one; a form pressed twice asks once."""
    facts = ("permission", "measure", "currency", "reason", "payload")
    if found.asked_by == actor.id and all(getattr(found, each) == getattr(wanted, each) for each in facts):
        return found
    raise AlreadyAsked(name=found.asked_by_name)


def _seconds_left(request: Approval) -> int:
    return int((request.expires_at - now()).total_seconds()) + 1


def _note(actor: Actor, request: Approval, verb: str, reason: str) -> None:
    audit.record(
        actor,
        f"approvals.{verb}",
        subject=(request.subject_kind, request.subject_id),
        after={
            "approval": request.id,
            "action": request.action,
            "measure": request.measure,
            "currency": request.currency,
        },
        reason=reason,
    )
