"""Reading callbacks: those of one desk, and all of a shop by filters. Newest or most urgent first, by keyset, an index each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.states import OPEN, Source, State
from callcart.contact.routing.models import Agent, ProfileQueue
from callcart.core.actor import Actor
from callcart.core.errors import NotFound

OF_QUEUES_SHOWN = 8
MINE_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Desk:
    """What one agent sees: his own promises by time, and those of his queues by place; how many there are of the latter."""

    mine: tuple[Callback, ...] = ()
    queues: tuple[Callback, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Filters:
    """What is looked for; `state` may be `open` too."""

    state: str = ""
    queue_id: UUID | None = None
    source: str = ""
    number: str = ""


def get_callback(callback_id: UUID) -> Callback:
    """Raises NotFound."""
    found = Callback.objects.filter(id=callback_id).first()
    if found is None:
        raise NotFound
    return found


def of_desk(actor: Actor) -> Desk:
    """The callbacks of one agent's desk."""
    if actor.id is None or not actor.can("callbacks.work"):
        return Desk()
    mine = Callback.objects.filter(owner_id=actor.id, state__in=OPEN).order_by("due_at")[:MINE_SHOWN]
    served = _queues_of(actor.id)
    waiting = Callback.objects.filter(
        queue_id__in=served, owner_id=None, state__in=[State.SCHEDULED, State.WAITING, State.CALLING]
    )
    first = list(waiting.order_by("since")[:OF_QUEUES_SHOWN])
    count = len(first) if len(first) < OF_QUEUES_SHOWN else waiting.count()
    return Desk(tuple(mine), tuple(first), count)


def may_work_on(actor: Actor, callback: Callback) -> bool:
    """Whether it is one's own, one of one's queues that nobody gave his word for, or one watches the floor."""
    if callback.owner_id is not None and callback.owner_id == actor.id:
        return True
    if not actor.is_staff or actor.can("board.view"):
        return True
    if actor.id is None or callback.owner_id is not None:
        return False
    return callback.queue_id in set(_queues_of(actor.id))


def callbacks(actor: Actor, filters: Filters | None = None) -> QuerySet[Callback]:
    """All that match and that one may see, to be listed newest first: who does not watch the floor sees his own and those of his queues."""
    wanted = filters or Filters()
    query = Q()
    if actor.is_staff and not actor.can("board.view"):
        query = Q(owner_id=actor.id)
        if actor.id is not None:
            query |= Q(queue_id__in=_queues_of(actor.id), owner_id=None)
    if wanted.state == "open":
        query &= Q(state__in=OPEN)
    elif wanted.state in set(State):
        query &= Q(state=wanted.state)
    if wanted.queue_id is not None:
        query &= Q(queue_id=wanted.queue_id)
    if wanted.source in set(Source):
        query &= Q(source=wanted.source)
    if wanted.number:
        query &= Q(number=wanted.number)
    return Callback.objects.filter(query)


def asked_since(since: datetime, *, number: str = "", asked_from: str = "") -> int:
    """How many callbacks were asked for since a moment, at a number or by somebody."""
    wanted = Q(number=number) if number else Q(asked_from=asked_from)
    return Callback.objects.filter(wanted, made_at__gt=since).exclude(asked_from="").count()


def _queues_of(staff_id: UUID) -> list[UUID]:
    profile = Agent.objects.filter(staff_id=staff_id).values_list("crew__profile_id", flat=True).first()
    if profile is None:
        return []
    return list(ProfileQueue.objects.filter(profile_id=profile).values_list("queue_id", flat=True))
