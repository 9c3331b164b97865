"""The directory: which shop a host name or a service number belongs to, and how that shop is set up.

These tables are read before a tenant is known, so they carry no row-level security for reading and hold no
secrets; `functions.sql` lets the application change only the rows of the tenant it acts for.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.language import Named


class Tenant(Named, models.Model):
    """One shop with its call centre."""

    id = models.AutoField(primary_key=True)
    slug = models.TextField(unique=True)
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    currency = models.TextField()
    timezone = models.TextField()
    language = models.TextField(default="en")
    country = models.TextField()
    settings = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table_comment = "directory"

    def __str__(self) -> str:
        return self.slug


class Host(models.Model):
    """A host name people reach a tenant by."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="hosts")
    host = models.TextField(unique=True)

    class Meta:
        db_table_comment = "directory"

    def __str__(self) -> str:
        return self.host


class ServiceNumber(Named, models.Model):
    """A number customers dial (DNIS), the queue it leads to, and the prompt that greets."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="service_numbers")
    number = models.TextField(unique=True)  # E.164
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    queue_id = models.UUIDField(null=True, blank=True)
    greeting = models.TextField(blank=True, default="")  # name of a prompt; empty: the tenant's greeting
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table_comment = "directory"

    def __str__(self) -> str:
        return self.number
