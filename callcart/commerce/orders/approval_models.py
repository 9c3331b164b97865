"""What approval knows beside the orders: receivers to be careful with, and the shop's own rules."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.tenancy import TenantModel


class ReceiverKind(StrEnum):
    PHONE = "phone"
    ADDRESS = "address"


class DoubtfulReceiver(TenantModel):
    """A telephone number (E.164) or an address whose orders an approver looks at. `key` is what is compared, `value` what was
    written."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField(choices=[(k, k) for k in ReceiverKind])
    key = models.TextField()
    value = models.TextField()
    note = models.TextField(blank=True, default="")
    added_by = models.TextField(blank=True, default="")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "kind", "key"], name="orders_doubtful_once"),
            models.CheckConstraint(condition=Q(kind__in=["phone", "address"]), name="orders_doubtful_kind"),
        ]


class ApprovalRules(TenantModel):
    """One row a shop: what is flagged, and what is approved by itself. Amounts are minor units of the shop's currency; zero
    switches a rule off."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    large_minor = models.BigIntegerField(default=0, help_text="orders above it are flagged")
    first_cod_minor = models.BigIntegerField(default=0, help_text="first orders paid at the door above it")
    refusals = models.IntegerField(default=1, help_text="so many parcels refused at the door")
    duplicate_hours = models.IntegerField(default=24)
    auto_approve = models.BooleanField(default=False)
    auto_below_minor = models.BigIntegerField(default=0)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="orders_rules_one"),
            models.CheckConstraint(
                condition=Q(
                    large_minor__gte=0, first_cod_minor__gte=0, auto_below_minor__gte=0, refusals__gte=0
                ),
                name="orders_rules_amounts",
            ),
        ]
