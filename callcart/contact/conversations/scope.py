"""Which conversations an actor may see, by the scope of `conversations.view`: all of the shop; or those one had oneself, owns, or could
take up next (`also_within_reach`: routing knows which wait for whom); or the same of all of one's team. Whoever may not see a conversation
cannot tell it from one that is not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.contact.conversations.models import Conversation, Step
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.prepared import Prepared
from callcart.people.staff.public import staff_within

_TOOK_PART = ("answered", "consult.answered")
_OWN = Prepared(Conversation, "it.id = %s::uuid AND it.agent_id = %s::uuid")
_OWN_LOCKED = Prepared(Conversation, "it.id = %s::uuid AND it.agent_id = %s::uuid FOR NO KEY UPDATE")
_LOCKED = Prepared(Conversation, "it.id = %s::uuid FOR NO KEY UPDATE")
_also: list[Callable[[Actor], Q]] = []


def also_within_reach(function: Callable[[Actor], Q]) -> Callable[[Actor], Q]:
    """A room above says which further conversations are within reach of somebody who sees his own, or his team's, only."""
    _also.append(function)
    return function


def visible(actor: Actor) -> QuerySet[Conversation]:
    """The conversations within reach. Raises PermissionDenied where none may be seen at all."""
    rows, whose = Conversation.objects.all(), agents_within_reach(actor)
    if whose is None:
        return rows
    theirs = Q(agent_id__in=whose) | Q(owner_id__in=whose, closed_at=None)
    return rows.filter(reduce(or_, (each(actor) for each in _also), theirs))


def agents_within_reach(actor: Actor) -> frozenset[UUID] | None:
    """Whose conversations: one's own, those of the team, or (None) everybody's. Raises PermissionDenied."""
    return staff_within(actor, "conversations.view")


def took_part(actor: Actor, conversation_id: UUID) -> bool:
    """Whether the actor, or one of the team he sees, has answered this conversation once, or joined it: passed on to a colleague, it is
    still one they had."""
    whose = agents_within_reach(actor)
    if whose is None:
        whose = frozenset() if actor.id is None else frozenset({actor.id})
    steps = Step.objects.filter(conversation_id=conversation_id, staff_id__in=whose, kind__in=_TOOK_PART)
    return bool(whose) and steps.exists()


def is_within_reach(actor: Actor, conversation_id: UUID) -> bool:
    """Whether the actor may see it. Raises PermissionDenied."""
    return visible(actor).filter(id=conversation_id).exists() or took_part(actor, conversation_id)


def within_reach(actor: Actor, conversation_id: UUID) -> Conversation:
    """One conversation the actor may see. Raises NotFound, PermissionDenied."""
    found = visible(actor).filter(id=conversation_id).first()
    if found is None and took_part(actor, conversation_id):
        found = Conversation.objects.filter(id=conversation_id).first()
    if found is None:
        raise NotFound
    return found


def to_handle(actor: Actor, conversation_id: UUID) -> Conversation:
    """One conversation the actor may write to: the one he has or had himself, or another within reach. Raises NotFound,
    PermissionDenied."""
    mine = _OWN.first(conversation_id, actor.id) if actor.is_staff else None
    return mine or within_reach(actor, conversation_id)


def to_handle_locked(actor: Actor, conversation_id: UUID) -> Conversation:
    """As `to_handle`, locked to the end of the transaction: what is written in it comes one after the other."""
    mine = _OWN_LOCKED.first(conversation_id, actor.id) if actor.is_staff else None
    return mine or locked(within_reach(actor, conversation_id).id)


def locked(conversation_id: UUID) -> Conversation:
    """A conversation, locked to the end of the transaction. Raises NotFound."""
    found = _LOCKED.first(conversation_id)
    if found is None:
        raise NotFound
    return found
