"""Background work of approvals: a request that nobody decided runs out, and whoever asked hears of it."""

from __future__ import annotations

from uuid import UUID

from callcart.core import audit, jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.tenancy import current_tenant
from callcart.people.approvals.decide import tell
from callcart.people.approvals.models import Approval, ApprovalState


@jobs.job(retry=8)
def expire(*, approval_id: str) -> None:
    """End a request whose time is over; one that is decided, or not due yet, is left alone."""
    request = Approval.objects.select_for_update(no_key=True).filter(id=UUID(approval_id)).first()
    if request is None or request.state != ApprovalState.WAITING or request.expires_at > now():
        return
    request.state, request.decided_at = ApprovalState.EXPIRED, now()
    request.save(update_fields=["state", "decided_at"])
    audit.record(
        Actor.system(current_tenant(), "approvals"),
        "approvals.expire",
        subject=(request.subject_kind, request.subject_id),
        after={"approval": request.id, "action": request.action},
    )
    tell(request, "expired")
