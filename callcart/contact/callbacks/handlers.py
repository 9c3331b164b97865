"""A call has ended. Answered, nothing is owed to its number any more; unanswered, it becomes a callback by the rules of its queue: one, however
often the customer calls.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from callcart.contact.callbacks.ask import MOST_CALLS, hold, open_one, opening, shown_of, told
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.rules import rules_of
from callcart.contact.callbacks.states import UNANSWERED, Source, State, is_worth_it
from callcart.contact.callbacks.turns import close
from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.voice.outbound import look
from callcart.contact.voice.way import queue_of_call
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.tenancy import current_tenant


@events.handler("call.ended")
def on_ended(event: events.Event) -> None:
    """Told at least once; twice changes nothing."""
    talk = conversations.find_conversation(UUID(str(event.data["conversation_id"])))
    if talk is None or not talk.caller_e164 or talk.ended_at is None:
        return
    actor = Actor.system(current_tenant(), "callbacks")
    if talk.answered_at is not None:
        answered(actor, talk.caller_e164, talk.id, talk.answered_at)
    elif talk.direction == "inbound":
        missed(actor, talk, talk.ended_at)


def answered(actor: Actor, number: str, conversation_id: UUID, at: datetime) -> None:
    """Somebody has talked with this number: calls nobody answered are not owed any more, nor is a promise of the shop whose attempt has
    not begun. An agent's own word is his to end."""
    hold(actor, number)
    rows = Callback.objects.select_for_update().filter(number=number, owner_id=None, since__lt=at)
    for callback in rows.filter(state__in=[State.SCHEDULED, State.WAITING]).exclude(
        conversation_id=conversation_id
    ):
        stopped = raw.value("SELECT callbacks_stop(%s::int, %s::uuid)", (actor.tenant_id, callback.id))
        if stopped:
            callback.refresh_from_db()
            callback.came_id = conversation_id
            close(callback, State.DONE)


def missed(actor: Actor, talk: Conversation, ended_at: datetime) -> None:
    """A call that nobody answered."""
    queue_id = talk.queue_id or queue_of_call(actor.tenant_id, talk.id, talk.language)
    if queue_id is None:
        return
    rules = rules_of(queue_id)
    waited = ended_at - (talk.queued_at or ended_at)
    source = is_worth_it(talk.end_reason, waited, rules.abandoned_s, missed=rules.missed)
    if source is None or not look(actor, talk.caller_e164).may_be_called:
        return
    hold(actor, talk.caller_e164)
    found = open_one(talk.caller_e164, queue_id)
    if found is not None and talk.id in found.calls:
        return  # told twice
    if found is None and _was_made_of(talk):
        return
    _owe(actor, talk, queue_id, source, found)


def _owe(actor: Actor, talk: Conversation, queue_id: UUID, source: Source, found: Callback | None) -> None:
    since = talk.queued_at or talk.started_at
    if found is None:
        due_at = opening(queue_id, now())
        found = Callback(
            queue_id=queue_id, number=talk.caller_e164, shown=shown_of(actor, queue_id, talk.service_number), language=talk.language,
            customer_id=talk.customer_id, source=source, since=since, due_at=due_at, next_at=due_at,
        )  # fmt: skip
    found.calls = [*found.calls, talk.id][-MOST_CALLS:]
    found.since = min(found.since, since)
    found.customer_id = found.customer_id or talk.customer_id
    found.save()
    conversations.add_step(
        talk.id, "callback.owed", data={"callback_id": str(found.id), "source": str(source)}
    )
    told(found)


def _was_made_of(talk: Conversation) -> bool:
    """Whether this very call has led to one already, which is over by now."""
    lately = Callback.objects.filter(number=talk.caller_e164, made_at__gt=now() - timedelta(days=2))
    return lately.filter(source__in=UNANSWERED, calls__contains=[talk.id]).exists()
