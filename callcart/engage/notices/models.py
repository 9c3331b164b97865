"""Messages to customers about their orders. A row is written in the transaction of what happened and sent by a job; its text is that
of the moment it was written. Templates and switches are the shop's own where it changed them, else those that ship."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from callcart.core import ids
from callcart.core.tenancy import TenantModel


class Medium(StrEnum):
    SMS = "sms"
    MAIL = "mail"


class Way(StrEnum):
    """How a kind of notice goes: by the first that reaches the customer, by both, or not at all."""

    SMS_FIRST = "sms_first"
    MAIL_FIRST = "mail_first"
    BOTH = "both"
    OFF = "off"


class NoticeState(StrEnum):
    """waiting → sent; waiting → failed → sent (tried again); → dead, which somebody may send again."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DEAD = "dead"


class Notice(TenantModel):
    """One message to one customer. `key` names what happened: the same fact is told once by each medium."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    key = models.TextField()
    kind = models.TextField()
    medium = models.TextField(choices=[(m, m) for m in Medium])
    order_id = models.UUIDField(null=True)
    customer_id = models.UUIDField(null=True)
    language = models.TextField()
    address = models.TextField(help_text="E.164, or a mail address")
    subject = models.TextField(blank=True, default="")
    text = models.TextField()
    parts = models.IntegerField(default=1, help_text="how many SMS it is charged as")
    state = models.TextField(default=NoticeState.WAITING, choices=[(s, s) for s in NoticeState])
    tries = models.IntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "key", "medium"], name="notices_once"),
            models.CheckConstraint(condition=Q(state__in=[*NoticeState]), name="notices_state"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-made_at", "-id"], name="notices_time"),
            models.Index(fields=["tenant_id", "kind", "-made_at", "-id"], name="notices_kind"),
            models.Index(
                fields=["tenant_id", "-made_at", "-id"], condition=~Q(state="sent"), name="notices_unsent"
            ),
            models.Index(
                fields=["tenant_id", "order_id", "id"],
                condition=Q(order_id__isnull=False),
                name="notices_order",
            ),
            models.Index(
                fields=["tenant_id", "customer_id", "-made_at"],
                condition=Q(customer_id__isnull=False),
                name="notices_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.medium} {self.state}"


class Template(TenantModel):
    """A text the shop wrote itself."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField()
    medium = models.TextField(choices=[(m, m) for m in Medium])
    language = models.TextField()
    subject = models.TextField(blank=True, default="")
    body = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "kind", "medium", "language"], name="notices_template_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.medium} {self.language}"


class Switch(TenantModel):
    """How a kind goes in this shop, where it is not as it ships."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField()
    way = models.TextField(choices=[(w, w) for w in Way])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "kind"], name="notices_switch_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.way}"
