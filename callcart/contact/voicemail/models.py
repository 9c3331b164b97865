"""Tables of voicemail: how each queue takes messages, and each message from the tone on.

A message's id is the name of the file it is spoken into and of the conversation it becomes, so each step may be done again
without doing it twice. Queues, calls and conversations are known by their ids only.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from callcart.contact.voicemail.states import VoicemailState
from callcart.core import ids
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel

LENGTHS = (10, 600)  # seconds a message may last
SILENCES = (2, 30)  # seconds of silence that end it


class Box(TenantModel):
    """How a queue takes messages. Without one it takes them as shipped, for itself."""

    queue_id = models.UUIDField(primary_key=True, editable=False)
    text = models.TextField(blank=True, default="", help_text="greeting; empty: as shipped")
    text_zh = models.TextField(blank=True, default="")
    most_s = models.SmallIntegerField(default=120)
    silence_s = models.SmallIntegerField(default=5)
    to_queue_id = models.UUIDField(null=True, help_text="who gets the messages; empty: this queue")
    is_on = models.BooleanField(default=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(most_s__range=LENGTHS, silence_s__range=SILENCES), name="voicemail_box_seconds"
            ),
            models.CheckConstraint(
                condition=Q(to_queue_id=None) | ~Q(to_queue_id=F("queue_id")), name="voicemail_box_elsewhere"
            ),
        ]

    def __str__(self) -> str:
        return str(self.queue_id)


class Voicemail(TenantModel):
    """One message. `until`: nobody speaks into it any more after that."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    call_id = models.UUIDField(help_text="the conversation of the call")
    queue_id = models.UUIDField(help_text="who gets it")
    state = models.TextField(default=VoicemailState.TAKING, db_default=VoicemailState.TAKING)
    most_s = models.SmallIntegerField()
    silence_s = models.SmallIntegerField()
    began_at = models.DateTimeField(db_default=ClockTimestamp())
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="the caller had done, as far as the flow was told")
    duration_ms = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[str(each) for each in VoicemailState]), name="voicemail_state"
            ),
            models.UniqueConstraint(
                fields=["call_id"], condition=Q(state=VoicemailState.TAKING), name="voicemail_one_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["call_id"], name="voicemail_of_call"),
            models.Index(fields=["until"], condition=Q(state=VoicemailState.TAKING), name="voicemail_open"),
            models.Index(
                fields=["tenant_id", "-began_at", "-id"],
                condition=Q(state=VoicemailState.KEPT),
                name="voicemail_by_time",
            ),
            models.Index(
                fields=["queue_id", "-began_at", "-id"],
                condition=Q(state=VoicemailState.KEPT),
                name="voicemail_by_queue",
            ),
        ]

    @property
    def file_name(self) -> str:
        return f"{FILES}{self.id}"

    def __str__(self) -> str:
        return str(self.id)


FILES = "message-"  # before the id, in the folder of what the telephone engine writes
