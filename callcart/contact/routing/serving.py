"""Who serves which queues now, lent ones included; the waiting of a queue. In `tenant_transaction`."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from callcart.core.database import raw

_SERVING = """
SELECT a.staff_id FROM routing_agent a
  JOIN routing_crew c ON c.id = a.crew_id
 WHERE %(queue)s::uuid IS NULL OR EXISTS (
   SELECT 1 FROM routing_profilequeue pq WHERE pq.profile_id = c.profile_id AND pq.queue_id = %(queue)s::uuid)"""
_SERVED = """
SELECT DISTINCT pq.queue_id FROM routing_agent a JOIN routing_crew c ON c.id = a.crew_id
  JOIN routing_profilequeue pq ON pq.profile_id = c.profile_id WHERE a.staff_id = ANY (%s::uuid[])"""
_WAITING = """
SELECT conversation_id FROM routing_ticket WHERE queue_id = %s::uuid AND state = 'waiting' ORDER BY position LIMIT %s"""


def agents_serving(queue_id: UUID | None = None) -> frozenset[UUID]:
    """The agents who serve a queue; without one, all there are."""
    return frozenset(row[0] for row in raw.all(_SERVING, {"queue": queue_id}))


def queues_served(staff_ids: Collection[UUID]) -> frozenset[UUID]:
    """The queues that one of these agents serves, or more of them."""
    return frozenset(row[0] for row in raw.all(_SERVED, (list(staff_ids),)))


def waiting_in(queue_id: UUID, *, limit: int = 1000) -> list[UUID]:
    """The conversations that wait in a queue, in the order of their places."""
    return [row[0] for row in raw.all(_WAITING, (queue_id, limit))]


def queue_of_waiting(conversation_id: UUID) -> UUID | None:
    """The queue a conversation waits in; None where it does not wait."""
    found: UUID | None = raw.value(
        "SELECT queue_id FROM routing_ticket WHERE conversation_id = %s::uuid AND state = 'waiting'",
        (conversation_id,),
    )
    return found
