"""Tables of surveys: the questions, when a queue asks them, who was asked, and each answer as it came.

A conversation is asked about once. What was asked is kept with the asking, so that a changed survey changes no result.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from callcart.core import ids
from callcart.core.language import Named
from callcart.core.models import ClockTimestamp
from callcart.core.tenancy import TenantModel

MOST_QUESTIONS = 3
SCORES = (1, 5)


class AfterCall(StrEnum):
    """When callers are asked: never, when the agent passes them on to it, or also whenever he hangs up first."""

    NEVER = "never"
    ASKED = "asked"
    ALWAYS = "always"


class Survey(Named, TenantModel):
    """Up to three questions, each in both languages, answered by a number from 1 to 5."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    questions = models.JSONField(default=list, help_text="each its words by language")
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="survey_name_once")]

    def __str__(self) -> str:
        return str(self.id)


class Rule(TenantModel):
    """When the customers of a queue are asked, and what. Without one they are not."""

    queue_id = models.UUIDField(primary_key=True, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+")
    calls = models.TextField(default=AfterCall.ASKED)
    chats = models.BooleanField(default=False)
    mails = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(calls__in=[str(each) for each in AfterCall]), name="survey_rule_calls"
            )
        ]

    def __str__(self) -> str:
        return str(self.queue_id)


class Asked(TenantModel):
    """One customer asked about one conversation. `total` and `count` are of the answers so far."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    conversation_id = models.UUIDField()
    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="+", db_index=False)
    questions = models.JSONField(default=list, help_text="as they were")
    language = models.TextField(default="en")
    channel = models.TextField()
    queue_id = models.UUIDField(null=True)
    agent_id = models.UUIDField(null=True)
    customer_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(db_default=ClockTimestamp())
    answered_at = models.DateTimeField(null=True, help_text="the first answer")
    total = models.SmallIntegerField(default=0, db_default=0)
    count = models.SmallIntegerField(default=0, db_default=0)
    words = models.TextField(blank=True, default="", db_default="", help_text="what was written besides")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "conversation_id"], name="survey_asked_once"),
            models.CheckConstraint(
                condition=Q(count__range=(0, MOST_QUESTIONS))
                & Q(total__gte=F("count") * SCORES[0])
                & Q(total__lte=F("count") * SCORES[1]),
                name="survey_asked_sane",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", *fields, "-answered_at", "-id"],
                condition=Q(answered_at__isnull=False),
                name=name,
            )
            for fields, name in (
                ((), "survey_by_time"),
                (("queue_id",), "survey_by_queue"),
                (("agent_id",), "survey_by_agent"),
                (("channel",), "survey_by_channel"),
            )
        ] + [models.Index(fields=["tenant_id", "asked_at"], name="survey_asked_time")]

    def __str__(self) -> str:
        return str(self.id)


class Answer(TenantModel):
    """One question answered. `place`: 0 for the first."""

    id = models.BigAutoField(primary_key=True)
    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, related_name="answers", db_index=False)
    place = models.SmallIntegerField()
    score = models.SmallIntegerField()
    at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asked", "place"], name="survey_answer_once"),
            models.CheckConstraint(
                condition=Q(score__range=SCORES, place__range=(0, MOST_QUESTIONS - 1)),
                name="survey_answer_sane",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
