"""Talks of the past are written down whole: path, wrap-up, times in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import Invalid, PermissionDenied
from callcart.people.tenants.models import Tenant

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TALK = conversations.PastTalk(
    started_at=AT,
    queued_at=AT + timedelta(seconds=20),
    answered_at=AT + timedelta(seconds=30),
    ended_at=AT + timedelta(seconds=150),
    closed_at=AT + timedelta(seconds=170),
    caller_e164="+12025550123",
    agent_id=uuid4(),
    customer_id=uuid4(),
    disposition="order.placed",
    note="read the number back",
)


@pytest.fixture
def system(tenant: Tenant) -> Actor:
    actor = Actor.system(tenant.id)
    conversations.save_disposition(actor, "order.placed", name="Order placed", key=1)
    return actor


def test_a_past_talk_stands_on_the_timeline(system: Actor) -> None:
    made = conversations.record_past(system, TALK)
    (entry,) = conversations.timeline(system, TALK.customer_id)  # type: ignore[arg-type]
    assert (entry.id, entry.state, entry.end_reason) == (made.id, "closed", "completed")
    assert (entry.wait_seconds, entry.talk_seconds) == (10, 120)
    assert (entry.disposition, entry.note) == ("Order placed", "read the number back")
    assert [step.kind for step in conversations.path_of(made.id)] == [
        "opened",
        "queue.entered",
        "answered",
        "ended",
    ]


def test_one_given_up_has_no_agent_and_no_wrap_up(system: Actor) -> None:
    made = conversations.record_past(system, replace(TALK, answered_at=None, closed_at=None))
    assert (made.end_reason, made.agent_id) == ("abandoned", None)
    assert conversations.wrap_up_of(made.id) is None


@pytest.mark.parametrize(
    "change",
    [
        {"ended_at": AT - timedelta(seconds=1)},
        {"disposition": "nothing.known"},
        {"note": "x" * 20_001},
        {"queued_at": AT + timedelta(hours=1)},
    ],
)
def test_what_cannot_be_is_refused(system: Actor, change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        conversations.record_past(system, replace(TALK, **change))  # type: ignore[arg-type]


def test_it_needs_its_permission(tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        conversations.record_past(Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=uuid4()), TALK)
    assert not Conversation.objects.exists()
