"""Things a person must do: about a subject, for a customer, by a time. One open task for each kind and subject."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from callcart.core import ids
from callcart.core.tenancy import TenantModel


class TaskState(StrEnum):
    """open → done or dropped; never back."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Task(TenantModel):
    """`sort_at` orders the list: when it is due, or when it was opened where it is not due at any time. `calls` is that of its
    kind as it was opened: somebody is to be phoned."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField()
    permission = models.TextField(blank=True, default="")
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    customer_id = models.UUIDField(null=True)
    calls = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    sort_at = models.DateTimeField()
    state = models.TextField(default=TaskState.OPEN, choices=[(s, s) for s in TaskState])
    taken_by = models.UUIDField(null=True)
    taken_by_name = models.TextField(blank=True, default="")
    taken_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    ended_by = models.UUIDField(null=True)
    ended_by_name = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "kind", "subject_id"], condition=Q(state="open"), name="tasks_one_open"
            ),
            models.CheckConstraint(condition=Q(state__in=[*TaskState]), name="tasks_state"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "sort_at", "id"], condition=Q(state="open"), name="tasks_open"),
            models.Index(
                fields=["tenant_id", "kind", "sort_at", "id"],
                condition=Q(state="open"),
                name="tasks_open_kind",
            ),
            models.Index(
                fields=["tenant_id", "taken_by", "sort_at", "id"],
                condition=Q(state="open"),
                name="tasks_open_mine",
            ),
            models.Index(
                fields=["tenant_id", "sort_at", "id"],
                condition=Q(state="open", calls=True),
                name="tasks_calls",
            ),
            models.Index(
                fields=["tenant_id", "-ended_at", "-id"], condition=~Q(state="open"), name="tasks_ended"
            ),
            models.Index(fields=["tenant_id", "subject_id", "id"], name="tasks_subject"),
            models.Index(
                fields=["tenant_id", "customer_id", "id"],
                condition=Q(customer_id__isnull=False),
                name="tasks_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
