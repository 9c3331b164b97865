"""Who else looks at a conversation or writes in it. Desks say it every few seconds; what has not been said for SEEN_FOR is not so any
more. Others are told at once when somebody comes or begins to write, not by every beat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from callcart.contact.conversations.models import Presence
from callcart.contact.conversations.scope import within_reach
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.clock import now

SEEN_FOR = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Other:
    """A colleague who has it open."""

    staff_id: UUID
    writes: bool


def here(actor: Actor, conversation_id: UUID, *, writes: bool) -> list[Other]:
    """The actor has this conversation open; who else has. Raises NotFound, PermissionDenied."""
    within_reach(actor, conversation_id)
    moment = now()
    if actor.id is not None:
        row, made = Presence.objects.get_or_create(
            conversation_id=conversation_id,
            staff_id=actor.id,
            defaults={"seen_at": moment, "writes": writes},
        )
        news = made or row.seen_at < moment - SEEN_FOR or row.writes != writes
        if not made:
            row.seen_at, row.writes = moment, writes
            row.save(update_fields=["seen_at", "writes"])
        if news:
            _tell(actor.id, conversation_id)
    return others(actor, conversation_id)


def gone(actor: Actor, conversation_id: UUID) -> None:
    """The actor looks at something else."""
    if actor.id is None:
        return
    left, _each = Presence.objects.filter(conversation_id=conversation_id, staff_id=actor.id).delete()
    if left:
        _tell(actor.id, conversation_id)


def others(actor: Actor, conversation_id: UUID) -> list[Other]:
    """Colleagues who have it open now, those who write first."""
    rows = Presence.objects.filter(conversation_id=conversation_id, seen_at__gte=now() - SEEN_FOR)
    if actor.id is not None:
        rows = rows.exclude(staff_id=actor.id)
    found = rows.order_by("-writes", "seen_at")[:20]
    return [Other(row.staff_id, row.writes) for row in found]


def _tell(staff_id: UUID, conversation_id: UUID) -> None:
    events.emit(
        "conversation.looked",
        subject=("conversation", conversation_id),
        staff_id=staff_id,
        data={"conversation_id": conversation_id},
    )
