"""A conversation's way through routing: it begins to wait, is offered, answered or not, goes back, ends.

The voice process (and every later channel) calls these, in threads. None of them talks to a telephone.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from callcart.contact.routing.calls import Hit, act, row, tenant_or_current
from callcart.contact.routing.states import OfferState, RoutingChannel
from callcart.core.actor import Actor

_BACK = (OfferState.TIMED_OUT, OfferState.REJECTED, OfferState.UNREACHABLE)


def enqueue(
    tenant_id: int,
    conversation_id: UUID,
    queue_id: UUID,
    *,
    channel: str = "voice",
    skills: Collection[str] = (),
    priority: int = 0,
    sticky_staff_id: UUID | None = None,
    sticky_seconds: int | None = None,
) -> Hit:
    """The conversation waits in a queue from now on; the answer is the offer made at once, or an empty one. `skills` are
    needed (`lang:zh-hans`) until the queue's relaxation time; `priority` is added to the queue's. A sticky agent who is at
    work is waited for alone during `sticky_seconds` (the queue's limit when None). Enqueuing twice is enqueuing once.
    Raises NoSuchQueue, WrongState."""
    return act(
        tenant_id,
        "acd_enqueue(%s::int, %s::uuid, %s::uuid, %s::smallint, %s::text[], %s::int, %s::uuid, %s::int)",
        (
            tenant_id,
            conversation_id,
            queue_id,
            RoutingChannel(channel).number,
            sorted(set(skills)),
            priority,
            sticky_staff_id,
            sticky_seconds,
        ),
    )


def accept(conversation_id: UUID, staff_id: UUID, *, tenant_id: int | None = None) -> bool:
    """The agent answers. False where the offer is not his any more (timed out, or the customer hung up): a race, not an
    error; nothing has changed then."""
    answer = row(
        "SELECT acd_accept(%s::int, %s::uuid, %s::uuid)",
        (tenant_or_current(tenant_id), conversation_id, staff_id),
    )
    return bool(answer[0])


def take(conversation_id: UUID, staff_id: UUID, *, tenant_id: int | None = None) -> bool:
    """An agent takes a written conversation that waits, out of its turn. False where it does not wait any more: somebody was
    quicker. Raises NoRoom, NotAnAgent."""
    statement = "SELECT acd_take(%s::int, %s::uuid, %s::uuid)"
    return bool(row(statement, (tenant_or_current(tenant_id), conversation_id, staff_id))[0])


def finish(
    conversation_id: UUID,
    *,
    reason: str | None = None,
    wrap_seconds: int | None = None,
    tenant_id: int | None = None,
) -> Hit:
    """The talk is over, at whatever moment: in the menu, waiting, ringing, talking. After a talk the agent has wrap-up
    (the queue's limit when `wrap_seconds` is None, 0 for none); else he is free, and the answer is his next offer. `reason`
    None: completed after a talk, abandoned before one. Finishing twice does no harm."""
    tenant = tenant_or_current(tenant_id)
    return act(
        tenant,
        "acd_finish(%s::int, %s::uuid, %s::text, %s::int)",
        (tenant, conversation_id, reason, wrap_seconds),
    )


def unoffer(offer_id: UUID, reason: str, *, tenant_id: int | None = None) -> Hit:
    """The offer comes to nothing: `timed_out` (RONA), `rejected`, `unreachable`. The customer keeps his place, the agent is
    paused with the reason, the answer is the next offer. An offer answered or withdrawn meanwhile stays as it is."""
    if reason not in _BACK:
        raise ValueError(f"not a reason to take an offer back: {reason!r}")
    tenant = tenant_or_current(tenant_id)
    return act(tenant, "acd_unoffer(%s::int, %s::uuid, %s::text)", (tenant, offer_id, reason))


def set_aside(conversation_id: UUID, staff_id: UUID, *, kind: str, tenant_id: int | None = None) -> Hit:
    """A written talk is with nobody until it waits again (`enqueue`); `kind` is the step on its path. Raises WrongState where this
    agent does not have it."""
    tenant = tenant_or_current(tenant_id)
    call = "acd_set_aside(%s::int, %s::uuid, %s::uuid, %s::text, NULL)"
    return act(tenant, call, (tenant, conversation_id, staff_id, kind))


def requeue(conversation_id: UUID, *, reason: str = "agent_lost", tenant_id: int | None = None) -> Hit:
    """A talk lost its agent: the customer is back at his place, the agent paused with the reason, somebody else is sought."""
    tenant = tenant_or_current(tenant_id)
    return act(tenant, "acd_requeue(%s::int, %s::uuid, %s::text)", (tenant, conversation_id, reason))


def move_waiting(actor: Actor, conversation_id: UUID, queue_id: UUID, *, why: str = "moved") -> Hit:
    """One who waits goes to another queue, with the age he has and what he needs; the answer is the offer made at once. Raises
    NoSuchQueue, WrongState (he does not wait). Whoever asks for it answers for his right to."""
    return act(
        actor.tenant_id,
        "acd_move_waiting(%s::int, %s::uuid, %s::uuid, %s::text, %s::uuid)",
        (actor.tenant_id, conversation_id, queue_id, why, actor.id if actor.is_staff else None),
    )


def leave(conversation_id: UUID, occasion: str, action: str, *, tenant_id: int | None = None) -> bool:
    """A caller stops waiting and hears the menu again. False where an agent is about to answer, or he is gone: nothing has changed."""
    statement = "SELECT acd_leave(%s::int, %s::uuid, %s::text, %s::text)"
    return bool(row(statement, (tenant_or_current(tenant_id), conversation_id, occasion, action))[0])
