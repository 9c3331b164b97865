"""Where programs are told, and what they are told. The secret is sealed; a delivery keeps the very bytes that are sent.

An endpoint is `on`; `off` by a person, and then nothing is kept for it; or `stopped` because a delivery was given up: then what
happens is kept until somebody lets it go on.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.tenancy import TenantModel

SEALED_WITH = "webhooks"
"""The installation's secret that the endpoints' are sealed with."""


class EndpointState(StrEnum):
    ON = "on"
    OFF = "off"
    STOPPED = "stopped"


class DeliveryState(StrEnum):
    """waiting → delivered; waiting → dead, which somebody may send again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class Endpoint(TenantModel):
    """An address of a program. `sending_until`: a worker is at it until then at the latest."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.TextField()
    url = models.TextField()
    kinds = ArrayField(models.TextField(), default=list)
    secret = models.TextField(help_text="sealed")
    state = models.TextField(default=EndpointState.ON, choices=[(s, s) for s in EndpointState])
    sending_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by_name = models.TextField(blank=True, default="")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "name"], name="webhooks_endpoint_name"),
            models.CheckConstraint(condition=Q(state__in=[*EndpointState]), name="webhooks_endpoint_state"),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(TenantModel):
    """One event for one endpoint. `next_at` is when to try (again); `status` the last answer's, none where there was none."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    event_id = models.BigIntegerField()
    kind = models.TextField()
    body = models.TextField()
    state = models.TextField(default=DeliveryState.WAITING, choices=[(s, s) for s in DeliveryState])
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.IntegerField(null=True, blank=True)
    failure = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event_id"], name="webhooks_delivery_once"),
            models.CheckConstraint(condition=Q(state__in=[*DeliveryState]), name="webhooks_delivery_state"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "event_id"],
                condition=Q(state="waiting"),
                name="webhooks_delivery_waiting",
            ),
            models.Index(fields=["tenant_id", "endpoint", "-id"], name="webhooks_delivery_newest"),
            models.Index(fields=["made_at"], name="webhooks_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
