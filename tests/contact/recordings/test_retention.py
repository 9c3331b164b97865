"""How long: the closest rule decides, holds stand above all, deletion is done in portions and can be killed anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest

from callcart.contact.conversations.models import Recording
from callcart.contact.recordings import delete, jobs
from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.models import LegalHold, RetentionRule, Sound
from callcart.contact.recordings.retention import RuleChanged, apply_rules
from callcart.core import clock, files
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.models import AuditEntry, Event
from callcart.people.tenants.models import Tenant
from tests.contact.recordings.conftest import Make, person

QUEUE, ABOUT = uuid4(), uuid4()


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return person(tenant, listen="", retention="", hold="")


@pytest.fixture
def old_rules() -> Iterator[None]:
    """Rules made long ago: their first day is over."""
    yield


def rule(days: int, **conditions: Any) -> RetentionRule:
    return RetentionRule.objects.create(
        days=days, changed_at=clock.now() - timedelta(days=1000), **conditions
    )


def ago(days: float) -> Any:
    return clock.now() - timedelta(days=days)


def key_of(row: Sound) -> str:
    return Recording.objects.get(id=row.recording_id).file_key


def test_the_closest_rule_decides_and_of_two_the_one_that_keeps_longer(make: Make) -> None:
    everything = rule(30)
    queue, about = rule(100, queue_id=QUEUE), rule(200, disposition_id=ABOUT)
    both = rule(10, queue_id=QUEUE, disposition_id=ABOUT)
    row = make()
    among = recordings.rules()

    def decides(**columns: Any) -> Any:
        for name, value in columns.items():
            setattr(row, name, value)
        found = recordings.rule_for(row, among)
        return found and found.id

    assert decides() == everything.id
    assert decides(queue_id=QUEUE) == queue.id
    assert decides(disposition_id=ABOUT) == both.id
    assert decides(queue_id=uuid4()) == about.id
    assert row.due_at == row.started_at + timedelta(days=30)


def test_without_a_rule_nothing_is_ever_due(make: Make) -> None:
    row = make(started=ago(5000))
    delete.delete_due()
    row.refresh_from_db()
    assert (row.due_at, row.deleted_at) == (None, None)


def test_what_is_due_is_deleted_and_its_row_says_when_and_why(
    tenant: Tenant, make: Make, boss: Actor
) -> None:
    found = rule(30)
    old, new = make(started=ago(31)), make(started=ago(29))
    path, kept = files.path(key_of(old)), files.path(key_of(new))
    delete.delete_due()
    old.refresh_from_db()
    assert old.deleted_rule == "30d" and old.deleted_at is not None and bytes(old.peaks_left) == b""
    assert not path.exists() and kept.exists()
    assert Recording.objects.get(id=old.recording_id).state == "deleted"
    with pytest.raises(NotFound):
        recordings.listen(boss, old.recording_id, whence="")
    entry = AuditEntry.objects.get(action="recordings.delete")
    assert (entry.subject_id, entry.after) == (old.recording_id, {"rule": "30d", "rule_id": str(found.id)})
    delete.delete_due()  # again: nothing is left to do
    assert AuditEntry.objects.filter(action="recordings.delete").count() == 1
    assert Event.objects.filter(kind="recording.deleted").count() == 1


def test_killed_between_row_and_file_the_file_is_swept(make: Make) -> None:
    import os

    rule(30)
    old = make(started=ago(31))
    path = files.path(key_of(old))
    with (
        pytest.raises(KeyboardInterrupt),
        patch.object(delete, "remove_unnamed", side_effect=KeyboardInterrupt),
    ):
        delete.delete_due()
    old.refresh_from_db()
    assert old.deleted_at is not None and path.exists()
    os.utime(path, (0, 0))
    jobs.remove_orphans(part=path.parent.name)
    assert not path.exists()


def test_many_go_by_portions_and_another_job_goes_on(make: Make) -> None:
    rule(30)
    rows = [make(started=ago(31)) for _each in range(5)]
    with patch.object(delete, "PORTION", 2), patch.object(delete, "MOST_PORTIONS", 2):
        delete.delete_due()
        assert Sound.objects.filter(deleted_at=None).count() == 1
        delete.delete_due()
    assert Sound.objects.filter(deleted_at__isnull=False).count() == len(rows)


def test_a_hold_stands_above_the_rules_until_it_is_lifted(tenant: Tenant, make: Make, boss: Actor) -> None:
    rule(30)
    row = make(started=ago(31))
    recordings.place_hold(boss, row.recording_id, reason="Case 7")
    with pytest.raises(recordings.AlreadyHeld):
        recordings.place_hold(boss, row.recording_id, reason="again")
    delete.delete_due()
    row.refresh_from_db()
    assert row.legal_hold and row.deleted_at is None
    recordings.lift_hold(boss, row.recording_id, reason="settled")
    held = LegalHold.objects.get()
    assert (held.reason, held.placed_by, held.lifted_by, held.lifted_reason) == (
        "Case 7",
        boss.id,
        boss.id,
        "settled",
    )
    delete.delete_due()
    row.refresh_from_db()
    assert row.deleted_at is not None
    with pytest.raises(NotFound):
        recordings.place_hold(boss, row.recording_id, reason="too late")


def test_who_may_not_hold_or_rule_changes_nothing(tenant: Tenant, make: Make) -> None:
    row, sue = make(), person(tenant, listen="")
    for act in (
        lambda: recordings.place_hold(sue, row.recording_id, reason="x"),
        lambda: recordings.lift_hold(sue, row.recording_id, reason="x"),
        lambda: recordings.save_rule(sue, recordings.RuleDraft(days=1)),
        lambda: recordings.remove_rule(sue, uuid4(), version=1),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not LegalHold.objects.exists() and not RetentionRule.objects.exists()
    with pytest.raises(Invalid):
        recordings.place_hold(person(tenant, listen="", hold=""), row.recording_id, reason="  ")


def test_a_rule_takes_a_day_to_bite(make: Make, boss: Actor) -> None:
    row = make(started=ago(400))
    made = recordings.save_rule(boss, recordings.RuleDraft(days=30))
    apply_rules()
    row.refresh_from_db()
    assert row.due_at == made.changed_at + timedelta(days=1)
    delete.delete_due()
    row.refresh_from_db()
    assert row.deleted_at is None
    recordings.remove_rule(boss, made.id, version=1)
    apply_rules()
    row.refresh_from_db()
    assert row.due_at is None


def test_what_a_row_says_is_held_against_the_rules_of_the_moment(make: Make) -> None:
    """The job that goes over all rows may be behind."""
    row = make(started=ago(400))
    Sound.objects.update(due_at=ago(1))
    delete.delete_due()
    row.refresh_from_db()
    assert (row.due_at, row.deleted_at) == (None, None)


def test_a_disposition_sent_later_brings_its_rule(make: Make) -> None:
    from callcart.contact.recordings.keep import refresh

    rule(30)
    row = make()
    RetentionRule.objects.update(queue_id=None)
    rule(365, channel="voice")
    refresh(row.conversation_id)
    row.refresh_from_db()
    assert row.due_at == row.started_at + timedelta(days=365)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (recordings.RuleDraft(days=0), "days"),
        (recordings.RuleDraft(days=40_000), "days"),
        (recordings.RuleDraft(days=1, channel="pigeon"), "channel"),
        (recordings.RuleDraft(days=7), "rule"),
    ],
)
def test_what_is_no_rule(boss: Actor, draft: recordings.RuleDraft, field: str) -> None:
    rule(30)
    with pytest.raises(Invalid) as said:
        recordings.save_rule(boss, draft)
    assert set(said.value.fields) == {field}
    assert RetentionRule.objects.count() == 1


def test_of_two_who_change_a_rule_the_second_is_told(boss: Actor) -> None:
    made = recordings.save_rule(boss, recordings.RuleDraft(days=30))
    recordings.save_rule(boss, recordings.RuleDraft(days=40), rule_id=made.id, version=1)
    with pytest.raises(RuleChanged):
        recordings.save_rule(boss, recordings.RuleDraft(days=50), rule_id=made.id, version=1)
    assert RetentionRule.objects.get().days == 40
    assert AuditEntry.objects.filter(action="recordings.retention").count() == 2
