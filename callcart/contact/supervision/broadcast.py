"""Words of a supervisor to a team, to those who serve a queue, or to all: shown at each desk until read. Who is to read it is decided as it
is sent; who has read it is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.supervision.models import Broadcast, Receipt
from callcart.contact.supervision.states import Audience
from callcart.core import audit, clock, events
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import Invalid, NotFound
from callcart.people.staff import public as staff

LONGEST = 500
SHOWN = 50

_TELL = """
SELECT core_emit(%s::int, 'broadcast.made', 'broadcast', %s::uuid, who, 'one', jsonb_build_object('broadcast_id', %s::uuid, 'staff_id', who))
  FROM unnest(%s::uuid[]) AS who"""


@dataclass(frozen=True, slots=True)
class Unread:
    """A message somebody has still to read."""

    id: UUID
    text: str
    made_by: UUID | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A message with how many were told and have read it."""

    id: UUID
    text: str
    audience: Audience
    target_id: UUID | None
    made_by: UUID | None
    made_at: datetime
    withdrawn: bool
    told: int
    read: int


def send(actor: Actor, text: str, *, audience: str = "all", target_id: UUID | None = None) -> Broadcast:
    """Say it to all agents, to a team, or to those who serve a queue; within the sender's reach, and not to himself. Raises Invalid
    (text, to), PermissionDenied."""
    reached = staff.staff_within(actor, "supervision.broadcast")
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    wrong = {}
    if not text or len(text) > LONGEST:
        wrong["text"] = _("From 1 to %(most)s characters.") % {"most": LONGEST}
    people = _people(audience, target_id) if audience in set(Audience) else frozenset[UUID]()
    people = (people if reached is None else people & reached) - {actor.id}
    if not people:
        wrong["to"] = _("Nobody would read this. Choose somebody else.")
    if wrong:
        raise Invalid(fields=wrong)
    made = Broadcast.objects.create(
        text=text,
        audience=audience,
        target_id=None if audience == Audience.ALL else target_id,
        made_by=actor.id,
    )
    told = sorted(people)
    Receipt.objects.bulk_create(
        [Receipt(broadcast=made, staff_id=who) for who in told if who is not None], batch_size=1000
    )
    raw.all(_TELL, (actor.tenant_id, made.id, made.id, told))
    audit.record(
        actor,
        "supervision.broadcast",
        subject=("broadcast", made.id),
        after={"audience": str(audience), "target_id": target_id, "told": len(told), "text": text},
    )
    return made


def withdraw(actor: Actor, broadcast_id: UUID) -> None:
    """It is shown no longer; who has read it stays known. Raises NotFound."""
    actor.require("supervision.broadcast")
    row = _within_reach(actor).filter(id=broadcast_id, withdrawn_at=None).first()
    if row is None:
        raise NotFound
    row.withdrawn_at = clock.now()
    row.save(update_fields=["withdrawn_at"])
    unread = list(row.receipts.filter(read_at=None).values_list("staff_id", flat=True))
    raw.all(_TELL, (actor.tenant_id, row.id, row.id, unread))  # look again: there is one fewer
    audit.record(actor, "supervision.broadcast", subject=("broadcast", row.id), after={"withdrawn": True})


def unread(actor: Actor) -> list[Unread]:
    """What the reader was told and has not read, the oldest first."""
    if actor.id is None:
        return []
    rows = Receipt.objects.filter(
        staff_id=actor.id, read_at=None, broadcast__withdrawn_at=None
    ).select_related("broadcast")
    return [
        Unread(each.broadcast_id, each.broadcast.text, each.broadcast.made_by, each.broadcast.made_at)
        for each in rows.order_by("broadcast__made_at")[:SHOWN]
    ]


def mark_read(actor: Actor, broadcast_id: UUID) -> None:
    """The reader has read it; said twice, the first time stays. Raises NotFound for what was not told to him."""
    if actor.id is None:
        raise NotFound
    mine = Receipt.objects.filter(broadcast_id=broadcast_id, staff_id=actor.id)
    if mine.filter(read_at=None).update(read_at=clock.now()):
        sender = Broadcast.objects.filter(id=broadcast_id).values_list("made_by", flat=True).first()
        events.emit(
            "broadcast.read",
            subject=("broadcast", broadcast_id),
            staff_id=sender,
            audience="one",
            data={"broadcast_id": broadcast_id},
        )
    elif not mine.exists():
        raise NotFound


def sent(actor: Actor, *, before: datetime | None = None, limit: int = SHOWN) -> list[Sent]:
    """What was said of late, newest first: by everybody, or (scope `team`) by the reader's team."""
    earlier = Q() if before is None else Q(made_at__lt=before)
    return _counted(_within_reach(actor).filter(earlier).order_by("-made_at")[:limit])


def sent_message(actor: Actor, broadcast_id: UUID) -> Sent:
    """One of them. Raises NotFound, also beyond the reader's reach."""
    found = _counted(_within_reach(actor).filter(id=broadcast_id))
    if not found:
        raise NotFound
    return found[0]


def _counted(rows: QuerySet[Broadcast]) -> list[Sent]:
    """With how many were told. Those of this page are counted only: all receipts ever would take the longer the older a shop is."""
    page = list(rows)
    receipts = Receipt.objects.filter(broadcast__in=page).values_list("broadcast_id")
    counts = {
        id: (told, read) for id, told, read in receipts.annotate(told=Count("id"), read=Count("read_at"))
    }
    return [
        Sent(
            row.id, row.text, Audience(row.audience), row.target_id, row.made_by, row.made_at,
            row.withdrawn_at is not None, *counts.get(row.id, (0, 0)),
        )
        for row in page
    ]  # fmt: skip


def readers(actor: Actor, broadcast_id: UUID) -> list[tuple[UUID, datetime | None]]:
    """Whom it was told to and when each had read it, who has not first. Raises NotFound."""
    row = _within_reach(actor).filter(id=broadcast_id).first()
    if row is None:
        raise NotFound
    found = row.receipts.order_by("read_at", "id").values_list("staff_id", "read_at")
    return sorted(found, key=lambda each: (each[1] is not None, each[1] or clock.now()))


def _within_reach(actor: Actor) -> QuerySet[Broadcast]:
    """The messages within reach: those that somebody within reach has sent."""
    reached = staff.staff_within(actor, "supervision.broadcast")
    rows = Broadcast.objects.all()
    return rows if reached is None else rows.filter(made_by__in=reached)


def _people(audience: str, target_id: UUID | None) -> frozenset[UUID]:
    """Who is meant; nobody where the team or queue is not there."""
    agents = routing.agents_serving(target_id if audience == Audience.QUEUE else None)
    if audience == Audience.QUEUE and target_id is None:
        return frozenset()
    at_work = {each.id: each.team_id for each in staff.list_staff()}
    if audience == Audience.TEAM:
        return frozenset(who for who, team in at_work.items() if target_id is not None and team == target_id)
    return frozenset(agents & at_work.keys())
