"""The row of a recording: one running at a time, finished once, deleted once."""

from __future__ import annotations

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Recording
from callcart.core.actor import Actor
from callcart.core.models import Event
from callcart.people.tenants.models import Tenant


def finished(tenant: Tenant) -> Recording:
    made = conversations.open_conversation(Actor.system(tenant.id))
    begun = conversations.start_recording(made.id)
    return conversations.finish_recording(begun.id, file_key="k", duration_ms=4000, peaks=[-5, 50, 900])


def test_a_conversation_has_one_running_recording(tenant: Tenant) -> None:
    made = conversations.open_conversation(Actor.system(tenant.id))
    assert conversations.start_recording(made.id).id == conversations.start_recording(made.id).id
    assert Recording.objects.count() == 1


def test_finishing_twice_is_finishing_once_and_peaks_stay_in_range(tenant: Tenant) -> None:
    row = finished(tenant)
    again = conversations.finish_recording(row.id, file_key="", duration_ms=1, peaks=[1])
    assert (again.duration_ms, again.peaks) == (4000, [0, 50, 100])


def test_deleting_twice_is_deleting_once(tenant: Tenant) -> None:
    row = finished(tenant)
    assert conversations.delete_recording(row.id, data={"rule": "x"}) == "k"
    assert conversations.delete_recording(row.id, data={"rule": "x"}) == ""
    row.refresh_from_db()
    assert (row.state, row.file_key, row.peaks, row.duration_ms) == ("deleted", "", [], 4000)
    steps = row.conversation.steps.filter(kind="recording.deleted")
    assert [step.data["rule"] for step in steps] == ["x"]
    assert Event.objects.filter(kind="recording.deleted").count() == 1


def test_a_failed_one_is_not_deleted(tenant: Tenant) -> None:
    made = conversations.open_conversation(Actor.system(tenant.id))
    begun = conversations.start_recording(made.id)
    conversations.fail_recording(begun.id, reason="empty")
    assert conversations.delete_recording(begun.id, data={}) == ""
    begun.refresh_from_db()
    assert begun.state == "failed"
