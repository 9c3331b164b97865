"""Time passes for written conversations: what was heard and never queued (a process died after the commit) is queued, what sleeps
wakes, what nobody goes on with is closed, what was merged half-way ends, what died while being sent is in doubt, what is of no use any more does not go. One process leads; each thing is done in a
transaction of its own as its tenant, which tests again, so a late or double timer does no harm.
"""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import structlog

from callcart.contact.conversations.public import EndReason
from callcart.contact.messaging import queueing
from callcart.contact.routing import public as routing
from callcart.core.database import raw, sql
from callcart.core.errors import AppError
from callcart.core.leader import lead

LEADER = 7103
EVERY_SECONDS = 1.0
QUEUED_WITHIN = 2  # seconds that whoever heard it has to queue it

log = structlog.get_logger(__name__)

_WAKE = "SELECT messaging_wake(%s::int, %s::uuid)"
_GIVE_UP = "SELECT messaging_give_up(%s::int, %s::bigint)"
_TOO_LATE = "SELECT messaging_too_late(%s::int, %s::bigint)"


def run_timers(stop: threading.Event) -> None:
    """The loop, until told to stop. Any number of processes may run it."""
    lead("messaging.timers", LEADER, EVERY_SECONDS, run_once, stop)


def run_once(connection: psycopg.Connection[Any]) -> int:
    """One round over all tenants; the number of things done."""
    due = connection.execute(sql("callcart.contact.messaging", "due"), {"seconds": QUEUED_WITHIN}).fetchall()
    for kind, tenant_id, conversation_id, delivery_id in due:
        try:
            match kind:
                case "unqueued":
                    queueing.enqueue(tenant_id, conversation_id)
                case "wake":
                    raw.autocommit_one(_WAKE, (tenant_id, conversation_id))
                    queueing.enqueue(tenant_id, conversation_id)
                case "forget" | "merged":
                    reason = EndReason.MERGED if kind == "merged" else EndReason.FORGOTTEN
                    routing.finish(conversation_id, reason=reason, wrap_seconds=0, tenant_id=tenant_id)
                case "dead":
                    raw.autocommit_one(_GIVE_UP, (tenant_id, delivery_id))
                case "late":
                    raw.autocommit_one(_TOO_LATE, (tenant_id, delivery_id))
        except AppError as error:
            log.warning("messaging.timer", kind=kind, tenant=tenant_id, code=error.code)
    return len(due)
