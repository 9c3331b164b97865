"""Finding recordings: newest first, by keyset, within the reader's reach; each usual filter has an index in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.contact.recordings.models import Sound
from callcart.contact.recordings.scope import audible, within_reach
from callcart.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; what is empty does not matter. `any_of`: one of these numbers, customers or conversations is enough;
    `among`: these recordings only."""

    first: datetime | None = None
    end: datetime | None = None
    agent_id: UUID | None = None
    queue_id: UUID | None = None
    disposition_id: UUID | None = None
    length_class: int | None = None
    channel: str = ""
    direction: str = ""
    commented: bool = False
    on_hold: bool = False
    legal_hold: bool = False
    deleted: bool = False
    any_of: Q | None = None
    among: Sequence[UUID] | None = None


def named(
    *,
    number: str = "",
    caller: str = "",
    customers: Sequence[UUID] = (),
    conversations: Sequence[UUID] = (),
    recordings: Sequence[UUID] = (),
) -> Q:
    """A condition for what was typed: the call's number, the caller's, customers, conversations, or recordings found elsewhere."""
    wanted = Q(pk__in=list(recordings)) if recordings else Q(pk__in=[])
    wanted |= Q(number=number) if number else Q(pk__in=[])
    wanted |= Q(caller_e164=caller) if caller else Q(pk__in=[])
    wanted |= Q(customer_id__in=list(customers)) if customers else Q(pk__in=[])
    return wanted | (Q(conversation_id__in=list(conversations)) if conversations else Q(pk__in=[]))


def find(
    actor: Actor, wanted: Wanted, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Sound]:
    """The recordings that fit, newest first; `after` is where the page before ended. Raises PermissionDenied."""
    rows = _narrowed(audible(actor), wanted)
    if after is not None:
        moment, recording_id = after
        rows = rows.filter(
            Q(started_at__lt=moment) | Q(started_at=moment, recording_id__lt=recording_id),
            started_at__lte=moment,
        )
    light = rows.defer("peaks_left", "peaks_right")
    return list(light.order_by("-started_at", "-recording_id")[:limit])


def get_sound(actor: Actor, recording_id: UUID) -> Sound:
    """One recording within reach, deleted ones too. Raises NotFound, PermissionDenied."""
    return within_reach(actor, recording_id)


def _narrowed(rows: QuerySet[Sound], wanted: Wanted) -> QuerySet[Sound]:
    rows = rows.filter(deleted_at__isnull=not wanted.deleted)
    equal = {
        "agent_id": wanted.agent_id,
        "queue_id": wanted.queue_id,
        "disposition_id": wanted.disposition_id,
        "length_class": wanted.length_class,
        "channel": wanted.channel or None,
        "direction": wanted.direction or None,
        "started_at__gte": wanted.first,
        "started_at__lt": wanted.end,
        "held": wanted.on_hold or None,
        "legal_hold": wanted.legal_hold or None,
        "comments__gt": 0 if wanted.commented else None,
    }
    rows = rows.filter(**{name: value for name, value in equal.items() if value is not None})
    rows = rows if wanted.among is None else rows.filter(recording_id__in=list(wanted.among))
    return rows if wanted.any_of is None else rows.filter(wanted.any_of)
