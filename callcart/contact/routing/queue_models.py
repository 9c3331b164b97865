"""Tables of queues: how each works, and what becomes of those who cannot wait in it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from callcart.contact.routing.states import Instead, Occasion
from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel


class Queue(Named, TenantModel):
    """Where conversations wait. `priority` 0 to 900: a higher queue is always served first."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    priority = models.SmallIntegerField(default=100)
    ring_s = models.SmallIntegerField(default=20, help_text="seconds an offer rings")
    wrap_s = models.SmallIntegerField(default=60, help_text="seconds of wrap-up at most; 0 for none")
    relax_s = models.IntegerField(null=True, help_text="seconds until needed skills are waived; empty: never")
    sticky_s = models.SmallIntegerField(default=20, help_text="seconds a customer waits for his own agent")
    target_s = models.SmallIntegerField(default=20, help_text="seconds to answer within (service level)")
    overflow_s = models.IntegerField(
        null=True, help_text="seconds until another queue's agents are asked too; empty: never"
    )
    overflow_queue = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    level_s = models.IntegerField(
        null=True,
        help_text="seconds until the next level of groups is asked too; empty: all are asked at once",
    )
    urgent_s = models.IntegerField(
        null=True, default=900, db_default=900,
        help_text="seconds after which a caller or chat goes before everything that came later; empty: never",
    )  # fmt: skip
    urgent_written_s = models.IntegerField(
        null=True, default=28_800, db_default=28_800, help_text="the same for mails and SMS"
    )
    max_wait_s = models.IntegerField(
        null=True, default=1800, db_default=1800, help_text="seconds a caller waits at most; empty: for ever"
    )
    max_waiting = models.IntegerField(
        null=True, help_text="how many callers and chats wait at most; empty: any number"
    )
    tier_boost = models.JSONField(
        default=dict, db_default=models.Value({}, models.JSONField()), help_text="priority added by tier"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="routing_queue_code"),
            models.CheckConstraint(
                condition=Q(priority__gte=0, priority__lte=900), name="routing_queue_priority"
            ),
            models.CheckConstraint(
                condition=Q(ring_s__gte=1, ring_s__lte=300, wrap_s__gte=0, wrap_s__lte=3600),
                name="routing_queue_seconds",
            ),
        ]


class QueueRule(TenantModel):
    """What becomes of those who cannot wait in a queue, or not any longer. Where nothing is said, `acd_rule` says what is done."""

    id = models.UUIDField(primary_key=True, default=ids.new_id, editable=False)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="rules", db_index=False)
    occasion = models.TextField()
    action = models.TextField()
    to_queue = models.ForeignKey(
        Queue, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "occasion"], name="routing_rule_once"),
            models.CheckConstraint(
                condition=Q(occasion__in=[str(each) for each in Occasion]), name="routing_rule_occasion"
            ),
            models.CheckConstraint(
                condition=Q(action__in=[str(each) for each in Instead]), name="routing_rule_action"
            ),
        ]
