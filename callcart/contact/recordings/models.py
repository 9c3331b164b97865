"""Tables of recordings: data keys, and one row for each kept sound with all that it is found by.

What is copied here from the conversation (customer, disposition, who had it) is copied so that every usual filter has an index
in the order of time; `handlers.py` keeps it true. Sound itself is a sealed file.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.models import ClockTimestamp
from callcart.core.search import SearchMixin
from callcart.core.tenancy import TenantModel


class DataKey(TenantModel):
    """A key that files of this tenant are sealed with, itself wrapped by a key of the installation."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    name = models.TextField(help_text="as it stands in the headers of files: 32 hex digits")
    wrapped = models.BinaryField()
    wrapped_by = models.TextField(help_text="fingerprint of the installation's key")
    made_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True, help_text="nothing new is sealed with it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="recordings_key_name")]


class LengthClass(models.IntegerChoices):
    """How long, roughly: what a filter by length has an index for."""

    UNDER_30_S = 0
    UNDER_2_MIN = 1
    UNDER_10_MIN = 2
    UNDER_30_MIN = 3
    LONGER = 4


def _newest_first(*fields: str, name: str, condition: Q | None = None) -> models.Index:
    return models.Index(
        fields=["tenant_id", *fields, "-started_at", "-recording_id"], name=name, condition=condition
    )


class Sound(TenantModel):
    """One kept recording. `recording_id` and `conversation_id` are rows of conversations."""

    recording_id = models.UUIDField(primary_key=True, editable=False)
    conversation_id = models.UUIDField()
    number = models.TextField(help_text="the conversation's")
    started_at = models.DateTimeField()
    duration_ms = models.IntegerField()
    length_class = models.SmallIntegerField(choices=LengthClass)
    channels = models.SmallIntegerField(default=1, help_text="2: the caller left, the agent right")
    peaks_left = models.BinaryField(default=b"", help_text="loudness 0-100 of evenly spread stretches")
    peaks_right = models.BinaryField(default=b"")
    channel = models.TextField()
    direction = models.TextField()
    agent_id = models.UUIDField(null=True)
    queue_id = models.UUIDField(null=True)
    customer_id = models.UUIDField(null=True)
    disposition_id = models.UUIDField(null=True)
    caller_e164 = models.TextField(blank=True, default="")
    held = models.BooleanField(default=False, help_text="the customer was put on hold")
    comments = models.IntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True, help_text="to be deleted from then on; empty: kept for ever")
    legal_hold = models.BooleanField(default=False, db_default=False, help_text="kept whatever the rules say")
    deleted_at = models.DateTimeField(null=True, help_text="its sound is gone since")
    deleted_rule = models.TextField(blank=True, default="", db_default="", help_text="by which rule")
    size = models.BigIntegerField(default=0, help_text="bytes of the file as it is heard")
    sealed_with = models.TextField(
        blank=True, default="", help_text="name of the data key; empty: not sealed yet"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_ms__gte=0, comments__gte=0, channels__in=[1, 2]),
                name="recordings_sound_sane",
            )
        ]
        indexes = [
            _newest_first(name="recordings_by_time"),
            _newest_first("agent_id", name="recordings_by_agent"),
            _newest_first("queue_id", name="recordings_by_queue"),
            _newest_first("customer_id", name="recordings_by_customer"),
            _newest_first("disposition_id", name="recordings_by_disposition"),
            _newest_first("length_class", name="recordings_by_length"),
            _newest_first("channel", "direction", name="recordings_by_channel"),
            _newest_first("caller_e164", name="recordings_by_number", condition=~Q(caller_e164="")),
            _newest_first(name="recordings_commented", condition=Q(comments__gt=0)),
            _newest_first(name="recordings_on_hold", condition=Q(held=True)),
            _newest_first(name="recordings_legal_hold", condition=Q(legal_hold=True)),
            _newest_first(name="recordings_deleted", condition=Q(deleted_at__isnull=False)),
            models.Index(
                fields=["tenant_id", "due_at"],
                name="recordings_due",
                condition=Q(due_at__isnull=False, legal_hold=False, deleted_at__isnull=True),
            ),
            models.Index(fields=["tenant_id", "number"], name="recordings_of_number"),
            models.Index(fields=["conversation_id"], name="recordings_of_conversation"),
            models.Index(fields=["tenant_id", "sealed_with"], name="recordings_by_key"),
        ]

    @property
    def sides(self) -> list[list[int]]:
        """Loudness of each side, the caller's first."""
        return [list(bytes(side)) for side in (self.peaks_left, self.peaks_right)[: self.channels]]

    @property
    def peaks(self) -> list[int]:
        """The louder of both sides."""
        return [max(both) for both in zip(*self.sides, strict=False)]


class Comment(TenantModel):
    """What somebody says about a second of a recording."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    recording_id = models.UUIDField()
    at_ms = models.IntegerField()
    text = models.TextField()
    staff_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=ClockTimestamp())
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(at_ms__gte=0), name="recordings_comment_at")]
        indexes = [models.Index(fields=["recording_id", "at_ms", "id"], name="recordings_comments_of")]


class RetentionRule(TenantModel):
    """For how many days recordings are kept; a condition that is empty fits all. The one with none is the shop's own default."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    days = models.IntegerField()
    queue_id = models.UUIDField(null=True)
    channel = models.TextField(blank=True, default="")
    disposition_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField(db_default=ClockTimestamp())
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=36_500), name="recordings_rule_days"),
            models.UniqueConstraint(
                fields=["tenant_id", "queue_id", "channel", "disposition_id"],
                nulls_distinct=False,
                name="recordings_rule_once",
            ),
        ]


class LegalHold(TenantModel):
    """A recording that may not be deleted: who said so and why, and who lifted it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    recording_id = models.UUIDField()
    reason = models.TextField()
    placed_by = models.UUIDField(null=True)
    placed_at = models.DateTimeField(db_default=ClockTimestamp())
    lifted_by = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recording_id"], condition=Q(lifted_at__isnull=True), name="recordings_hold_one"
            )
        ]


class Transcript(TenantModel):
    """That what was said in a recording was written down, by which engine."""

    recording_id = models.UUIDField(primary_key=True, editable=False)
    engine = models.TextField()
    language = models.TextField()
    made_at = models.DateTimeField(db_default=ClockTimestamp())


class Passage(SearchMixin):
    """What one side said up to a pause. `words`: [text, begins, ends], in milliseconds."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    recording_id = models.UUIDField()
    side = models.SmallIntegerField()
    at_ms = models.IntegerField()
    end_ms = models.IntegerField()
    text = models.TextField()
    words = models.JSONField(default=list)

    class Meta(SearchMixin.Meta):
        indexes = [
            *SearchMixin.Meta.indexes,
            models.Index(fields=["recording_id", "at_ms"], name="recordings_passages_of"),
        ]


class Trouble(TenantModel):
    """Sound that could not be kept for now (a full disk): since when, why, and when it was tried last. One row, gone with the
    trouble."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    reason = models.TextField()
    since = models.DateTimeField(db_default=ClockTimestamp())
    last_at = models.DateTimeField(db_default=ClockTimestamp())
    times = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id"], name="recordings_trouble_one")]
