"""Which tenant this code acts for. The database enforces it: row-level security compares every row of every
tenant-owned table with the setting `callcart.tenant`, which lives exactly as long as the transaction.

Forgetting to set it shows nothing and writes nothing; it never shows too much.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connections, models, transaction

_tenant: ContextVar[int | None] = ContextVar("callcart_tenant", default=None)


class NoTenant(RuntimeError):
    """Code that belongs to a tenant ran without one."""


def current_tenant() -> int:
    """The id of the tenant this code acts for; raises NoTenant outside of one."""
    tenant_id = _tenant.get()
    if tenant_id is None:
        raise NoTenant
    return tenant_id


def current_tenant_or_none() -> int | None:
    return _tenant.get()


@contextmanager
def acting_for(tenant_id: int) -> Iterator[None]:
    """Name the tenant for Python code (ids, defaults) without touching the database."""
    token = _tenant.set(tenant_id)
    try:
        yield
    finally:
        _tenant.reset(token)


@contextmanager
def tenant_transaction(tenant_id: int, *, using: str = "default") -> Iterator[None]:
    """A transaction that sees and writes this tenant's rows only. Nested: a savepoint, and the outer tenant after it."""
    connection = connections[using]
    nested = connection.in_atomic_block
    outer = _tenant.get()
    with acting_for(tenant_id), transaction.atomic(using=using):
        _set_local(using, str(tenant_id))
        yield
        if nested:  # an exception rolls the savepoint back, and this setting with it
            _set_local(using, "" if outer is None else str(outer))


@contextmanager
def tenant_session(tenant_id: int, *, using: str = "default") -> Iterator[None]:
    """For code outside a transaction (provider calls between two commits): each statement commits by itself
    and sees this tenant's rows only. Open `tenant_transaction` inside for what must be one unit."""
    with acting_for(tenant_id), connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('callcart.tenant', %s, false)", [str(tenant_id)])
        try:
            yield
        finally:
            if connections[using].connection is not None and not connections[using].needs_rollback:
                with connections[using].cursor() as last:
                    last.execute("SELECT set_config('callcart.tenant', '', false)")


def _set_local(using: str, value: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('callcart.tenant', %s, true)", [value])


class TenantModel(models.Model):
    """A row that belongs to one tenant."""

    tenant_id = models.IntegerField(default=current_tenant, editable=False)

    class Meta:
        abstract = True
