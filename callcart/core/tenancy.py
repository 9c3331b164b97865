"""Which tenant this code acts for. The database enforces it: row-level security compares every row of every
tenant-owned table with the setting `callcart.tenant`, which lives exactly as long as the transaction.

Forgetting to set it shows nothing and writes nothing; it never shows too much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from django.db import OperationalError, connections, models, transaction
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

T = TypeVar("T")

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
    if not connections[using].in_atomic_block:
        with acting_for(tenant_id), _begun(connections[using], tenant_id):
            yield
        return
    outer = _tenant.get()
    with acting_for(tenant_id), transaction.atomic(using=using):
        _set_local(using, str(tenant_id))
        yield
        # an exception rolls the savepoint back, and this setting with it
        _set_local(using, "" if outer is None else str(outer))


def _begun(connection: Any, tenant_id: int) -> ExitStack:
    """An outermost transaction of the tenant."""
    return _surely(connection, lambda: _begin(connection, tenant_id))


def _surely(connection: Any, first: Callable[[], T]) -> T:
    """The first message on a connection that is kept open. It may have died meanwhile: nothing was done when that fails, so it is sent
    again on a new one. Asking beforehand would cost every request a round trip."""
    if connection.connection is not None:
        connection.health_check_done = True
        try:
            return first()
        except OperationalError:
            connection.close()
    return first()


def _begin(connection: Any, tenant_id: int) -> ExitStack:
    """BEGIN and the tenant in one message; psycopg sees the transaction open and adds no BEGIN of its own."""
    statement = f"BEGIN; SELECT set_config('callcart.tenant', '{int(tenant_id)}', true)"
    with ExitStack() as stack:
        stack.enter_context(transaction.atomic(using=connection.alias))
        _send(connection, statement)
        return stack.pop_all()


def _send(connection: Any, statement: str) -> None:
    """Without the layers above the driver: it happens around every request."""
    with connection.wrap_database_errors:
        result = connection.connection.pgconn.exec_(statement.encode())
        if connection.connection.closed:
            raise psycopg.OperationalError(result.error_message.decode(errors="replace"))
        if result.status != ExecStatus.TUPLES_OK:
            raise error_from_result(result)


@contextmanager
def tenant_session(tenant_id: int, *, using: str = "default") -> Iterator[None]:
    """For code outside a transaction (provider calls between two commits): each statement commits by itself
    and sees this tenant's rows only. Open `tenant_transaction` inside for what must be one unit."""
    connection = connections[using]
    with acting_for(tenant_id):
        _surely(connection, lambda: _set_for_session(connection, str(int(tenant_id))))
        try:
            yield
        finally:
            if connection.connection is not None and not connection.needs_rollback:
                _set_for_session(connection, "")


def enter(connection: psycopg.Connection[Any], tenant_id: int) -> None:
    """The transaction in hand, on a connection of one's own, is this tenant's."""
    connection.execute("SELECT set_config('callcart.tenant', %s, true)", [str(tenant_id)])


def _set_for_session(connection: Any, value: str) -> None:
    connection.ensure_connection()
    _send(connection, f"SELECT set_config('callcart.tenant', '{value}', false)")


def _set_local(using: str, value: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('callcart.tenant', %s, true)", [value])


class TenantModel(models.Model):
    """A row that belongs to one tenant."""

    tenant_id = models.IntegerField(default=current_tenant, editable=False)

    class Meta:
        abstract = True
