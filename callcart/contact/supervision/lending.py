"""Other queues for an agent, for a while: at once for whom he is offered, ended by itself (`timers`), each kept as history. Outside of the
request's transaction, as routing's own verbs are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.supervision.models import Loan
from callcart.core import audit, clock
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff import public as staff

MINUTES = (5, 720)
_LEND = "supervision_lend(%s::int, %s::uuid, %s::uuid[], %s::timestamptz, %s::uuid)"


@dataclass(frozen=True, slots=True)
class Lent:
    """A loan, running or over. `ended_by` empty and over: its time was up."""

    staff_id: UUID
    queues: tuple[UUID, ...]
    made_by: UUID | None
    made_at: datetime
    until: datetime
    ended_at: datetime | None
    ended_by: UUID | None


def lend(actor: Actor, staff_id: UUID, *, queues: Collection[UUID], minutes: int) -> datetime:
    """The agent serves these queues instead of his group's for so many minutes from now; until when. One that runs is replaced. What he
    has he keeps. Raises Invalid (queues, minutes), NotAnAgent, NotFound, PermissionDenied."""
    with tenant_transaction(actor.tenant_id):
        staff.require_within(actor, "routing.force", staff_id)
        in_use = {each.id for each in routing.queues()}
    wrong = {}
    if not queues or not set(queues) <= in_use:
        wrong["queues"] = _("Choose the queues they are to serve.")
    if not MINUTES[0] <= minutes <= MINUTES[1]:
        wrong["minutes"] = _("From %(low)s to %(high)s.") % {"low": MINUTES[0], "high": MINUTES[1]}
    if wrong:
        raise Invalid(fields=wrong)
    until = clock.now() + timedelta(minutes=minutes)
    chosen = sorted(set(queues))
    routing.act(actor.tenant_id, _LEND, (actor.tenant_id, staff_id, chosen, until, actor.id))
    _note(actor, staff_id, {"queues": chosen, "until": until})
    return until


def give_back(actor: Actor, staff_id: UUID) -> None:
    """Those of his group again, before the time is up. Raises NotFound where nothing is lent."""
    with tenant_transaction(actor.tenant_id):
        staff.require_within(actor, "routing.force", staff_id)
        if not Loan.objects.filter(staff_id=staff_id, ended_at=None).exists():
            raise NotFound
    routing.act(actor.tenant_id, _LEND, (actor.tenant_id, staff_id, None, None, actor.id))
    _note(actor, staff_id, {"queues": None})


def running() -> dict[UUID, Lent]:
    """The loans that run now, by agent."""
    return {row.staff_id: _lent(row) for row in Loan.objects.filter(ended_at=None)}


def history_of(actor: Actor, staff_id: UUID, *, limit: int = 20) -> list[Lent]:
    """An agent's loans, newest first. Raises NotFound, PermissionDenied."""
    staff.require_within(actor, "routing.force", staff_id)
    return [_lent(row) for row in Loan.objects.filter(staff_id=staff_id).order_by("-made_at")[:limit]]


def _lent(row: Loan) -> Lent:
    return Lent(
        row.staff_id, tuple(row.queues), row.made_by, row.made_at, row.until, row.ended_at, row.ended_by
    )


def _note(actor: Actor, staff_id: UUID, after: dict[str, object]) -> None:
    with tenant_transaction(actor.tenant_id):
        audit.record(actor, "supervision.lend", subject=("staff", staff_id), after=after)
