"""Tables of the core: events, audit, idempotency keys, counters, throttles."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.tenancy import TenantModel


class Xid8Field(models.Field):  # type: ignore[type-arg]
    """A PostgreSQL transaction id (xid8)."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class CurrentTransaction(models.Func):
    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = Xid8Field()
    arity = 0


class ClockTimestamp(models.Func):
    function = "clock_timestamp"
    template = "%(function)s()"
    output_field = models.DateTimeField()
    arity = 0


class Event(TenantModel):
    """A fact that happened: what the live feed sends and handlers react to. Holds ids, never personal data."""

    id = models.BigAutoField(primary_key=True)
    xid = Xid8Field(db_default=CurrentTransaction(), editable=False)
    at = models.DateTimeField(db_default=ClockTimestamp())
    kind = models.TextField()
    subject_kind = models.TextField(blank=True, default="", db_default="")
    subject_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    audience = models.TextField(default="staff", db_default="staff")
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["xid", "id"], name="core_event_feed"),
            models.Index(fields=["at"], name="core_event_age"),
        ]


class AuditEntry(TenantModel):
    """Who did what to what, from what to what, and why. Only ever added to."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.TextField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField(blank=True)
    channel = models.TextField(blank=True)
    action = models.TextField()
    subject_kind = models.TextField(blank=True)
    subject_id = models.UUIDField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "subject_id", "id"], name="core_audit_subject"),
            models.Index(fields=["tenant_id", "id"], name="core_audit_time"),
        ]


class IdempotencyKey(TenantModel):
    """A request that moves money, stock or points, and what it answered."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    scope = models.TextField()
    key = models.TextField()
    fingerprint = models.TextField()
    answer = models.JSONField(null=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "scope", "key"], name="core_idempotency_once"),
        ]
        indexes = [models.Index(fields=["made_at"], name="core_idempotency_age")]


class Counter(TenantModel):
    """The next human number of a kind; taken in blocks."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField()
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "kind"], name="core_counter_kind")]


class ThrottleHit(TenantModel):
    """One attempt at something that may be tried only so often. `key` is a digest."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField()
    key = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "kind", "key", "-at"], name="core_throttle_key"),
            models.Index(fields=["at"], name="core_throttle_age"),
        ]
