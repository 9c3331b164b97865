"""Background work of supply: what is low is counted again, and what events may have missed is made up for. Each may run twice."""

from __future__ import annotations

import psycopg

from callcart.commerce.supply import low
from callcart.commerce.supply.holds import expire_job, serve_job
from callcart.commerce.supply.models import ArrivalNotice, NoticeState
from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.database import parameters, raw
from callcart.core.tenancy import tenant_transaction

_SHOPS = "SELECT id FROM tenants_tenant WHERE is_active"
_WAITING = "SELECT DISTINCT tenant_id FROM supply_arrivalnotice WHERE state IN ('waiting', 'told')"
_FREE = """
SELECT DISTINCT n.variant_id FROM supply_arrivalnotice n
  JOIN inventory_stock s ON s.variant_id = n.variant_id AND s.on_hand > s.allocated
  JOIN inventory_warehouse w ON w.id = s.warehouse_id AND w.is_active
 WHERE n.state = 'waiting'"""


@jobs.periodic(cron="*/5 * * * *")
def sweep_notices() -> None:
    """Every five minutes: shops in which somebody waits look whether goods are free, and whose time is over."""
    for tenant_id in _tenants(_WAITING):
        with tenant_transaction(tenant_id):
            jobs.defer(sweep)


@jobs.periodic(cron="*/10 * * * *")
def count_moved() -> None:
    """Every ten minutes: what moved is counted again."""
    for tenant_id in _tenants(_SHOPS):
        with tenant_transaction(tenant_id):
            jobs.defer(count)


@jobs.periodic(cron="40 2 * * *")
def count_all() -> None:
    """Every night: sales that left the window change the list without anything moving."""
    for tenant_id in _tenants(_SHOPS):
        with tenant_transaction(tenant_id):
            jobs.defer(count, whole=True)


def _tenants(statement: str) -> list[int]:
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        return [int(row[0]) for row in connection.execute(statement.encode())]


@jobs.job(queue="default", retry=3)
def sweep() -> None:
    """Holds that are over end, queues of what is free are served; a transaction for each."""
    over = ArrivalNotice.objects.filter(state=NoticeState.TOLD, held_until__lte=now())
    for notice_id in over.values_list("id", flat=True):
        jobs.defer(expire_job, notice_id=str(notice_id))
    for row in raw.all(_FREE):
        jobs.defer(serve_job, variant_id=str(row[0]))


@jobs.job(queue="default", retry=3)
def count(*, whole: bool = False) -> None:
    """Count what is low: what moved, or all."""
    if whole:
        low.count_low()
    else:
        low.count_moved()
