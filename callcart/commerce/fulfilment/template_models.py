"""Waybill templates, each change a version that stays, and print jobs: which boxes, by which version, how far it is, the file."""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.commerce.shipping.models import Carrier
from callcart.core import ids
from callcart.core.tenancy import TenantModel


class Template(TenantModel):
    """A waybill as a clerk laid it out. `is_default`: the one for its carrier, or without a carrier for all that have none."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.TextField()
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=0, help_text="number of the newest version")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "name"], name="fulfilment_template_name"),
            models.UniqueConstraint(
                fields=["tenant_id", "carrier"],
                condition=Q(is_default=True),
                nulls_distinct=False,
                name="fulfilment_template_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(TenantModel):
    """One state of a template, never changed: the page in tenths of a millimetre and what is placed on it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.IntegerField()
    width = models.IntegerField()
    height = models.IntegerField()
    elements = models.JSONField(default=list)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="fulfilment_version_once"),
            models.CheckConstraint(
                condition=Q(width__range=(200, 4200)) & Q(height__range=(200, 4200)),
                name="fulfilment_version_page",
            ),
        ]


class PrintState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class PrintJob(TenantModel):
    """Waybills printed as one file. `box_ids` are fixed when it is made; `problems` name what did not fit, by waybill."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, null=True, related_name="+")
    dispatch_ids = ArrayField(models.UUIDField(), default=list)
    box_ids = ArrayField(models.UUIDField(), default=list)
    state = models.TextField(default=PrintState.QUEUED, choices=[(s, s) for s in PrintState])
    done = models.IntegerField(default=0)
    reprints = models.IntegerField(default=0)
    last_printed_at = models.DateTimeField(null=True)
    problems = models.JSONField(default=list)
    failure = models.TextField(blank=True, default="")
    file = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    staff_id = models.UUIDField(null=True)
    staff_name = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[*PrintState]), name="fulfilment_printjob_state"),
        ]
        indexes = [models.Index(fields=["tenant_id", "-id"], name="fulfilment_printjob_newest")]
