"""What an agent does with a written conversation besides answering: take it, set it aside, let it sleep, end it, call it spam.
Routing's part runs on a connection of its own after the request's commit, as everywhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations.public import (
    EndReason,
    WrongState,
    add_step,
    asleep,
    given_to,
    locked,
    to_handle,
)
from callcart.contact.messaging import late
from callcart.contact.messaging.models import BlockedPeer, Message
from callcart.contact.messaging.states import Author
from callcart.contact.routing import public as routing
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import Conflict, Invalid
from callcart.core.tenancy import tenant_transaction

FORGET_AFTER = {
    "mail": timedelta(days=14),
    "sms": timedelta(days=3),
    "chat": timedelta(hours=2),
    "voicemail": timedelta(days=14),
}
_HEARD_AFTER = "SELECT 1 FROM messaging_message WHERE conversation_id = %s::uuid AND place > %s::int AND author = %s LIMIT 1"
LONGEST_SLEEP = timedelta(days=366)


class HeardMeanwhile(Conflict):
    """The customer has written meanwhile. Read it first."""

    code = "messaging.heard_meanwhile"


class SomebodyWasQuicker(Conflict):
    """Somebody else has taken this conversation."""

    code = "messaging.taken"


def forgotten_at(channel: str) -> datetime:
    """When a conversation that is set aside now is closed, where nobody writes."""
    return now() + FORGET_AFTER[channel]


def take(actor: Actor, conversation_id: UUID) -> None:
    """Take one that waits, out of its turn. Outside of the request's transaction. Raises NotFound, PermissionDenied,
    SomebodyWasQuicker, NoRoom, NotAnAgent."""
    actor.require("messaging.write")
    actor.require("routing.work")
    with tenant_transaction(actor.tenant_id):
        to_handle(actor, conversation_id)
    if actor.id is None or not routing.take(conversation_id, actor.id, tenant_id=actor.tenant_id):
        raise SomebodyWasQuicker
    with tenant_transaction(actor.tenant_id):
        given_to(conversation_id, actor.id)


def set_aside(
    actor: Actor, conversation_id: UUID, *, seen: int | None = None, until: datetime | None = None
) -> None:
    """One's own conversation: nobody has it until the customer writes, or until then. `seen` is the place of the newest message that
    was on the screen. Outside of the request's transaction. Raises Invalid (until), WrongState, HeardMeanwhile."""
    actor.require("messaging.write")
    if until is not None:
        checked_sleep(until)
    if actor.id is None:
        raise WrongState
    with tenant_transaction(actor.tenant_id):
        channel = to_handle(actor, conversation_id).channel
        if channel not in FORGET_AFTER:
            raise WrongState
        locked(conversation_id)
        if seen is not None and heard_after(conversation_id, seen):
            raise HeardMeanwhile
        asleep(conversation_id, until=until, forget=None if until else forgotten_at(channel))
    kind = "snoozed" if until else "set_aside"
    routing.set_aside(conversation_id, actor.id, kind=kind, tenant_id=actor.tenant_id)


def heard_after(conversation_id: UUID, place: int) -> bool:
    """Whether the customer has written after a place."""
    return raw.one_prepared(_HEARD_AFTER, (conversation_id, place, Author.CUSTOMER)) is not None


def checked_sleep(until: datetime) -> None:
    """Raises Invalid (until) for a moment that is over, or more than a year away."""
    moment = now()
    if not moment < until <= moment + LONGEST_SLEEP:
        raise Invalid(fields={"until": _("Choose a time in the coming year.")})


def finish(
    actor: Actor, conversation_id: UUID, *, reason: str = EndReason.COMPLETED, seen: int | None = None
) -> None:
    """End a written conversation, whether one has it or nobody does. `seen` is the place of the newest message that was on the screen.
    Outside of the request's transaction. A word that comes after it, or as it ends, begins a new one. Raises NotFound, PermissionDenied,
    WrongState, HeardMeanwhile."""
    actor.require("messaging.write")
    with tenant_transaction(actor.tenant_id):
        conversation = to_handle(actor, conversation_id)
        if conversation.channel not in FORGET_AFTER:
            raise WrongState
        locked(conversation_id)
        if seen is not None and heard_after(conversation_id, seen):
            raise HeardMeanwhile
        newest = Message.objects.filter(conversation_id=conversation_id).order_by("-place")
        read = newest.values_list("place", flat=True).first() or 0
        asleep(conversation_id, until=None, forget=None)
        events.emit(
            "conversation.finished",
            subject=("conversation", conversation_id),
            staff_id=actor.id,
            audience="process",
            data={"conversation_id": conversation_id},
        )
    routing.finish(conversation_id, reason=reason, wrap_seconds=0, tenant_id=actor.tenant_id)
    late.carry_on(actor.tenant_id, conversation_id, after=read)


def mark_spam(actor: Actor, conversation_id: UUID) -> None:
    """End it, and let nothing of this address call for an answer again. Outside of the request's transaction."""
    actor.require("messaging.write")
    with tenant_transaction(actor.tenant_id):
        conversation = to_handle(actor, conversation_id)
        locked(conversation_id)
        BlockedPeer.objects.get_or_create(
            channel=conversation.channel, peer=conversation.peer, defaults={"staff_id": actor.id}
        )
        add_step(conversation_id, "spam", staff_id=actor.id)
        audit.record(actor, "messaging.spam", subject=("conversation", conversation_id))
    finish(actor, conversation_id, reason=EndReason.SPAM)


def not_spam(actor: Actor, channel: str, peer: str) -> None:
    """What comes from this address calls for an answer again."""
    actor.require("messaging.write")
    gone, _each = BlockedPeer.objects.filter(channel=channel, peer=peer).delete()
    if gone:
        audit.record(actor, "messaging.not_spam", after={"channel": channel})
