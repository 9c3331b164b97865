"""Forgetting what is past its time: rows of one table by their age, over all tenants, in short transactions. What core itself
keeps is forgotten from here; each domain forgets its own."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import structlog
from psycopg import sql

from callcart.core import feed, idempotency, jobs
from callcart.core.clock import now
from callcart.core.database import delete_in_portions, parameters

log = structlog.get_logger(__name__)

_DELETE = """
DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {column} < %(before)s ORDER BY {column} LIMIT %(portion)s)
"""


def forget_older(table: str, column: str, *, kept: timedelta) -> int:
    """Delete the rows whose moment in `column` lies longer ago than `kept`, in every tenant; how many. The column needs
    an index of its own. Not for use inside a transaction of a tenant."""
    statement = sql.SQL(_DELETE).format(table=sql.Identifier(table), column=sql.Identifier(column))
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        return delete_in_portions(connection, statement, {"before": now() - kept})


@jobs.periodic(cron="17 * * * *")
def forget_events() -> None:
    """Delete events that are past their keeping time, as far as the feed can spare them."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        count = feed.forget_old(connection)
    log.info("events.forgotten", count=count)


@jobs.periodic(cron="47 3 * * *")
def forget_keys() -> None:
    """Delete idempotency keys that are past their keeping time."""
    count = forget_older("core_idempotencykey", "made_at", kept=idempotency.KEPT)
    log.info("keys.forgotten", count=count)
