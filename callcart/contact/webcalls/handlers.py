"""What happens to web calls when something else does: their call has ended, or somebody has said who the visitor is."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from callcart.contact.conversations.public import find_conversation, set_customer
from callcart.contact.webcalls.models import WebCall
from callcart.contact.webcalls.wishes import close_if_over
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.tenancy import current_tenant


@events.handler("call.ended")
def on_ended(event: events.Event) -> None:
    """Told at least once; twice changes nothing."""
    call_id = UUID(str(event.data["conversation_id"]))
    row = WebCall.objects.select_for_update().filter(call_id=call_id, ended_at=None).first()
    if row is not None:
        close_if_over(row)


@events.handler("conversation.customer")
def on_customer(event: events.Event) -> None:
    """Chat and call are with the same person: who is known in one is known in the other, where nobody was named there yet."""
    talk_id = UUID(str(event.data["conversation_id"]))
    talk = find_conversation(talk_id)
    if talk is None or talk.customer_id is None:
        return
    rows = WebCall.objects.filter(Q(chat_id=talk_id, call_id__isnull=False) | Q(call_id=talk_id))
    pairs = [(row.chat_id, row.call_id) for row in rows]
    others = {each for pair in pairs for each in pair if each not in (None, talk_id)}
    actor = Actor.system(current_tenant(), "webcalls")
    for other_id in others:
        other = find_conversation(other_id) if other_id is not None else None
        if other is not None and other.customer_id is None:
            set_customer(actor, other.id, talk.customer_id)
