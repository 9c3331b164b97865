"""Reading what was told: the list, what one order's or one customer's messages were, and sending a dead one again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.core import audit, jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.engage.notices.jobs import send_notice
from callcart.engage.notices.models import Notice, NoticeState

After = tuple[datetime, UUID]


class NotDead(Conflict):
    """This message was sent, or is being sent."""

    code = "notices.not_dead"


@dataclass(frozen=True, slots=True)
class NoticeFilters:
    """Empty values do not narrow the list."""

    kind: str = ""
    medium: str = ""
    unsent: bool = False
    state: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticePage:
    """`after` is where the next page begins; None on the last one."""

    rows: Sequence[Notice]
    after: After | None


def list_notices(
    actor: Actor, filters: NoticeFilters, *, after: After | None = None, size: int = 50
) -> NoticePage:
    """A page of what was written, newest first. PermissionDenied."""
    actor.require("notices.view")
    found = _narrowed(filters)
    if after:
        found = found.filter(Q(made_at__lt=after[0]) | Q(made_at=after[0], id__lt=after[1]))
        found = found.filter(made_at__lte=after[0])
    rows = list(found.order_by("-made_at", "-id")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return NoticePage(rows[:size], (last.made_at, last.id) if last else None)


def notices_of_order(order_id: UUID) -> list[Notice]:
    """What the customer of an order was told, newest first; at most a hundred. The caller has shown that it may be seen."""
    return list(Notice.objects.filter(order_id=order_id).order_by("-id")[:100])


def notices_of_customer(customer_id: UUID, *, limit: int = 60) -> list[Notice]:
    """What a customer was told, newest first."""
    return list(Notice.objects.filter(customer_id=customer_id).order_by("-made_at")[:limit])


def send_again(actor: Actor, notice_ids: Iterable[UUID]) -> int:
    """Have messages sent that were given up; how many. NotFound, NotDead (then none is), PermissionDenied."""
    actor.require("notices.manage")
    wanted = sorted(set(notice_ids))
    rows = list(Notice.objects.select_for_update(no_key=True).filter(id__in=wanted).order_by("id"))
    if len(rows) != len(wanted):
        raise NotFound
    if any(row.state != NoticeState.DEAD for row in rows):
        raise NotDead
    for row in rows:
        row.state, row.tries, row.failure, row.claimed_at, row.made_at = (
            NoticeState.WAITING,
            0,
            "",
            None,
            now(),
        )
        row.save(update_fields=["state", "tries", "failure", "claimed_at", "made_at"])
        jobs.defer(send_notice, notice_id=str(row.id))
        audit.record(
            actor,
            "notices.send_again",
            subject=("order", row.order_id) if row.order_id else None,
            after={"notice": row.id, "kind": row.kind},
        )
    return len(rows)


def _narrowed(filters: NoticeFilters) -> QuerySet[Notice]:
    found = Notice.objects.all()
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.medium:
        found = found.filter(medium=filters.medium)
    if filters.unsent:
        found = found.exclude(state=NoticeState.SENT)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.since:
        found = found.filter(made_at__gte=filters.since)
    if filters.before:
        found = found.filter(made_at__lt=filters.before)
    return found
