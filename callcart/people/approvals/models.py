"""Requests to do what lies above somebody's limit.

A request keeps what is to be done (`action`, `payload`) and what it takes (`permission`, amount or percent), so that it can be done
later, by whoever may, exactly as it was asked for.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.money import Money
from callcart.core.tenancy import TenantModel


class ApprovalState(StrEnum):
    """waiting → approved, refused, withdrawn or expired; never back."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Approval(TenantModel):
    """One request. `measure` is what limits are compared with: minor units, or percent; empty where no limit applies."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    action = models.TextField()
    permission = models.TextField()
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    label = models.TextField(blank=True, default="")
    measure = models.BigIntegerField(null=True)
    currency = models.TextField(blank=True, default="", help_text="empty: the measure is a percentage")
    payload = models.JSONField(default=dict)
    reason = models.TextField()
    state = models.TextField(default=ApprovalState.WAITING, choices=[(s, s) for s in ApprovalState])
    asked_by = models.UUIDField(null=True)
    asked_by_name = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_by_name = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "action", "subject_id"],
                condition=Q(state="waiting"),
                name="approvals_one_waiting",
            ),
            models.CheckConstraint(condition=Q(state__in=[*ApprovalState]), name="approvals_state"),
            models.CheckConstraint(
                condition=Q(measure__isnull=True) | Q(measure__gte=0), name="approvals_measure"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "permission", "id"],
                condition=Q(state="waiting"),
                name="approvals_waiting",
            ),
            models.Index(fields=["tenant_id", "id"], name="approvals_time"),
            models.Index(fields=["tenant_id", "asked_by", "id"], name="approvals_asked_by"),
            models.Index(fields=["tenant_id", "subject_id", "id"], name="approvals_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.state}"

    @property
    def amount(self) -> Money | None:
        """The amount asked for, where it is one of money."""
        return Money(self.measure, self.currency) if self.measure is not None and self.currency else None

    @property
    def percent(self) -> int | None:
        """The percentage asked for, where it is one."""
        return self.measure if not self.currency else None


class LimitUse(TenantModel):
    """An amount that somebody moved under a permission with a limit, to one subject; empty where everything of a time counts."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    actor_id = models.UUIDField()
    permission = models.TextField()
    subject_id = models.UUIDField(null=True)
    amount_minor = models.BigIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="approvals_limituse_amount"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "actor_id", "permission", "subject_id", "at"],
                name="approvals_limituse_of",
            ),
        ]
