"""Reading requests: what waits for somebody, what somebody asked for, what was decided. Pages go by id, which rises with time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.people.approvals.models import Approval, ApprovalState
from callcart.people.approvals.reach import approvers, decidable

MOST_COUNTED = 100


class Part(StrEnum):
    """The three lists: to be decided by the reader, asked for by the reader, and what is over."""

    WAITING = "waiting"
    MINE = "mine"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """`after` is where the next page begins; None on the last one."""

    rows: Sequence[Approval]
    after: UUID | None


def list_approvals(actor: Actor, *, part: Part, after: UUID | None = None, size: int = 50) -> ApprovalPage:
    """A page of one of the lists: what waits oldest first, the others newest first."""
    found = _part(actor, part)
    if part is Part.WAITING:
        found = found.filter(id__gt=after) if after else found
        rows = list(found.order_by("id")[: size + 1])
    else:
        found = found.filter(id__lt=after) if after else found
        rows = list(found.order_by("-id")[: size + 1])
    return ApprovalPage(rows[:size], rows[size - 1].id if len(rows) > size else None)


def count_decidable(actor: Actor) -> int:
    """How many requests wait for this actor; at most MOST_COUNTED."""
    return decidable(actor)[:MOST_COUNTED].count()


def get_approval(actor: Actor, approval_id: UUID) -> Approval:
    """One request that this actor may see: his own, or of a permission he holds. NotFound."""
    found = _seen_by(actor).filter(id=approval_id).first()
    if found is None:
        raise NotFound
    return found


def may_decide(actor: Actor, request: Approval) -> bool:
    """Whether this actor may approve or refuse a request now."""
    return decidable(actor).filter(id=request.id).exists()


def names_of_approvers(request: Approval) -> list[str]:
    """Who may approve it, by name; a page says whom one is waiting for."""
    return [person.name for person in approvers(request.permission, request.measure, but=request.asked_by)]


def waiting_for(subject: tuple[str, UUID], *, action: str = "") -> list[Approval]:
    """What waits to be decided about one thing, oldest first."""
    found = Approval.objects.filter(
        subject_kind=subject[0], subject_id=subject[1], state=ApprovalState.WAITING, expires_at__gt=now()
    )
    return list((found.filter(action=action) if action else found).order_by("id"))


def _part(actor: Actor, part: Part) -> QuerySet[Approval]:
    if part is Part.WAITING:
        return decidable(actor)
    if part is Part.MINE:
        return Approval.objects.filter(asked_by=actor.id)
    return _seen_by(actor).exclude(state=ApprovalState.WAITING)


def _seen_by(actor: Actor) -> QuerySet[Approval]:
    if actor.kind is ActorKind.SYSTEM:
        return Approval.objects.all()
    return Approval.objects.filter(Q(asked_by=actor.id) | Q(permission__in=list(actor.grants)))
