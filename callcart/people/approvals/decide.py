"""Deciding a request. Approving does what was asked for in the same transaction, as the approver; what fails leaves the request
waiting, and nothing half done."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.people.approvals import actions
from callcart.people.approvals.errors import ActionGone, AlreadyDecided, OwnRequest
from callcart.people.approvals.models import Approval, ApprovalState


def approve(actor: Actor, approval_id: UUID, *, note: str = "") -> Approval:
    """Do what was asked for. The row is locked first, so of two approvers one does it and the other is told. Raises NotFound,
    PermissionDenied (not held, or above the approver's limit too), OwnRequest, AlreadyDecided, ActionGone, and whatever
    the action itself refuses."""
    form = Fields()
    note = form.block("note", note, most=500)
    form.done()
    with transaction.atomic():
        request = _for_decision(actor, approval_id)
        known = actions.known(request.action)
        if known is None:
            raise ActionGone
        known.work(actor, request.payload)
        _decide(actor, request, ApprovalState.APPROVED, note)
    return request


def refuse(actor: Actor, approval_id: UUID, *, reason: str) -> Approval:
    """Say no, and why. Raises NotFound, PermissionDenied, OwnRequest, AlreadyDecided, Invalid."""
    form = Fields()
    reason = form.block("reason", reason, most=500, required=True)
    form.done()
    request = _for_decision(actor, approval_id)
    _decide(actor, request, ApprovalState.REFUSED, reason)
    return request


def locked(approval_id: UUID) -> Approval:
    """A request that still waits, under lock. NotFound, AlreadyDecided."""
    request = Approval.objects.select_for_update(no_key=True).filter(id=approval_id).first()
    if request is None:
        raise NotFound
    if request.state != ApprovalState.WAITING or request.expires_at <= now():
        raise AlreadyDecided
    return request


def tell(request: Approval, what: str) -> None:
    """Everybody's counts are read again; what became of it goes to whoever asked."""
    data = {"approval_id": request.id, "action": request.action, "state": request.state}
    subject = (request.subject_kind, request.subject_id)
    events.emit("approvals.changed", subject=subject, data=data)
    events.emit(f"approvals.{what}", subject=subject, staff_id=request.asked_by, audience="one", data=data)


def _for_decision(actor: Actor, approval_id: UUID) -> Approval:
    request = Approval.objects.filter(id=approval_id).first()
    if request is None:
        raise NotFound
    actor.require(request.permission, amount=request.measure)
    if actor.id is not None and request.asked_by == actor.id:
        raise OwnRequest
    return locked(approval_id)


def _decide(actor: Actor, request: Approval, state: ApprovalState, reason: str) -> None:
    request.state, request.decision_reason, request.decided_at = state, reason, now()
    request.decided_by, request.decided_by_name = actor.id, actor.name
    request.save(update_fields=["state", "decision_reason", "decided_at", "decided_by", "decided_by_name"])
    audit.record(
        actor,
        "approvals.approve" if state is ApprovalState.APPROVED else "approvals.refuse",
        subject=(request.subject_kind, request.subject_id),
        after={
            "approval": request.id,
            "action": request.action,
            "asked_by": request.asked_by_name,
            "measure": request.measure,
            "currency": request.currency,
        },
        reason=reason,
    )
    tell(request, state)
