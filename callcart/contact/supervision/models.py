"""Tables of supervision. Queues, staff and conversations are named by id only. Loans and messages are kept as history: who did it, when,
until when.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from callcart.contact.supervision.states import Audience
from callcart.core import ids
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel


def _limit(text: str) -> models.IntegerField[int | None, int | None]:
    return models.IntegerField(null=True, help_text=text)


class Limit(TenantModel):
    """From where on a queue's figure is coloured (warn) and rings (alarm); empty: never. Without a queue: what holds where a queue has none
    of its own."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    queue_id = models.UUIDField(null=True)
    waiting_warn = _limit("so many wait, or more")
    waiting_alarm = _limit("so many wait, or more")
    longest_warn = _limit("seconds that the first one waits, or more")
    longest_alarm = _limit("seconds that the first one waits, or more")
    level_warn = _limit("per cent answered in time, or fewer")
    level_alarm = _limit("per cent answered in time, or fewer")
    ready_warn = _limit("agents ready, or fewer")
    ready_alarm = _limit("agents ready, or fewer")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "queue_id"], nulls_distinct=False, name="supervision_limit_once"
            )
        ]


class Broadcast(TenantModel):
    """Words of a supervisor to many, shown to each until read."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    text = models.TextField()
    audience = models.TextField()
    target_id = models.UUIDField(null=True, help_text="the team or queue")
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=ClockTimestamp())
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audience__in=[str(each) for each in Audience]),
                name="supervision_broadcast_audience",
            )
        ]
        indexes = [models.Index(fields=["tenant_id", "-made_at"], name="supervision_broadcast_time")]


class Receipt(TenantModel):
    """That somebody was told, and when he had read it."""

    id = models.BigAutoField(primary_key=True)
    broadcast = models.ForeignKey(
        Broadcast, on_delete=models.CASCADE, related_name="receipts", db_index=False
    )
    staff_id = models.UUIDField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["broadcast", "staff_id"], name="supervision_receipt_once")
        ]
        indexes = [
            models.Index(
                fields=["staff_id"], condition=Q(read_at__isnull=True), name="supervision_receipt_unread"
            )
        ]


class Loan(TenantModel):
    """The queues an agent serves for a while instead of his group's. One runs at most; it ends by itself, or is ended by somebody."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    staff_id = models.UUIDField()
    queues = ArrayField(models.UUIDField())
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=ClockTimestamp())
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True, help_text="empty: its time was up")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff_id"], condition=Q(ended_at__isnull=True), name="supervision_loan_once"
            )
        ]
        indexes = [
            models.Index(fields=["until"], condition=Q(ended_at__isnull=True), name="supervision_loan_due"),
            models.Index(fields=["staff_id", "-made_at"], name="supervision_loan_of"),
        ]


class Wall(TenantModel):
    """A wall display: an address that shows figures without a sign-in until it is withdrawn. Only the digest of its token is kept."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    name = models.TextField()
    token_hash = models.TextField(unique=True)
    queues = ArrayField(models.UUIDField(), default=list, help_text="empty: all in use")
    language = models.TextField(default="en")
    made_by = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=ClockTimestamp())
    revoked_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="last time it was shown, to the minute")
