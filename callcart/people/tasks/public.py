"""What other rooms may use of tasks.

A domain declares its kinds at import (`declare("parcel_late", label=…, sentence=…, link="office:order", permission="shipping.update")`), opens
a task when something has to be done by a person, and closes it when that is over.
"""

from __future__ import annotations

from callcart.people.tasks.kinds import Kind, declare, known, label, link, sentence
from callcart.people.tasks.models import Task, TaskState
from callcart.people.tasks.opening import close_tasks, open_task
from callcart.people.tasks.queries import (
    After,
    TaskFilters,
    TaskPage,
    count_tasks,
    count_waiting,
    get_task,
    list_tasks,
    tasks_about,
    tasks_of_customer,
)
from callcart.people.tasks.work import TaskEnded, TaskTaken, done, drop, give_back, put_off, take

__all__ = [
    "After",
    "Kind",
    "Task",
    "TaskEnded",
    "TaskFilters",
    "TaskPage",
    "TaskState",
    "TaskTaken",
    "close_tasks",
    "count_tasks",
    "count_waiting",
    "declare",
    "done",
    "drop",
    "get_task",
    "give_back",
    "known",
    "label",
    "link",
    "list_tasks",
    "open_task",
    "put_off",
    "sentence",
    "take",
    "tasks_about",
    "tasks_of_customer",
]
