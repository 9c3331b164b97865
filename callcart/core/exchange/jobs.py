"""The work of an import as a background job: one short transaction after the other until there is nothing left to do, so that
a worker may die at any moment and another goes on. Besides, what is kept of old imports is forgotten.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import structlog

from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.database import delete_in_portions, parameters
from callcart.core.exchange import steps

log = structlog.get_logger(__name__)
KEPT = timedelta(days=30)
_AGAIN = 3

_FORGET = """
DELETE FROM exchange_importrow WHERE id IN (
  SELECT r.id FROM exchange_importrow r JOIN exchange_import i ON i.id = r.its_import_id
   WHERE i.ended_at < %(before)s LIMIT %(portion)s)
"""
_FORGET_DONE = _FORGET.replace("exchange_importrow", "exchange_importdone")


def start_work(import_id: UUID) -> None:
    """Have the worker take up an import after this transaction."""
    jobs.defer(work, import_id=str(import_id))


@jobs.job(queue="exchange", retry=5, atomic=False)
def work(*, import_id: str) -> None:
    """Go on with an import until it waits for somebody. One that has to wait for another of its kind is looked at again."""
    try:
        while (said := steps.advance(UUID(import_id))) is steps.Said.MORE:
            pass
    except Exception:
        steps.note_failure(UUID(import_id))
        raise
    if said is steps.Said.WAIT:
        jobs.defer_in(_AGAIN, work, import_id=import_id)


@jobs.periodic(cron="37 2 * * *")
def forget_rows() -> None:
    """Delete what was staged for imports that ended long ago; they can no longer be undone then."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        before = {"before": now() - KEPT}
        count = delete_in_portions(connection, _FORGET, before)
        count += delete_in_portions(connection, _FORGET_DONE, before)
    log.info("imports.forgotten", count=count)
