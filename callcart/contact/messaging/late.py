"""A word that comes in at the very moment in which its conversation is ended: nobody has read it, so it goes on in a new one, for the same
agent first. Whoever writes a moment later has a new conversation anyway.
"""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import (
    ConversationState,
    heard,
    link,
    locked,
    open_conversation,
)
from callcart.contact.messaging import queueing
from callcart.contact.messaging.models import Message, Visitor
from callcart.contact.messaging.states import Author
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.tenancy import tenant_transaction

_ENDED = (ConversationState.CLOSED, ConversationState.WRAP_UP)


def carry_on(tenant_id: int, conversation_id: UUID, *, after: int) -> UUID | None:
    """Where what the customer said after a place goes on; None where there is nothing of that, or the conversation has not ended. Outside
    of any transaction."""
    with tenant_transaction(tenant_id):
        row = locked(conversation_id)
        late = Message.objects.filter(
            conversation_id=conversation_id, place__gt=after, author=Author.CUSTOMER
        )
        if row.state not in _ENDED or row.heard_at is None or not late.exists():
            return None
        made = open_conversation(
            Actor.system(tenant_id),
            channel=row.channel,
            caller_e164=row.caller_e164,
            language=row.language,
            customer_id=row.customer_id,
            peer=row.peer,
            title=row.title,
            owner_id=row.owner_id,
        )
        late.update(conversation_id=made.id)
        Visitor.objects.filter(conversation_id=conversation_id).update(conversation_id=made.id)
        Conversation.objects.filter(id=conversation_id).update(heard_at=None)
        Conversation.objects.filter(id=made.id).update(queue_id=row.queue_id)
        link(made.id, "conversation", conversation_id)
        heard(locked(made.id), now())
    queueing.enqueue(tenant_id, made.id)
    return made.id
