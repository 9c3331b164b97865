"""Imports, their rows between file and domain, what each row did, and how a shop maps columns.

A row is kept as its values were read; what it did stands apart (`ImportDone`), so that going on after a crash and undoing
need only look there. Files themselves lie in the file store.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.tenancy import TenantModel


class ImportState(StrEnum):
    """new → checking → ready → queued → running → done → undoing → undone; failed and cancelled are ends too."""

    NEW = "new"
    CHECKING = "checking"
    READY = "ready"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    """All or nothing, or the good rows only."""

    ALL = "all"
    GOOD = "good"


AT_WORK = (ImportState.CHECKING, ImportState.QUEUED, ImportState.RUNNING, ImportState.UNDOING)
WRITING = (ImportState.RUNNING, ImportState.UNDOING)


class Import(TenantModel):
    """One import of one kind from one or several tables. `tables` tells where they lie and how they are read, `mapping`
    which of their columns means what, `cursor` how far the present step has come. Counts are of units: customers, orders."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField()
    state = models.TextField(default=ImportState.NEW, choices=[(s, s) for s in ImportState])
    mode = models.TextField(default=Mode.ALL, choices=[(m, m) for m in Mode])
    tables = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    style = models.JSONField(default=dict)
    place = models.JSONField(default=dict, help_text="currency, time zone, country of the shop")
    cursor = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    problem = models.TextField(blank=True, default="")
    rows_read = models.IntegerField(default=0)
    units = models.IntegerField(default=0)
    units_done = models.IntegerField(default=0)
    made = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    wrong_rows = models.IntegerField(default=0)
    staff_id = models.UUIDField(null=True)
    staff_name = models.TextField(blank=True, default="")
    actor = models.JSONField(default=dict)
    made_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[*ImportState]), name="exchange_import_state"),
            models.UniqueConstraint(
                fields=["tenant_id", "kind"],
                condition=Q(state__in=[*WRITING]),
                name="exchange_import_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-id"], name="exchange_import_newest"),
            models.Index(fields=["ended_at"], name="exchange_import_age"),
        ]


class ImportRow(TenantModel):
    """One row of a table as it was read. `unit` names what it belongs to, `lead` is the first row of a unit; `problems` are
    (column, sentence) pairs."""

    id = models.BigAutoField(primary_key=True)
    its_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    source = models.SmallIntegerField()
    sheet = models.TextField()
    number = models.IntegerField()
    unit = models.TextField()
    lead = models.BooleanField()
    data = models.JSONField()
    problems = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["its_import", "unit"], name="exchange_row_unit"),
            models.Index(fields=["its_import", "id"], name="exchange_row_order"),
            models.Index(
                fields=["its_import", "source", "number"],
                condition=Q(problems__isnull=False),
                name="exchange_row_wrong",
            ),
        ]


class ImportDone(TenantModel):
    """What a unit did: made or changed `subject_id`; `before` is what undoing needs, `after` tells whether it is still so."""

    id = models.BigAutoField(primary_key=True)
    its_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="done", db_index=False)
    row_id = models.BigIntegerField()
    outcome = models.TextField()
    subject_id = models.UUIDField()
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["its_import", "id"], name="exchange_done_order")]


class KnownMapping(TenantModel):
    """How this shop mapped the columns of a sheet last time: our column → their heading."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField()
    sheet = models.TextField()
    headings = models.JSONField(default=dict)
    style = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "kind", "sheet"], name="exchange_mapping_once"),
        ]
