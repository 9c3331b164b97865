"""Tasks in the office: what has to be done, by when and by whom; one task with all that can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid
from callcart.people.tasks import public as work
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, safe_next
from callcart.web.jinja import url
from callcart.web.names import customer_names
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, time_cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.office.work.links import address


@dataclass(frozen=True, slots=True)
class Row:
    """A task as the list shows it."""

    task: work.Task
    text: str
    kind: str
    address: str
    overdue: bool
    mine: bool


@requires("tasks.work")
def tasks(request: HttpRequest) -> HttpResponse:
    """Open tasks by when they are due; ended ones newest first."""
    actor = actor_of(request)
    kinds = {name: str(kind.label) for name, kind in work.known().items() if _may(actor, kind.permission)}
    filters, chips = _filters(request, kinds)
    after = time_cursor_of(request)
    found = work.list_tasks(
        actor,
        filters,
        after=(datetime.fromisoformat(after.key), UUID(after.id)) if after else None,
        size=PAGE,
    )
    return page(
        request, "office/work/tasks.html", rows=[_row(request, each) for each in found.rows], chips=chips, kinds=kinds,
        whose=_whose(), ended=filters.ended, next=Cursor(found.after[0].isoformat(), str(found.after[1])).text()
        if found.after else "", customers=customer_names({each.customer_id for each in found.rows}),
        here=request.get_full_path(),
    )  # fmt: skip


def _may(actor: Actor, permission: str) -> bool:
    return not permission or actor.can(permission)


def _whose() -> dict[str, str]:
    return {
        "mine": _("Mine"),
        "free": _("Nobody's yet"),
        "overdue": _("Overdue"),
        "calls": _("Calls to make"),
    }


def _filters(request: HttpRequest, kinds: dict[str, str]) -> tuple[work.TaskFilters, list[Chip]]:
    kind, only = choice(request, "kind", kinds), choice(request, "only", _whose())
    ended = request.GET.get("state") == "ended"
    chips = [Chip("kind", _("Kind"), kinds[kind])] if kind else []
    chips += [Chip("only", _("Only"), _whose()[only])] if only else []
    chips += [Chip("state", _("State"), _("Ended"))] if ended else []
    return work.TaskFilters(
        kind=kind, ended=ended, mine=only == "mine", free=only == "free", overdue=only == "overdue",
        calls=only == "calls",
    ), chips  # fmt: skip


def _row(request: HttpRequest, task: work.Task) -> Row:
    return Row(
        task=task,
        text=work.sentence(task.kind, task.data),
        kind=work.label(task.kind),
        address=address(work.link(task.kind), task.subject_kind, task.subject_id),
        overdue=task.state == work.TaskState.OPEN and task.due_at is not None and task.due_at <= now(),
        mine=task.taken_by is not None and task.taken_by == actor_of(request).id,
    )


@requires("tasks.work")
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task."""
    return _page(request, task_id)


def _page(
    request: HttpRequest, task_id: UUID, *, tried: Attempt | None = None, dialog: str = ""
) -> HttpResponse:
    actor = actor_of(request)
    found = work.get_task(actor, task_id)
    refused = refusal(tried)
    at_fields = bool(dialog and refused.fields)
    return page(
        request, "office/work/task.html", row=_row(request, found), task=found,
        customer=customer_names({found.customer_id}).get(found.customer_id, "") if found.customer_id else "",
        states={"open": pgettext("task", "Open"), "done": _("Done"), "dropped": _("Dropped")}, dialog=dialog if at_fields else "",
        errors=refused.fields, posted=request.POST, message="" if at_fields else refused.message,
        tomorrow=_tomorrow(actor.timezone), status=refused.status,
    )  # fmt: skip


def _tomorrow(timezone: str) -> str:
    """What the field for another time begins with: this time tomorrow, as the browser's field wants it."""
    return (now() + timedelta(days=1)).astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M")


@require_POST
@requires("tasks.work")
def take(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _act(request, task_id, work.take, said=_("It is yours now."))


@require_POST
@requires("tasks.work")
def give_back(request: HttpRequest, task_id: UUID) -> HttpResponse:
    return _act(request, task_id, work.give_back, said=_("Anybody may take it now."))


@require_POST
@requires("tasks.work")
def done(request: HttpRequest, task_id: UUID) -> HttpResponse:
    note = request.POST.get("note", "")
    return _act(request, task_id, work.done, said=_("Done."), dialog="done", leaves=True, note=note)


@require_POST
@requires("tasks.work")
def put_off(request: HttpRequest, task_id: UUID) -> HttpResponse:
    note = request.POST.get("note", "")
    with attempt() as tried:
        work.put_off(actor_of(request), task_id, until=_moment(request), note=note)
    if tried:
        return go(request, safe_next(request, url("office:tasks")), toast=_("Put off."))
    return _page(request, task_id, tried=tried, dialog="put-off")


@require_POST
@requires("tasks.work", "tasks.manage")
def drop(request: HttpRequest, task_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(request, task_id, work.drop, said=_("Dropped."), dialog="drop", leaves=True, reason=reason)


def _act(
    request: HttpRequest,
    task_id: UUID,
    verb: Callable[..., Any],
    *,
    said: str,
    dialog: str = "",
    leaves: bool = False,
    **arguments: Any,
) -> HttpResponse:
    with attempt() as tried:
        verb(actor_of(request), task_id, **arguments)
    if tried:
        default = url("office:tasks") if leaves else url("office:task", task_id)
        return go(request, safe_next(request, default), toast=said)
    return _page(request, task_id, tried=tried, dialog=dialog)


def _moment(request: HttpRequest) -> datetime:
    """The day and time of the form, by the reader's clock. Raises Invalid."""
    try:
        local = datetime.fromisoformat(request.POST.get("until", ""))
        return local.replace(tzinfo=ZoneInfo(actor_of(request).timezone))
    except ValueError:
        raise Invalid(fields={"until": _("Choose a day and a time.")}) from None
