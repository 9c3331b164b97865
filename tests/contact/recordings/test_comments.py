"""Comments at a second: by permission, with author; one's own only is changed and taken back; each step in the audit."""

from __future__ import annotations

from uuid import uuid4

import pytest

from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.models import Comment, Sound
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.people.tenants.models import Tenant
from tests.contact.recordings.conftest import Make, person


def count(row: Sound) -> int:
    row.refresh_from_db()
    return row.comments


def test_a_comment_stands_at_its_second_with_its_author(tenant: Tenant, make: Make) -> None:
    row, sue = make(duration_ms=90_000), person(tenant, listen="", comment="")
    late = recordings.add_comment(sue, row.recording_id, at_ms=83_000, text=" Well said. ")
    early = recordings.add_comment(sue, row.recording_id, at_ms=0, text="4111 1111 1111 1111 was read out")
    found = recordings.comments_of([row.recording_id])[row.recording_id]
    assert [each.id for each in found] == [early.id, late.id]
    assert (late.text, late.staff_id, count(row)) == ("Well said.", sue.id, 2)
    assert "4111 1111 1111 1111" not in early.text
    assert AuditEntry.objects.filter(action="recordings.comment", subject_id=row.recording_id).count() == 2


@pytest.mark.parametrize(
    ("at_ms", "text", "field"),
    [(-1, "x", "at"), (4001, "x", "at"), (0, "  ", "text"), (0, "x" * 2001, "text")],
)
def test_what_is_no_comment(tenant: Tenant, make: Make, at_ms: int, text: str, field: str) -> None:
    row, sue = make(), person(tenant, listen="", comment="")
    with pytest.raises(Invalid) as said:
        recordings.add_comment(sue, row.recording_id, at_ms=at_ms, text=text)
    assert set(said.value.fields) == {field}
    assert count(row) == 0 and not Comment.objects.exists()


@pytest.mark.parametrize(
    ("grants", "error"),
    [
        ({"listen": ""}, PermissionDenied),
        ({"comment": ""}, PermissionDenied),
        ({"listen": "own", "comment": ""}, NotFound),
    ],
)
def test_who_may_not_changes_nothing(
    tenant: Tenant, make: Make, grants: dict[str, str], error: type[Exception]
) -> None:
    row = make(agent_id=uuid4())
    with pytest.raises(error):
        recordings.add_comment(person(tenant, **grants), row.recording_id, at_ms=0, text="x")
    assert count(row) == 0 and not Comment.objects.exists()


def test_ones_own_is_changed_and_taken_back_a_colleagues_is_not(tenant: Tenant, make: Make) -> None:
    row, sue, ben = make(), person(tenant, listen="", comment=""), person(tenant, listen="", comment="")
    said = recordings.add_comment(sue, row.recording_id, at_ms=10, text="one")
    for act in (
        lambda: recordings.change_comment(ben, said.id, text="two"),
        lambda: recordings.remove_comment(ben, said.id),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert recordings.change_comment(sue, said.id, text="two").changed_at is not None
    recordings.remove_comment(sue, said.id)
    assert count(row) == 0 and not Comment.objects.exists()
    with pytest.raises(NotFound):
        recordings.remove_comment(sue, said.id)
    kept = AuditEntry.objects.filter(subject_id=row.recording_id).order_by("at", "id")
    assert [(entry.action, entry.before.get("text")) for entry in kept] == [
        ("recordings.comment", None),
        ("recordings.change_comment", "one"),
        ("recordings.remove_comment", "two"),
    ]
