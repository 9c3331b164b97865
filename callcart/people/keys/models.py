"""Keys of other programs, and how often each was used of late.

A key's secret is stored as its SHA-256: it is shown once, when it is made. `grants` are those of roles (see `staff.models`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.tenancy import TenantModel

DEFAULT_PER_MINUTE = 300
MOST_PER_MINUTE = 10_000


class ApiKey(TenantModel):
    """What one program may do. `hint` is the last characters of its secret, so that people can tell two keys apart."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.TextField()
    secret_hash = models.TextField(unique=True)
    hint = models.TextField()
    grants = models.JSONField(default=dict)
    per_minute = models.IntegerField(default=DEFAULT_PER_MINUTE)
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    created_by_name = models.TextField(blank=True, default="")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by_name = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "name"], condition=Q(revoked_at__isnull=True), name="keys_key_name"
            ),
            models.CheckConstraint(
                condition=Q(per_minute__gte=1, per_minute__lte=MOST_PER_MINUTE), name="keys_key_pace"
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "-created_at"], name="keys_key_newest")]

    def __str__(self) -> str:
        return self.name


class KeyUse(TenantModel):
    """One row a key: the minute it was last used in, how often in that minute, and from where. Written outside of the request's
    transaction (`keys_use`), so that a refused request counts too."""

    key_id = models.UUIDField(primary_key=True)
    minute = models.DateTimeField()
    used = models.IntegerField()
    last_at = models.DateTimeField()
    last_from = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["last_at"], name="keys_use_age")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.used}"
