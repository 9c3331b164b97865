"""What comes in becomes a message of a conversation. It is kept before the other side is told that we have it, once however often
it is given, and the customer begins to wait for an answer in the same transaction. The queue follows after the commit; whoever
dies in between is made up for by `timers`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import (
    ConversationState,
    EndReason,
    close_conversation,
    heard,
    link,
    locked,
    open_conversation,
)
from callcart.contact.messaging import attach, queueing, threads
from callcart.contact.messaging import stopping as stopping_words
from callcart.contact.messaging.models import Arrival, Line, Message, Visitor
from callcart.contact.messaging.states import ArrivalState, Author, DeliveryState, MessageKind
from callcart.contact.messaging.transport import Incoming
from callcart.core import events, throttle
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.ids import new_id
from callcart.core.text import clean, mask_cards
from callcart.people.customers.public import Customer, get_customer, sole_customer
from callcart.people.tenants.public import get_tenant, settings_of

MOST_TEXT = 100_000  # characters of one message; the rest is left out and said so
MOST_HTML = 500_000
OFTEN = 20  # messages of one address within QUARTER: a machine, or two that answer one another
QUARTER = timedelta(minutes=15)
BOUNCES_AN_HOUR = 5  # of mail that is none of ours, as far as we know: somebody sends in our name, and they come by the thousand

# By hand, as all that happens with every word of every chat. No row where it is there already.
_ARRIVED = """
INSERT INTO messaging_arrival (tenant_id, line_id, external_id, state, file_key, size, tries, words, message_id)
VALUES (%s, %s::uuid, %s, 'filed', '', %s, 0, '', %s::uuid) ON CONFLICT (line_id, external_id) DO NOTHING RETURNING id"""
_ADD = "SELECT messaging_add(%s::jsonb, %s)"
_BLOCKED = "SELECT 1 FROM messaging_blockedpeer WHERE channel = %s AND peer = %s"


def receive(line: Line, incoming: Incoming) -> Message | None:
    """Keep a message in the transaction in hand; None where it is here already. Never raises for what is in it."""
    external_id = incoming.external_id[:500]
    message_id = new_id()
    if raw.one_prepared(_ARRIVED, (line.tenant_id, line.id, external_id, len(incoming.text), message_id)):
        return _filed(line, incoming, message_id)
    arrival = Arrival.objects.get(line=line, external_id=external_id)
    return file(line, arrival, incoming) if arrival.state == ArrivalState.RECEIVED else None


def file(line: Line, arrival: Arrival, incoming: Incoming) -> Message:
    """Make a message of what arrived, in the conversation it belongs to or in a new one."""
    message = _filed(line, incoming, new_id())
    Arrival.objects.filter(id=arrival.id).update(
        state=ArrivalState.FILED, message_id=message.id, words="", tries=arrival.tries
    )
    return message


def _filed(line: Line, incoming: Incoming, message_id: UUID) -> Message:
    conversation = _conversation(line, incoming)
    stopping = stopping_words.heed(line, incoming.peer, incoming.text, conversation.language)
    if stopping == "stopped" and stopping_words.calls_nobody(incoming.text):
        incoming = replace(incoming, automatic=True)  # an answer is what they do not want
    message = _write(line, conversation, incoming, message_id)
    if stopping:
        stopping_words.note(line.tenant_id, conversation.id, conversation.customer_id, stopping)
    if conversation.state != ConversationState.CLOSED and _calls_for_an_answer(line, incoming):
        heard(conversation, now())
        if conversation.state in queueing.FROM:
            transaction.on_commit(lambda: queueing.enqueue(line.tenant_id, conversation.id))
    elif conversation.state == ConversationState.NEW:
        close_conversation(Actor.system(line.tenant_id), conversation.id, reason=_why_closed(line, incoming))
    return message


def add_message(
    conversation: Conversation, line: Line, *, delivery: DeliveryState | None = None, **values: object
) -> Message:
    """Add a message at the next place of a conversation whose row is locked, with its step on the path, and tell the screens. One of
    ours has a `delivery`."""
    message = Message(conversation_id=conversation.id, line=line, at=now(), **values)
    row = {each.attname: getattr(message, each.attname) for each in Message._meta.concrete_fields}
    added = raw.one_prepared(_ADD, (json.dumps(row, default=_plain), delivery))
    assert added is not None
    message.place, message._state.adding = added[0], False
    events.emit(
        "message.added",
        subject=("conversation", conversation.id),
        staff_id=conversation.agent_id or conversation.owner_id,
        data={"conversation_id": conversation.id, "message_id": message.id, "author": message.author},
    )
    return message


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _customer(line: Line, incoming: Incoming) -> Customer | None:
    match line.channel:
        case "mail":
            return sole_customer(email=incoming.peer)
        case "sms":
            return sole_customer(e164=incoming.peer)
    signed_in = Visitor.objects.filter(id=UUID(incoming.peer)).values_list("customer_id", flat=True).first()
    return get_customer(signed_in) if signed_in is not None else None


def _conversation(line: Line, incoming: Incoming) -> Conversation:
    """The conversation it belongs to, locked; a new one where there is none, or where it has ended."""
    found = threads.find(line, incoming)
    if found is not None and found.state != ConversationState.CLOSED:
        return found
    return _open(line, incoming, follows=found)


def _open(line: Line, incoming: Incoming, *, follows: Conversation | None) -> Conversation:
    customer = _customer(line, incoming)
    known = customer.id if customer is not None else None
    # Whoever was sent a mail of ours can answer it, and is not its customer for that.
    if known is None and follows is not None and follows.peer == incoming.peer:
        known = follows.customer_id
    conversation = open_conversation(
        Actor.system(line.tenant_id),
        channel=line.channel,
        caller_e164=incoming.peer if line.channel == "sms" else "",
        language=_language(line, incoming, customer),
        customer_id=known,
        peer=incoming.peer,
        title=clean(incoming.subject)[:300],
        owner_id=follows.owner_id if follows is not None else None,
    )
    if follows is not None:
        link(conversation.id, "conversation", follows.id)
    return locked(conversation.id)


def _language(line: Line, incoming: Incoming, customer: Customer | None) -> str:
    said = customer.language if customer is not None else incoming.language or line.language
    return settings_of(get_tenant()).offered(said)


def _write(line: Line, conversation: Conversation, incoming: Incoming, message_id: UUID) -> Message:
    text, notes = clean(incoming.text), list(incoming.notes)
    if len(text) > MOST_TEXT:
        notes.append(f"text:{len(text)}")
        text = text[:MOST_TEXT]
    html = incoming.html if len(incoming.html) <= MOST_HTML else ""
    kind = MessageKind.TEXT
    if incoming.bounce_of:
        kind = MessageKind.BOUNCE
    elif incoming.automatic:
        kind = MessageKind.AUTOMATIC
    message = add_message(
        conversation,
        line,
        id=message_id,
        author=Author.CUSTOMER,
        kind=kind,
        external_id=incoming.external_id[:500],
        subject=clean(incoming.subject)[:500],
        text=mask_cards(text),
        quoted=mask_cards(clean(incoming.quoted)[:MOST_TEXT]),
        html=mask_cards(html),
        peer=incoming.peer[:320],
        peer_name=clean(incoming.peer_name)[:200],
        others=[clean(each)[:320] for each in incoming.others[:100]],
        notes=notes,
    )
    attach.keep(message, incoming.files)
    return message


def _calls_for_an_answer(line: Line, incoming: Incoming) -> bool:
    """A person is to look at it: not where a machine wrote, nor somebody who was marked as spam, nor what comes so often that two
    machines answer one another. What did not arrive calls for a look."""
    if incoming.bounce_of:
        return _is_of_ours(line, incoming.bounce_of) or _is_one_of_few(line)
    if incoming.automatic or _is_blocked(line, incoming.peer):
        return False
    return not _too_often(line, incoming.peer, now())


def _is_of_ours(line: Line, reference: str) -> bool:
    """Whether we have sent a mail by this name on this line."""
    named = Message.objects.filter(line=line, external_id=reference)
    return named.exclude(author=Author.CUSTOMER).exists()


def _is_one_of_few(line: Line) -> bool:
    """A mail of ours may come back under a name that a server on its way gave it, so some of these are looked at."""
    limit = throttle.Limit("mail.bounces", str(line.id), BOUNCES_AN_HOUR, timedelta(hours=1))
    try:
        throttle.count(line.tenant_id, [limit])
    except throttle.TriedTooOften:
        return False
    return True


def _is_blocked(line: Line, peer: str) -> bool:
    return raw.one_prepared(_BLOCKED, (line.channel, peer)) is not None


def _too_often(line: Line, peer: str, moment: datetime) -> bool:
    if line.channel == "chat":
        return False
    recent = Message.objects.filter(line=line, peer=peer, author=Author.CUSTOMER, at__gt=moment - QUARTER)
    return recent[: OFTEN + 1].count() > OFTEN


def _why_closed(line: Line, incoming: Incoming) -> str:
    return EndReason.SPAM if _is_blocked(line, incoming.peer) else EndReason.AUTOMATIC
