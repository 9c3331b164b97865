"""Tasks come and go by facts: a domain opens one when something has to be done, and closes it when that is over. Both may run
twice; one open task stands for each kind and subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.tenancy import current_tenant
from callcart.people.tasks import kinds
from callcart.people.tasks.models import Task, TaskState


def open_task(
    kind: str,
    *,
    subject: tuple[str, UUID],
    customer_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
    permission: str = "",
    given_to: tuple[UUID, str] | None = None,
) -> Task:
    """The open task of this kind about the subject, made where there is none; one that is open already stays as it is.
    `given_to`: the id and name of the one whose task it is from the start. `data` fills the kind's sentence and holds no personal data. LookupError for a kind nobody declared."""
    declared = kinds.known()[kind]
    moment = now()
    task = Task(
        kind=kind,
        permission=permission or declared.permission,
        subject_kind=subject[0],
        subject_id=subject[1],
        customer_id=customer_id,
        calls=declared.calls and customer_id is not None,
        data=dict(data or {}),
        opened_at=moment,
        due_at=due_at,
        sort_at=due_at or moment,
    )
    if given_to is not None:
        task.taken_by, task.taken_by_name, task.taken_at = *given_to, moment
    open_one = Task.objects.filter(kind=kind, subject_id=subject[1], state=TaskState.OPEN)
    found = open_one.first()
    while found is None:
        try:
            with transaction.atomic():
                task.save(force_insert=True)
        except IntegrityError:
            found = open_one.first()  # somebody was faster; ended again meanwhile: make it after all
            continue
        tell(task, "opened")
        return task
    return found


def close_tasks(kind: str, subject: tuple[str, UUID], outcome: str = "") -> int:
    """What had to be done is over: the open task of this kind about the subject is done by itself. How many were closed."""
    actor = Actor.system(current_tenant(), "tasks")
    rows = Task.objects.select_for_update(no_key=True).filter(
        kind=kind, subject_kind=subject[0], subject_id=subject[1], state=TaskState.OPEN
    )
    closed = list(rows)
    for task in closed:
        end(actor, task, TaskState.DONE, outcome=outcome)
    return len(closed)


def end(actor: Actor, task: Task, state: TaskState, *, outcome: str = "", note: str = "") -> None:
    """Write the end of a task that is locked."""
    task.state, task.outcome, task.ended_at = state, outcome, now()
    task.note = note or task.note
    task.ended_by, task.ended_by_name = actor.id, "" if actor.id is None else actor.name
    task.save(update_fields=["state", "outcome", "note", "ended_at", "ended_by", "ended_by_name"])
    record(actor, task, state)
    tell(task, state)


def record(actor: Actor, task: Task, verb: str) -> None:
    audit.record(
        actor,
        f"tasks.{verb}",
        subject=(task.subject_kind, task.subject_id),
        after={"task": task.id, "kind": task.kind, "outcome": task.outcome},
        reason=task.note,
    )


def tell(task: Task, what: str) -> None:
    events.emit(
        "tasks.opened" if what == "opened" else "tasks.changed",
        subject=(task.subject_kind, task.subject_id),
        staff_id=task.taken_by,
        data={"task_id": task.id, "kind": task.kind, "state": task.state},
    )
