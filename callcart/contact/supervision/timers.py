"""Loans that are over go back by themselves: one loop over all tenants, led by one process. Each is ended in a transaction of its own as its
tenant, which tests again.
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import structlog

from callcart.contact.routing import public as routing
from callcart.core.errors import AppError
from callcart.core.leader import lead

LEADER = 7104
EVERY_SECONDS = 0.5

log = structlog.get_logger(__name__)

_DUE = "SELECT tenant_id, staff_id FROM supervision_loan WHERE ended_at IS NULL AND until <= now() ORDER BY until LIMIT 200"


def run_timers(stop: threading.Event) -> None:
    """The loop, until told to stop. Any number of processes may run it."""
    lead("supervision.timers", LEADER, EVERY_SECONDS, run_once, stop)


def run_once(connection: psycopg.Connection[Any]) -> int:
    """One round; how many loans were over."""
    due = connection.execute(_DUE).fetchall()
    for tenant_id, staff_id in due:
        try:
            routing.act(tenant_id, "supervision_loan_over(%s::int, %s::uuid)", (tenant_id, staff_id))
        except AppError as error:  # busy, or no agent any more: tried again
            log.warning("supervision.timer", tenant=tenant_id, code=error.code)
    return len(due)
