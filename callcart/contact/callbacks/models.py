"""Tables of callbacks: each call that is owed, and by which rules a queue makes them. Queues, conversations, customers and staff are
known by their ids only. The state is changed by this domain's verbs and functions.sql.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from callcart.contact.callbacks.states import OPEN, State
from callcart.core import ids
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel

_OPEN = Q(state__in=[str(state) for state in OPEN])


class Callback(TenantModel):
    """One number to be called. Of a number and a queue (or, where somebody gave his word, of a number and him) one is open."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    queue_id = models.UUIDField()
    number = models.TextField(help_text="E.164")
    shown = models.TextField(help_text="the shop's own number that the customer sees, E.164")
    language = models.TextField(default="en")
    customer_id = models.UUIDField(null=True)
    source = models.TextField()
    state = models.TextField(default=State.SCHEDULED, db_default=State.SCHEDULED)
    since = models.DateTimeField(help_text="the place in the queue")
    due_at = models.DateTimeField(help_text="when it is to be called, as promised or planned")
    next_at = models.DateTimeField(help_text="scheduled: looked at again then")
    attempts = models.SmallIntegerField(default=0, db_default=0)
    owner_id = models.UUIDField(null=True, help_text="who gave his word")
    conversation_id = models.UUIDField(null=True, help_text="the attempt that waits or is being made")
    came_id = models.UUIDField(null=True, help_text="the call in which the customer came himself")
    calls = ArrayField(models.UUIDField(), default=list, help_text="calls nobody answered that it is for")
    talks = ArrayField(models.UUIDField(), default=list, help_text="attempts made")
    asked_from = models.TextField(blank=True, default="", help_text="the number of who asked for it")
    note = models.TextField(blank=True, default="")
    outcome = models.TextField(blank=True, default="", help_text="what was said at its end")
    made_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in State]), name="callbacks_state_known"
            ),
            models.CheckConstraint(
                condition=(_OPEN & Q(ended_at__isnull=True)) | (~_OPEN & Q(ended_at__isnull=False)),
                name="callbacks_ended",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "number", "queue_id"],
                condition=_OPEN & Q(owner_id__isnull=True),
                name="callbacks_open_once",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "number", "owner_id"],
                condition=_OPEN & Q(owner_id__isnull=False),
                name="callbacks_word_once",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state=State.SCHEDULED), name="callbacks_due"),
            models.Index(
                fields=["tenant_id", "id"],
                condition=Q(state__in=[State.WAITING, State.CALLING, State.HERE]),
                name="callbacks_moving",
            ),
            models.Index(fields=["tenant_id", "number", "-made_at"], name="callbacks_of_number"),
            models.Index(
                fields=["conversation_id"],
                condition=Q(conversation_id__isnull=False),
                name="callbacks_attempt",
            ),
            models.Index(
                fields=["queue_id", "since"],
                condition=_OPEN & Q(owner_id__isnull=True),
                name="callbacks_of_queue",
            ),
            models.Index(
                fields=["owner_id", "due_at"],
                condition=_OPEN & Q(owner_id__isnull=False),
                name="callbacks_of_owner",
            ),
            models.Index(fields=["tenant_id", "-made_at", "-id"], name="callbacks_by_time"),
            models.Index(
                fields=["tenant_id", "-made_at", "-id"], condition=_OPEN, name="callbacks_open_by_time"
            ),
            models.Index(fields=["tenant_id", "state", "-made_at", "-id"], name="callbacks_by_state"),
            models.Index(fields=["tenant_id", "queue_id", "-made_at", "-id"], name="callbacks_by_queue"),
            models.Index(
                fields=["tenant_id", "asked_from", "-made_at"],
                condition=~Q(asked_from=""),
                name="callbacks_of_asker",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class QueueRules(TenantModel):
    """How one queue makes callbacks. A queue without a row offers none and makes none."""

    queue_id = models.UUIDField(primary_key=True)
    offered = models.BooleanField(default=False, help_text="customers may ask for one")
    customer_first = models.BooleanField(default=False)
    attempts = models.SmallIntegerField(default=3)
    minutes_apart = models.SmallIntegerField(default=30)
    abandoned_s = models.IntegerField(
        null=True, help_text="seconds after which one who gave up is called back; empty: never"
    )
    missed = models.BooleanField(
        default=False, help_text="who called out of hours, or found no place, is called back"
    )
    per_day = models.SmallIntegerField(default=3, help_text="callbacks one number may ask for in a day")
    owner_minutes = models.SmallIntegerField(
        default=15, help_text="minutes that a personal one waits for its agent"
    )
    version = models.IntegerField(default=1)
