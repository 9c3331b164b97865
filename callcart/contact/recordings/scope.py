"""Which recordings an actor may hear, by the scope of `recordings.listen`: all of the shop, those of his team, or his own.
Whoever may not hear one cannot tell it from one that is not there."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from callcart.contact.conversations.models import Conversation
from callcart.contact.recordings.models import Sound
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.people.staff import public as staff


def audible(actor: Actor) -> QuerySet[Sound]:
    """The recordings within reach. Raises PermissionDenied where none may be heard at all."""
    agents = agents_within_reach(actor)
    rows = Sound.objects.all()
    return rows if agents is None else rows.filter(agent_id__in=agents)


def agents_within_reach(actor: Actor) -> list[UUID] | None:
    """Whose recordings; None for everybody's. Raises PermissionDenied."""
    scope = set(actor.require("recordings.listen").scope.split(","))
    if "team" in scope and actor.id is not None:
        return [*staff.colleagues(actor.id)]
    if "own" in scope:
        return [actor.id] if actor.id is not None else []
    return None


def hears(actor: Actor, conversation: Conversation) -> bool:
    """Whether the recordings of a conversation are within reach."""
    if not actor.can("recordings.listen"):
        return False
    agents = agents_within_reach(actor)
    return agents is None or conversation.agent_id in agents


def within_reach(actor: Actor, recording_id: UUID) -> Sound:
    """One recording the actor may hear, or might have heard before its sound was deleted. Raises NotFound, PermissionDenied."""
    found = audible(actor).filter(recording_id=recording_id).first()
    if found is None:
        raise NotFound
    return found
