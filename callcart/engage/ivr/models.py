"""Tables of the flows that callers walk through: a flow, its versions, and the numbers that choose one.

A version that was published is never changed again: calls may still be in it, and it is the history. One draft and one
published version at most belong to a flow.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel


class VersionState(StrEnum):
    """draft → published → retired. A retired one comes back as a new version with the same blocks."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Flow(Named, TenantModel):
    """What a caller hears and may choose before a person answers."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="ivr_flow_code")]

    def __str__(self) -> str:
        return self.code


class FlowVersion(TenantModel):
    """One state of a flow. `revision` counts the changes of a draft; `based_on` is the version it was made from."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    state = models.TextField(default=VersionState.DRAFT, choices=[(s, s) for s in VersionState])
    graph = models.JSONField()
    revision = models.IntegerField(default=1)
    based_on = models.IntegerField(null=True)
    changed_at = models.DateTimeField(db_default=Now())
    changed_by = models.TextField(blank=True, default="")
    published_at = models.DateTimeField(null=True)
    published_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "flow", "number"], name="ivr_version_number"),
            models.UniqueConstraint(
                fields=["tenant_id", "flow", "state"],
                condition=Q(state__in=["draft", "published"]),
                name="ivr_version_once",
            ),
            models.CheckConstraint(condition=Q(state__in=[*VersionState]), name="ivr_version_state"),
        ]

    def __str__(self) -> str:
        return f"{self.flow_id} {self.number}"


class FlowNumber(TenantModel):
    """A service number (E.164) whose callers walk through a flow of its own; others walk through the main one."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    number = models.TextField()
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="numbers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="ivr_number_once")]

    def __str__(self) -> str:
        return self.number


class CallerPin(TenantModel):
    """A customer's PIN for the telephone, as a digest."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    customer_id = models.UUIDField()
    digest = models.TextField()
    set_at = models.DateTimeField(db_default=Now())
    set_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "customer_id"], name="ivr_pin_once")]

    def __str__(self) -> str:
        return str(self.customer_id)
