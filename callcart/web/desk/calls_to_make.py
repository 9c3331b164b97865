"""Customers to be called, beside the inbox: the first of the tasks that are done by phoning. Opening one shows the customer; it is
marked as done from there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.people.tasks import public as tasks
from callcart.web.desk.bodies import answer
from callcart.web.http import actor_of, requires
from callcart.web.names import customer_names

SHOWN = 5


@dataclass(frozen=True, slots=True)
class CallToMake:
    """One line: whom to call and why."""

    id: UUID
    customer_id: UUID | None
    who: str
    about: str
    overdue: bool


def calls_to_make(actor: Actor) -> list[CallToMake]:
    """The first calls that are due and that nobody else has taken."""
    if not actor.can("tasks.work") or not actor.can("customers.view"):
        return []
    found = tasks.list_tasks(actor, tasks.TaskFilters(calls=True, due=True), size=SHOWN).rows
    names = customer_names(each.customer_id for each in found)
    return [
        CallToMake(
            id=each.id,
            customer_id=each.customer_id,
            who=(names.get(each.customer_id) if each.customer_id else "") or _("No name yet"),
            about=tasks.sentence(each.kind, each.data),
            overdue=each.due_at is not None and each.due_at <= now(),
        )
        for each in found
    ]


@require_POST
@requires("desk.use", "tasks.work")
def done(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """The customer was called."""
    tasks.done(actor_of(request), task_id)
    return answer(done=True, text=_("Done."))
