"""Tables of opening hours. The shop's own week and time zone are settings of the tenant; here is what a queue has of its own, what
is otherwise on a day (a holiday, half a day), and what somebody decides for the next hours. A queue is known by its id only.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel


class QueueHours(TenantModel):
    """A queue that differs from the shop. `week`: seven days of spans, None for the shop's; `timezone` empty for the shop's;
    `keeps_holidays`: the shop's special days hold for it too."""

    queue_id = models.UUIDField(primary_key=True)
    week = models.JSONField(null=True)
    timezone = models.TextField(blank=True, default="")
    keeps_holidays = models.BooleanField(default=True)
    version = models.IntegerField(default=1)


class SpecialDay(Named, TenantModel):
    """A date on which other hours hold, of one queue or (None) of the shop; without spans it is closed."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    queue_id = models.UUIDField(null=True)
    day = models.DateField()
    spans = models.JSONField(default=list)
    name = models.TextField(blank=True, default="")
    name_zh = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "queue_id", "day"], nulls_distinct=False, name="hours_special_day"
            )
        ]
        indexes = [models.Index(fields=["tenant_id", "day"], name="hours_special_time")]


class Override(TenantModel):
    """Closed, or open, from one moment to another, whatever the hours say; of one queue or (None) of all. Of two the later made holds.
    Lifting one ends it at that moment."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    queue_id = models.UUIDField(null=True)
    is_open = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.TextField(blank=True, default="")
    staff_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="hours_override_span")
        ]
        indexes = [models.Index(fields=["tenant_id", "ends_at"], name="hours_override_time")]
