"""Background work of webhooks: sending, looking for what a dead worker left, forgetting what is old. Each may run twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import psycopg
import structlog

from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.database import parameters
from callcart.core.forget import forget_older
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.engage.webhooks import sending

KEPT = timedelta(days=30)
log = structlog.get_logger(__name__)

_LEFT = """
SELECT e.tenant_id, e.id FROM webhooks_endpoint e
 WHERE e.state = 'on' AND coalesce(e.sending_until, '-infinity') < %s
   AND (SELECT d.next_at FROM webhooks_delivery d WHERE d.endpoint_id = e.id AND d.state = 'waiting'
         ORDER BY d.event_id LIMIT 1) < %s
"""


@jobs.job(queue="webhooks", retry=3, atomic=False)
def send(*, endpoint_id: str) -> None:
    """Send what waits for an endpoint, and come back when the next one is due."""
    again = sending.send_waiting(UUID(endpoint_id))
    if again is not None:
        with tenant_transaction(current_tenant()):
            jobs.defer_in(again, send, endpoint_id=endpoint_id)


@jobs.periodic(cron="* * * * *")
def send_what_was_left() -> None:
    """Every minute: what has been due for one, and nobody is at it."""
    moment = now()
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        left = connection.execute(_LEFT, [moment, moment - timedelta(seconds=60)]).fetchall()
    for tenant_id, endpoint_id in left:
        with tenant_transaction(tenant_id):
            jobs.defer(send, endpoint_id=str(endpoint_id))


@jobs.periodic(cron="43 3 * * *")
def forget_deliveries() -> None:
    """Delete what was to be delivered a month ago, delivered or not."""
    log.info("webhooks.forgotten", count=forget_older("webhooks_delivery", "made_at", kept=KEPT))
