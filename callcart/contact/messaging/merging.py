"""Two open conversations of one person on one channel become one: the source ends and is read in the target from then on, where what comes in
for it arrives. Its own path stays as it is. Undone, its messages go on in a conversation of their own. Both are in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import (
    ConversationState,
    EndReason,
    WrongState,
    add_step,
    asleep,
    link,
    locked,
    open_conversation,
    to_handle,
    visible,
)
from callcart.contact.messaging import queueing
from callcart.contact.messaging.models import Delivery, Merge, Message
from callcart.contact.routing import public as routing
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.tenancy import tenant_transaction

CHANNELS = ("mail", "sms")
MOST_SHOWN = 20
_ENDED = (ConversationState.CLOSED, ConversationState.WRAP_UP)


class NotOnePerson(Conflict):
    """These two are not of one person on one channel. Choose the same customer for both first, or link them by a comment."""

    code = "messaging.not_one_person"


class WithSomebody(Conflict):
    """A colleague has this one. Ask for it to be handed over first."""

    code = "messaging.with_somebody"


class HasEnded(Conflict):
    """This conversation has ended already."""

    code = "messaging.has_ended"


class NotMerged(Conflict):
    """This was undone already."""

    code = "messaging.not_merged"


@dataclass(frozen=True, slots=True)
class Other:
    """An open conversation that could be taken into the one on the screen."""

    id: UUID
    number: str
    title: str
    since: datetime


def could_merge(actor: Actor, conversation_id: UUID) -> list[Other]:
    """What else is open of the same person on the same channel, and with no colleague. Raises NotFound, PermissionDenied."""
    row = to_handle(actor, conversation_id)
    if row.channel not in CHANNELS or row.state in _ENDED:
        return []
    same = Q(peer=row.peer)
    if row.customer_id is not None:
        same |= Q(customer_id=row.customer_id)
    found = visible(actor).filter(same, channel=row.channel, closed_at=None).exclude(id=row.id)
    rows = found.order_by("-started_at")[:MOST_SHOWN]
    return [
        Other(each.id, each.number, each.title, each.started_at) for each in rows if not _taken(actor, each)
    ]


def merge(actor: Actor, source_id: UUID, *, into: UUID) -> None:
    """Let a conversation go on in another one. Outside of the request's transaction; twice is once, also where the first try died half-way.
    Raises NotFound, PermissionDenied, NotOnePerson, WithSomebody, HasEnded."""
    actor.require("messaging.write")
    with tenant_transaction(actor.tenant_id):
        for each in (source_id, into):
            to_handle(actor, each)
        rows = {each: locked(each) for each in sorted({source_id, into})}
        source, target = rows[source_id], rows[into]
        if not Merge.objects.filter(source_id=source_id, target_id=into, again_id=None).exists():
            _check(actor, source, target)
            _write(actor, source, target)
    try:
        routing.finish(source_id, reason=EndReason.MERGED, wrap_seconds=0, tenant_id=actor.tenant_id)
    except WrongState:
        return  # ended by the first try


def undo(actor: Actor, source_id: UUID) -> UUID:
    """What was merged goes on in a conversation of its own again, with its messages; its id. Outside of the request's transaction. Raises
    NotFound, PermissionDenied, NotMerged."""
    actor.require("messaging.write")
    with tenant_transaction(actor.tenant_id):
        row = Merge.objects.select_for_update(no_key=True).filter(source_id=source_id).first()
        if row is None:
            raise NotFound
        to_handle(actor, row.target_id)
        if row.again_id is not None:
            raise NotMerged
        again = _go_on(actor, locked(source_id), row)
    queueing.enqueue(actor.tenant_id, again)
    return again


def merged_into(conversation_id: UUID) -> list[Merge]:
    """What goes on in a conversation, oldest first."""
    return list(Merge.objects.filter(target_id=conversation_id, again_id=None).order_by("at")[:MOST_SHOWN])


def _taken(actor: Actor, row: Conversation) -> bool:
    held = row.state in (ConversationState.ACTIVE, ConversationState.OFFERED)
    return held and row.agent_id != actor.id


def _check(actor: Actor, source: Conversation, target: Conversation) -> None:
    if source.id == target.id or source.channel != target.channel or source.channel not in CHANNELS:
        raise NotOnePerson
    known = source.customer_id is not None and source.customer_id == target.customer_id
    if not known and source.peer != target.peer:
        raise NotOnePerson
    if source.state in _ENDED or target.state in _ENDED:
        raise HasEnded
    # One that goes on elsewhere ends a moment later: two that were merged into each other would both be over.
    if Merge.objects.filter(source_id__in=(source.id, target.id)).exists():
        raise HasEnded
    if _taken(actor, source) or _taken(actor, target):
        raise WithSomebody


def _write(actor: Actor, source: Conversation, target: Conversation) -> None:
    Merge.objects.create(
        source_id=source.id, target_id=target.id, channel=source.channel, peer=source.peer, staff_id=actor.id
    )
    waits = [each for each in (source.heard_at, target.heard_at) if each is not None]
    before = {
        "state": source.state,
        "owner": source.owner_id,
        "queue": source.queue_id,
        "heard_at": source.heard_at,
    }
    if waits and target.heard_at != min(waits):
        target.heard_at = min(waits)
        target.wake_at = target.forget_at = None
        target.save(update_fields=["heard_at", "wake_at", "forget_at"])
    for each in source.links.values_list("kind", "object_id"):
        link(target.id, *each)
    asleep(source.id, until=None, forget=now())  # whoever dies before its end leaves that to the timers
    add_step(
        source.id, "merged.into", staff_id=actor.id, data={"id": str(target.id), "number": target.number}
    )
    add_step(
        target.id, "merged.from", staff_id=actor.id, data={"id": str(source.id), "number": source.number}
    )
    audit.record(
        actor,
        "messaging.merge",
        subject=("conversation", target.id),
        before={"conversation": source.id, **before},
        after={"conversation": target.id},
    )
    _tell(target.id)


def _go_on(actor: Actor, source: Conversation, row: Merge) -> UUID:
    made = open_conversation(
        actor,
        channel=source.channel,
        caller_e164=source.caller_e164,
        language=source.language,
        customer_id=source.customer_id,
        peer=source.peer,
        title=source.title,
        owner_id=source.owner_id,
    )
    Message.objects.filter(conversation_id=source.id).update(conversation_id=made.id)
    Delivery.objects.filter(conversation_id=source.id).update(conversation_id=made.id)
    Conversation.objects.filter(id=made.id).update(
        queue_id=source.queue_id, heard_at=now()
    )  # somebody is to look at it
    link(made.id, "conversation", source.id)
    row.again_id = made.id
    row.save(update_fields=["again_id"])
    add_step(
        row.target_id, "merge.undone", staff_id=actor.id, data={"id": str(made.id), "number": made.number}
    )
    audit.record(
        actor,
        "messaging.merge_undone",
        subject=("conversation", row.target_id),
        before={"conversation": source.id},
        after={"conversation": made.id},
    )
    _tell(row.target_id)
    return made.id


def _tell(conversation_id: UUID) -> None:
    events.emit(
        "conversation.tagged",
        subject=("conversation", conversation_id),
        data={"conversation_id": conversation_id},
    )
