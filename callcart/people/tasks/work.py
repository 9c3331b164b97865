"""What people do with tasks: take one, give it back, put it off, end it. A task is one person's once it is taken."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.people.tasks.models import Task, TaskState
from callcart.people.tasks.opening import end, record, tell


class TaskEnded(Conflict):
    """This task was already dealt with."""

    code = "tasks.ended"


class TaskTaken(Conflict):
    """%(name)s is working on this."""

    code = "tasks.taken"


def take(actor: Actor, task_id: UUID) -> Task:
    """Work on a task; nobody else does from then on. Who may manage tasks takes one from others too. Raises NotFound,
    PermissionDenied, TaskEnded, TaskTaken."""
    task = _mine(actor, task_id)
    if task.taken_by == actor.id:
        return task
    task.taken_by, task.taken_by_name, task.taken_at = actor.id, actor.name, now()
    task.save(update_fields=["taken_by", "taken_by_name", "taken_at"])
    record(actor, task, "take")
    tell(task, "taken")
    return task


def give_back(actor: Actor, task_id: UUID) -> Task:
    """Anybody may take it again. Raises NotFound, PermissionDenied, TaskEnded, TaskTaken."""
    task = _mine(actor, task_id)
    if task.taken_by is None:
        return task
    task.taken_by, task.taken_by_name, task.taken_at = None, "", None
    task.save(update_fields=["taken_by", "taken_by_name", "taken_at"])
    record(actor, task, "give_back")
    tell(task, "given_back")
    return task


def put_off(actor: Actor, task_id: UUID, *, until: datetime, note: str = "") -> Task:
    """It is due at another time, in the future (nobody answered the phone, the customer asked for it). Raises as `take`, Invalid."""
    form = Fields()
    note = form.line("note", note, most=500)
    if until <= now():
        form.refuse("until", _("Choose a time in the future."))
    form.done()
    task = _mine(actor, task_id)
    task.due_at = task.sort_at = until
    task.note = note or task.note
    task.save(update_fields=["due_at", "sort_at", "note"])
    record(actor, task, "put_off")
    tell(task, "put_off")
    return task


def done(actor: Actor, task_id: UUID, *, outcome: str = "", note: str = "") -> Task:
    """It is done; `outcome` is a word of the domain, `note` what there is to say. Raises as `take`, Invalid."""
    note = _note(note, required=False)
    task = _mine(actor, task_id)
    end(actor, task, TaskState.DONE, outcome=outcome[:60], note=note)
    return task


def drop(actor: Actor, task_id: UUID, *, reason: str) -> Task:
    """It will not be done, and why. Raises as `take`, Invalid."""
    reason = _note(reason, required=True, name="reason")
    task = _mine(actor, task_id)
    actor.require("tasks.manage")
    end(actor, task, TaskState.DROPPED, note=reason)
    return task


def _note(text: str, *, required: bool, name: str = "note") -> str:
    form = Fields()
    text = form.block(name, text, most=500, required=required)
    form.done()
    return text


def _mine(actor: Actor, task_id: UUID) -> Task:
    """An open task that this actor may work on, under lock."""
    actor.require("tasks.work")
    task = Task.objects.select_for_update(no_key=True).filter(id=task_id).first()
    if task is None:
        raise NotFound
    if task.permission:
        actor.require(task.permission)
    if task.state != TaskState.OPEN:
        raise TaskEnded
    if task.taken_by not in (None, actor.id) and not actor.can("tasks.manage"):
        raise TaskTaken(name=task.taken_by_name)
    return task
