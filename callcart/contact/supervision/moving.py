"""Moving who waits to another queue, one or all: each keeps the age and the needs he has, and is offered at once where somebody is free.
Outside of the request's transaction.
"""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.public import WrongState
from callcart.contact.routing import public as routing
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, NotFound
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff import public as staff

AT_ONCE = 500
WHY = "supervisor"


class NotWaiting(Conflict):
    """This conversation does not wait any more."""

    code = "supervision.not_waiting"


class SameQueue(Conflict):
    """It waits there already. Choose another queue."""

    code = "supervision.same_queue"


def queues_within(actor: Actor, permission: str) -> frozenset[UUID] | None:
    """The queues within reach of a permission: those that somebody of the team serves; None for all."""
    reached = staff.staff_within(actor, permission)
    return None if reached is None else routing.queues_served(reached)


def move(actor: Actor, conversation_id: UUID, queue_id: UUID) -> None:
    """One who waits goes to another queue. Raises NotWaiting, NoSuchQueue, NotFound (of a queue out of reach)."""
    with tenant_transaction(actor.tenant_id):
        where = routing.queue_of_waiting(conversation_id)
        _within(actor, where, queue_id)
    if where is None:
        raise NotWaiting
    if not _move(actor, conversation_id, queue_id):
        raise NotWaiting
    _note(actor, ("conversation", conversation_id), where, queue_id, 1)


def move_all(actor: Actor, queue_id: UUID, to_queue_id: UUID) -> int:
    """All who wait in a queue now go to another, in the order of their places, 500 at most; how many went. Whoever is offered or gone
    meanwhile stays as he is. Raises SameQueue, NoSuchQueue, NotFound."""
    if queue_id == to_queue_id:
        raise SameQueue
    with tenant_transaction(actor.tenant_id):
        _within(actor, queue_id, to_queue_id)
        waiting = routing.waiting_in(queue_id, limit=AT_ONCE)
    moved = sum(_move(actor, each, to_queue_id) for each in waiting)
    _note(actor, ("queue", queue_id), queue_id, to_queue_id, moved)
    return moved


def _move(actor: Actor, conversation_id: UUID, queue_id: UUID) -> bool:
    try:
        routing.move_waiting(actor, conversation_id, queue_id, why=WHY)
    except WrongState:
        return False
    return True


def _within(actor: Actor, *queues: UUID | None) -> None:
    reached = queues_within(actor, "routing.force")
    for each in queues:
        if each is not None and reached is not None and each not in reached:
            raise NotFound
    routing.queue_in_use(queues[-1])


def _note(actor: Actor, subject: tuple[str, UUID], before: UUID | None, after: UUID, count: int) -> None:
    with tenant_transaction(actor.tenant_id):
        audit.record(
            actor,
            "supervision.move",
            subject=subject,
            before={"queue_id": before},
            after={"queue_id": after, "count": count},
        )
