"""A shop's accounts with payment providers. What is secret of their keys is sealed with a key of this installation."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.tenancy import TenantModel


class GatewayAccount(TenantModel):
    """One provider as this shop has set it up. `values` may be shown, `sealed` never is; `tested_at` and `test_failure` tell of
    the last trial of the connection."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    provider = models.TextField()
    is_on = models.BooleanField(default=False)
    sandbox = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    values = models.JSONField(default=dict)
    sealed = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField(db_default=Now())
    changed_by_name = models.TextField(blank=True, default="")
    tested_at = models.DateTimeField(null=True)
    test_failure = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "provider"], name="payments_gatewayaccount_once"),
        ]
