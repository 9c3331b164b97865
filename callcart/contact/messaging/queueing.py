"""A written conversation begins to wait for a person: in its line's queue, for its owner first where he is at work."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import structlog

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import ConversationState, WrongState, get_conversation
from callcart.contact.messaging.threads import newest_line
from callcart.contact.routing import public as routing
from callcart.contact.routing.others import who_else
from callcart.core.errors import AppError
from callcart.core.tenancy import tenant_transaction

# A spoken message has no line. It is looked at as a mail is: by whoever has room for one, and between calls.
ROUTED_AS = {"voicemail": "mail"}

log = structlog.get_logger(__name__)

# Whoever is further waits already, or is with somebody.
FROM = (ConversationState.NEW, ConversationState.PENDING)


def enqueue(tenant_id: int, conversation_id: UUID, *, not_to: UUID | None = None) -> None:
    """Let it wait, where it does not yet. Outside of any transaction; whatever fails is tried again by the timers. `not_to`: who has just
    given it away is not asked before all others who could take it at once."""
    with tenant_transaction(tenant_id):
        conversation = get_conversation(conversation_id)
        line = newest_line(conversation_id)
        spoken = f"lang:{conversation.language}"
        skills = [each.code for each in routing.skills() if each.code == spoken]
        first = conversation.owner_id or _instead_of(not_to, conversation, skills)
    queue_id = conversation.queue_id or (line.queue_id if line is not None else None)
    if conversation.state not in FROM or queue_id is None:
        return
    wait = partial(
        routing.enqueue,
        tenant_id,
        conversation_id,
        channel=ROUTED_AS.get(conversation.channel, conversation.channel),
        skills=skills,
        sticky_staff_id=first,
    )
    try:
        try:
            wait(queue_id)
        except routing.NoSuchQueue:  # switched off: as with calls, the most general one has what comes for it
            wait(_general(tenant_id))
    except WrongState:
        return  # ended, or taken up, meanwhile
    except AppError as error:
        log.warning("messaging.enqueue", tenant=tenant_id, code=error.code)


def _general(tenant_id: int) -> UUID:
    """Raises NoSuchQueue where no queue is in use."""
    with tenant_transaction(tenant_id):
        found = routing.most_general(routing.queues())
    if found is None:
        raise routing.NoSuchQueue
    return found.id


def _instead_of(giver: UUID | None, conversation: Conversation, skills: list[str]) -> UUID | None:
    if giver is None or conversation.queue_id is None:
        return None
    channel = ROUTED_AS.get(conversation.channel, conversation.channel)
    return who_else(conversation.queue_id, channel, skills=skills, but=giver)
