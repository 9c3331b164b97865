"""Recordings: one running at a time, heard by those who may, and each listening is written down first."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, Recording
from callcart.core import files
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.people.tenants.models import Tenant


def listener(tenant: Tenant, scope: str | None) -> Actor:
    grants = {} if scope is None else {"recordings.listen": Grant(scope=scope)}
    return Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=uuid4(), name="Sue", grants=grants)


def recorded(tenant: Tenant, agent_id: UUID | None = None) -> Recording:
    made = conversations.open_conversation(Actor.system(tenant.id))
    Conversation.objects.filter(id=made.id).update(agent_id=agent_id)
    begun = conversations.start_recording(made.id)
    key = files.put(b"RIFF sound", kind="recording", suffix=".wav")
    return conversations.finish_recording(begun.id, file_key=key, duration_ms=4000, peaks=[-5, 50, 900])


def test_a_conversation_has_one_running_recording(tenant: Tenant) -> None:
    made = conversations.open_conversation(Actor.system(tenant.id))
    assert conversations.start_recording(made.id).id == conversations.start_recording(made.id).id
    assert Recording.objects.count() == 1


def test_finishing_twice_is_finishing_once_and_peaks_stay_in_range(tenant: Tenant) -> None:
    row = recorded(tenant)
    again = conversations.finish_recording(row.id, file_key="", duration_ms=1, peaks=[1])
    assert (again.duration_ms, again.peaks) == (4000, [0, 50, 100])


def test_each_listening_is_in_the_audit(tenant: Tenant) -> None:
    row, sue = recorded(tenant), listener(tenant, "all")
    assert conversations.open_recording(sue, row.id).path.read_bytes() == b"RIFF sound"
    conversations.open_recording(sue, row.id)
    entries = AuditEntry.objects.filter(action="recordings.listen", subject_id=row.id, actor_id=sue.id)
    assert entries.count() == 2


@pytest.mark.parametrize(("scope", "error"), [(None, PermissionDenied), ("own", NotFound)])
def test_who_may_not_hear_it_leaves_no_trace_and_gets_none(
    tenant: Tenant, scope: str | None, error: type[Exception]
) -> None:
    row, sue = recorded(tenant, agent_id=uuid4()), listener(tenant, scope)
    with pytest.raises(error):
        conversations.open_recording(sue, row.id)
    assert conversations.recordings_of(sue, row.conversation_id) == []
    assert not AuditEntry.objects.filter(action="recordings.listen").exists()


def test_ones_own_may_be_heard(tenant: Tenant) -> None:
    amy = listener(tenant, "own")
    row = recorded(tenant, agent_id=amy.id)
    assert [each.id for each in conversations.recordings_of(amy, row.conversation_id)] == [row.id]


def test_a_failed_one_is_never_offered(tenant: Tenant) -> None:
    made = conversations.open_conversation(Actor.system(tenant.id))
    begun = conversations.start_recording(made.id)
    conversations.fail_recording(begun.id, reason="empty")
    sue = listener(tenant, "all")
    assert conversations.recordings_of(sue, made.id) == []
    with pytest.raises(NotFound):
        conversations.open_recording(sue, begun.id)
