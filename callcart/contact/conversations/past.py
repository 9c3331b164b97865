"""Conversations that were over before Callcart knew of them: taken over from another system, or made up for a demo shop.
They stand on timelines and count in the day's figures like any other; nothing of them was ever routed here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callcart.contact.conversations.models import Conversation, Disposition, Step, WrapUp
from callcart.contact.conversations.path import clean_text
from callcart.contact.conversations.states import ConversationState, EndReason
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.ids import next_number


@dataclass(frozen=True, slots=True)
class PastTalk:
    """A finished call. Without `answered_at` it was given up while waiting; `closed_at` is the end of wrap-up."""

    started_at: datetime
    ended_at: datetime
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    caller_e164: str = ""
    service_number: str = ""
    language: str = "en"
    customer_id: UUID | None = None
    queue_id: UUID | None = None
    agent_id: UUID | None = None
    disposition: str = ""
    note: str = ""


def record_past(actor: Actor, talk: PastTalk) -> Conversation:
    """Write a finished conversation down with its path and wrap-up. Raises Invalid (times, disposition, note)."""
    actor.require("conversations.record_past")
    moments = [
        at for at in (talk.started_at, talk.queued_at, talk.answered_at, talk.ended_at, talk.closed_at) if at
    ]
    if moments != sorted(moments):
        raise Invalid(fields={"started_at": "the times of a conversation follow one another"})
    row = Conversation.objects.create(
        number=next_number("conversation"),
        state=ConversationState.CLOSED,
        customer_id=talk.customer_id,
        queue_id=talk.queue_id,
        agent_id=talk.agent_id if talk.answered_at else None,
        language=talk.language,
        caller_e164=talk.caller_e164,
        caller_raw=talk.caller_e164,
        service_number=talk.service_number,
        started_at=talk.started_at,
        queued_at=talk.queued_at,
        answered_at=talk.answered_at,
        ended_at=talk.ended_at,
        closed_at=talk.closed_at or talk.ended_at,
        end_reason=EndReason.COMPLETED if talk.answered_at else EndReason.ABANDONED,
    )
    _path(row, talk)
    if talk.answered_at and (talk.disposition or talk.note):
        _wrap_up(row, talk)
    return row


def _path(row: Conversation, talk: PastTalk) -> None:
    steps: list[tuple[datetime, str, UUID | None, dict[str, str]]] = [
        (talk.started_at, "opened", None, {"channel": "voice"})
    ]
    if talk.queued_at:
        queue = {"queue_id": str(talk.queue_id)} if talk.queue_id else {}
        steps.append((talk.queued_at, "queue.entered", None, queue))
    if talk.answered_at:
        steps.append((talk.answered_at, "answered", talk.agent_id, {}))
    steps.append((talk.ended_at, "ended", None, {}))
    Step.objects.bulk_create(
        Step(conversation=row, at=at, kind=kind, staff_id=staff_id, data=data)
        for at, kind, staff_id, data in steps
    )


def _wrap_up(row: Conversation, talk: PastTalk) -> None:
    about = Disposition.objects.filter(code=talk.disposition).first() if talk.disposition else None
    if talk.disposition and about is None:
        raise Invalid(fields={"disposition": "there is no such disposition"})
    WrapUp.objects.create(
        conversation=row,
        staff_id=talk.agent_id,
        note=clean_text(talk.note, field="note"),
        disposition=about,
        saved_at=row.closed_at or talk.ended_at,
        submitted_at=row.closed_at or talk.ended_at,
    )
