"""Whether somebody may wait in a queue just now, and what is done where not: out of its hours, nobody there, too many waiting. What a
queue does is data (`QueueRule`); where it sends people on, the next queue is asked in the same way.

Asked before anybody begins to wait; two who ask at one moment may both be let in. In the tenant's transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from callcart.contact.hours.public import calendar_of
from callcart.contact.routing.calls import NoSuchQueue
from callcart.contact.routing.models import Queue
from callcart.contact.routing.states import Instead, Occasion, RoutingChannel
from callcart.core.clock import now
from callcart.core.database import raw

MOST_QUEUES = 4  # a chain of queues that send on to one another has an end


@dataclass(frozen=True, slots=True)
class Admission:
    """What is done with somebody who wants to wait. `occasion`: why not here, None where nothing is in the way; `action` WAIT: he
    waits, in `queue_id`, which is another than asked for where that one sent him on; `opens_at`: when the queue asked for opens next."""

    queue_id: UUID
    occasion: Occasion | None = None
    action: Instead = Instead.WAIT
    opens_at: datetime | None = None


def admission(
    queue_id: UUID, *, channel: str = "voice", skills: Collection[str] = (), always: bool = False
) -> Admission:
    """What is done with one who wants to wait in a queue and needs these skills. `always`: its hours do not matter. Raises
    NoSuchQueue."""
    seen: set[UUID] = set()
    first: Admission | None = None
    while len(seen) < MOST_QUEUES:
        found, to_queue = _of(queue_id, channel, skills, always=always)
        if found.action is not Instead.QUEUE:
            return found if first is None else _sent_on(first, found)
        first = first or found
        seen.add(queue_id)
        if to_queue is None or to_queue in seen:
            break
        queue_id = to_queue
    assert first is not None
    return replace(first, action=Instead.MESSAGE)  # a circle: nobody in it takes them


def rule(queue_id: UUID, occasion: Occasion) -> tuple[Instead, UUID | None]:
    """What a queue does on an occasion, and which queue it sends on to."""
    action, to_queue = raw.one("SELECT * FROM acd_rule(%s::uuid, %s::text)", (queue_id, occasion)) or (
        "",
        None,
    )
    return Instead(action), to_queue


def _sent_on(first: Admission, found: Admission) -> Admission:
    """What the last queue of a chain does, said of the reason at the first."""
    return replace(first, queue_id=found.queue_id, action=found.action)


def _of(
    queue_id: UUID, channel: str, skills: Collection[str], *, always: bool
) -> tuple[Admission, UUID | None]:
    queue = Queue.objects.filter(id=queue_id, is_active=True).first()
    if queue is None:
        raise NoSuchQueue
    occasions, opens_at = _occasions(queue, channel, skills, always=always)
    if not occasions:
        return Admission(queue_id), None
    rules = [(occasion, *rule(queue_id, occasion)) for occasion in occasions]
    waits = (occasions[0], Instead.WAIT, None)
    occasion, action, to_queue = next((each for each in rules if each[1] is not Instead.WAIT), waits)
    return Admission(queue_id, occasion, action, opens_at), to_queue


def _occasions(
    queue: Queue, channel: str, skills: Collection[str], *, always: bool
) -> tuple[list[Occasion], datetime | None]:
    """Everything that is in the way, and when the queue opens next where it is closed."""
    calendar, moment = calendar_of(queue.id), now()
    found, opens_at = list[Occasion](), None
    if not always and not calendar.is_open(moment):
        found, opens_at = [Occasion.CLOSED], calendar.next_opening(moment)
    full, nobody = raw.one(
        "SELECT acd_length(%(queue)s::uuid, %(most)s::int) >= %(most)s::int,"
        " acd_nobody_for(%(queue)s::uuid, %(channel)s::smallint, %(skills)s::text[])",
        {
            "queue": queue.id, "most": queue.max_waiting, "channel": RoutingChannel(channel).number,
            "skills": sorted(set(skills)),
        },
    ) or (False, False)  # fmt: skip
    found += [Occasion.FULL] if full else []
    return found + ([Occasion.NOBODY] if nobody else []), opens_at
