"""Background work on parcels: asking carriers, and watching over what time alone makes late or stuck. Each may run twice."""

from __future__ import annotations

from uuid import UUID

import psycopg

from callcart.commerce.shipping import booking, tracking, troubles
from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.database import parameters
from callcart.core.tenancy import tenant_transaction

__all__ = ["ask_carriers", "booking", "watch_parcels"]

_DUE = "SELECT DISTINCT tenant_id FROM shipping_parcel WHERE poll_at <= %s"
_GOING = "SELECT id FROM tenants_tenant WHERE is_active"


@jobs.periodic(cron="* * * * *")
def ask_carriers() -> None:
    """Every minute: the shops that have parcels to ask about ask."""
    for tenant_id in _tenants(_DUE, [now()]):
        with tenant_transaction(tenant_id):
            jobs.defer(ask)


@jobs.periodic(cron="7,37 * * * *")
def watch_parcels() -> None:
    """Twice an hour: every shop looks for parcels that have become late or stuck."""
    for tenant_id in _tenants(_GOING, []):
        with tenant_transaction(tenant_id):
            jobs.defer(watch)


def _tenants(statement: str, arguments: list[object]) -> list[int]:
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        return [int(row[0]) for row in connection.execute(statement.encode(), arguments)]


@jobs.job(queue="carriers", retry=0, atomic=False)
def ask() -> None:
    """One round of questions to a shop's carriers; what is left is due again in a minute."""
    tracking.poll_due()


@jobs.job(queue="default", retry=3)
def watch(*, after: str = "") -> None:
    """One portion of a shop's parcels; the next portion is a job of its own."""
    last = troubles.watch(after=UUID(after) if after else None)
    if last is not None:
        jobs.defer(watch, after=str(last))
