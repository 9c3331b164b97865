"""Reading conversations. Row-level security keeps to the tenant; scope `own` keeps to the reader's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.conversations.scope import visible, within_reach
from callcart.contact.conversations.states import ConversationState
from callcart.core.actor import Actor
from callcart.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One conversation as it stands on a customer's timeline, beside orders and parcels."""

    at: datetime
    id: UUID
    number: str
    channel: str
    direction: str
    state: str
    agent_id: UUID | None
    wait_seconds: int | None
    talk_seconds: int | None
    disposition: str
    disposition_zh: str
    note: str
    end_reason: str
    has_recording: bool
    links: list[tuple[str, UUID]] = field(default_factory=list)


def get_conversation(conversation_id: UUID, actor: Actor | None = None) -> Conversation:
    """One conversation; with an actor, only where he may see it. Raises NotFound, PermissionDenied."""
    if actor is not None:
        return within_reach(actor, conversation_id)
    found = Conversation.objects.filter(id=conversation_id).first()
    if found is None:
        raise NotFound
    return found


def find_conversation(conversation_id: UUID) -> Conversation | None:
    """One conversation, or None where there is none."""
    return Conversation.objects.filter(id=conversation_id).first()


def path_of(conversation_id: UUID) -> list[Step]:
    """Every step in the order it happened."""
    return list(Step.objects.filter(conversation_id=conversation_id).order_by("at", "id"))


def held_since(conversation_id: UUID) -> datetime | None:
    """When the customer was last put on hold; whether they still are, the channel knows."""
    steps = Step.objects.filter(conversation_id=conversation_id, kind="hold.started")
    return steps.order_by("-id").values_list("at", flat=True).first()


def open_of_agent(staff_id: UUID) -> list[Conversation]:
    """What a staff member is offered, has, or has to wrap up."""
    mine = (ConversationState.OFFERED, ConversationState.ACTIVE, ConversationState.WRAP_UP)
    rows = Conversation.objects.filter(closed_at=None, agent_id=staff_id, state__in=mine)
    return list(rows.order_by("started_at"))


def timeline(
    actor: Actor, customer_id: UUID, *, before: datetime | None = None, limit: int = 50
) -> list[TimelineEntry]:
    """A customer's conversations within the reader's reach, newest first; `before` pages on from an entry's `at`. Raises
    PermissionDenied."""
    earlier = Q() if before is None else Q(started_at__lt=before)
    rows = (
        visible(actor)
        .filter(earlier, customer_id=customer_id)
        .select_related("wrap_up__disposition")
        .prefetch_related("links", "recordings")
        .order_by("-started_at")[:limit]
    )
    return [_entry(row) for row in rows]


def _entry(row: Conversation) -> TimelineEntry:
    wrap_up = getattr(row, "wrap_up", None)
    sent: Mapping[str, Any] = {}
    if wrap_up is not None and wrap_up.submitted_at is not None:
        about = wrap_up.disposition
        sent = {
            "disposition": about.name if about else "",
            "disposition_zh": about.name_in("zh-hans") if about else "",
            "note": wrap_up.note,
        }
    return TimelineEntry(
        at=row.started_at,
        id=row.id,
        number=row.number,
        channel=row.channel,
        direction=row.direction,
        state=row.state,
        agent_id=row.agent_id,
        wait_seconds=_seconds(row.queued_at, row.answered_at or row.ended_at),
        talk_seconds=_seconds(row.answered_at, row.ended_at),
        disposition=sent.get("disposition", ""),
        disposition_zh=sent.get("disposition_zh", ""),
        note=sent.get("note", ""),
        end_reason=row.end_reason,
        has_recording=any(recording.state == "ready" for recording in row.recordings.all()),
        links=[(link.kind, link.object_id) for link in row.links.all()],
    )


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else max(0, int((end - start).total_seconds()))
