"""Reading tasks. Only those whose permission the reader holds are there; open ones by when they are due, ended ones newest
first. A page begins after a moment and an id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.people.tasks.models import Task, TaskState

MOST_COUNTED = 100

After = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class TaskFilters:
    """What is wanted of the list; empty values do not narrow it."""

    kind: str = ""
    mine: bool = False
    free: bool = False
    overdue: bool = False
    due: bool = False  # by now, and not somebody else's
    calls: bool = False
    ended: bool = False
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """`after` is where the next page begins; None on the last one."""

    rows: Sequence[Task]
    after: After | None


def list_tasks(
    actor: Actor, filters: TaskFilters | None = None, *, after: After | None = None, size: int = 50
) -> TaskPage:
    """A page of the tasks this actor may work on. PermissionDenied."""
    actor.require("tasks.work")
    filters = filters or TaskFilters()
    found = _narrowed(_seen_by(actor), actor, filters)
    if filters.ended:
        if after:
            found = found.filter(Q(ended_at__lt=after[0]) | Q(ended_at=after[0], id__lt=after[1]))
            found = found.filter(ended_at__lte=after[0])
        rows = list(found.order_by("-ended_at", "-id")[: size + 1])
    else:
        if after:
            found = found.filter(Q(sort_at__gt=after[0]) | Q(sort_at=after[0], id__gt=after[1]))
            found = found.filter(sort_at__gte=after[0])
        rows = list(found.order_by("sort_at", "id")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return TaskPage(rows[:size], _key(last, filters) if last else None)


def count_tasks(actor: Actor, filters: TaskFilters | None = None, *, most: int = MOST_COUNTED) -> int:
    """How many there are, at most `most`; 0 for who may not work on tasks."""
    if not actor.can("tasks.work"):
        return 0
    return _narrowed(_seen_by(actor), actor, filters or TaskFilters())[:most].count()


def count_waiting(actor: Actor) -> int:
    """The number beside the menu entry: what is due by now and not somebody else's; at most MOST_COUNTED."""
    return count_tasks(actor, TaskFilters(due=True))


def get_task(actor: Actor, task_id: UUID) -> Task:
    """One task this actor may work on. NotFound."""
    actor.require("tasks.work")
    found = _seen_by(actor).filter(id=task_id).first()
    if found is None:
        raise NotFound
    return found


def tasks_about(subject: tuple[str, UUID], *, only_open: bool = True) -> list[Task]:
    """Tasks about one thing, oldest first, for its page."""
    found = Task.objects.filter(subject_kind=subject[0], subject_id=subject[1])
    return list((found.filter(state=TaskState.OPEN) if only_open else found).order_by("id"))


def tasks_of_customer(actor: Actor, customer_id: UUID) -> list[Task]:
    """A customer's open tasks that this actor may work on, by when they are due; at most twenty."""
    if not actor.can("tasks.work"):
        return []
    found = _seen_by(actor).filter(customer_id=customer_id, state=TaskState.OPEN)
    return list(found.order_by("sort_at", "id")[:20])


def _seen_by(actor: Actor) -> QuerySet[Task]:
    if actor.kind is ActorKind.SYSTEM:
        return Task.objects.all()
    return Task.objects.filter(permission__in=["", *actor.grants])


def _narrowed(found: QuerySet[Task], actor: Actor, filters: TaskFilters) -> QuerySet[Task]:
    found = found.exclude(state=TaskState.OPEN) if filters.ended else found.filter(state=TaskState.OPEN)
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.mine:
        found = found.filter(taken_by=actor.id)
    if filters.free:
        found = found.filter(taken_by__isnull=True)
    if filters.overdue:
        found = found.filter(due_at__lte=now(), sort_at__lte=now())
    if filters.due:
        found = found.filter(Q(taken_by__isnull=True) | Q(taken_by=actor.id), sort_at__lte=now())
    if filters.calls:
        found = found.filter(calls=True)
    if filters.customer_id:
        found = found.filter(customer_id=filters.customer_id)
    return found


def _key(row: Task, filters: TaskFilters) -> After:
    if filters.ended and row.ended_at is not None:
        return row.ended_at, row.id
    return row.sort_at, row.id
