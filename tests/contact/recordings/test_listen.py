"""Hearing and taking away: by permission and scope, each in the audit with from where; what was damaged is never given out."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.models import DataKey, Sound
from callcart.core import files, keyring
from callcart.core.actor import Actor
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.core.sealing import Damaged
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff, Team
from callcart.people.tenants.models import Tenant
from tests.contact.recordings.conftest import Make, keep_sound, person


def heard(actor: Actor, row: Sound, **more: bool) -> bytes:
    opened = recordings.listen(actor, row.recording_id, whence="192.0.2.7 desk", **more)
    with opened.sound as sound:
        return b"".join(sound.pieces())


def entries(row: Sound, action: str = "recordings.listen") -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action, subject_id=row.recording_id))


def test_each_listening_is_in_the_audit_with_who_which_and_from_where(tenant: Tenant, make: Make) -> None:
    row, sue = make(), person(tenant, listen="")
    assert heard(sue, row) == heard(sue, row) == b"RIFF sound"
    first, second = entries(row)
    assert (first.actor_id, first.actor_name) == (sue.id, "Sue")
    assert first.after == {
        "conversation_id": str(row.conversation_id),
        "number": row.number,
        "from": "192.0.2.7 desk",
    }
    assert second.at >= first.at


def test_later_pieces_belong_to_a_listening_but_are_no_way_around_it(tenant: Tenant, make: Make) -> None:
    row, sue, ben = make(), person(tenant, listen=""), person(tenant, listen="")
    heard(sue, row, begins=False)  # nobody begins in the middle unseen
    heard(sue, row, begins=False)
    heard(ben, row, begins=False)
    assert [entry.actor_id for entry in entries(row)] == [sue.id, ben.id]


@pytest.mark.parametrize(("grants", "error"), [({}, PermissionDenied), ({"listen": "own"}, NotFound)])
def test_who_may_not_hear_it_leaves_no_trace_and_gets_none(
    tenant: Tenant, make: Make, grants: dict[str, str], error: type[Exception]
) -> None:
    row, sue = make(agent_id=uuid4()), person(tenant, **grants)
    with pytest.raises(error):
        heard(sue, row)
    assert recordings.of_conversation(sue, row.conversation_id) == []
    assert entries(row) == []


def test_ones_own_may_be_heard(tenant: Tenant, make: Make) -> None:
    amy = person(tenant, listen="own")
    row = make(agent_id=amy.id)
    assert [each.recording_id for each in recordings.of_conversation(amy, row.conversation_id)] == [
        row.recording_id
    ]
    assert heard(amy, row) == b"RIFF sound"


def test_a_team_is_who_is_of_it(tenant: Tenant, make: Make) -> None:
    team = Team.objects.create(name="North")
    amy, ben, out = (_staff(name, team if name != "out" else None) for name in ("amy", "ben", "out"))
    lead = person(tenant, amy, listen="team")
    assert heard(lead, make(agent_id=ben)) and heard(lead, make(agent_id=amy))
    with pytest.raises(NotFound):
        heard(lead, make(agent_id=out))


def _staff(name: str, team: Team | None) -> UUID:
    row = Staff.objects.create(email=f"{name}@x.example", name=name, password="!", team=team)
    return UUID(str(row.id))


def test_taking_away_is_a_permission_of_its_own(tenant: Tenant, make: Make) -> None:
    row, sue = make(), person(tenant, listen="")
    with pytest.raises(PermissionDenied):
        recordings.download(sue, row.recording_id, whence="192.0.2.7 office")
    assert entries(row, "recordings.download") == []
    boss = person(tenant, listen="", download="")
    opened = recordings.download(boss, row.recording_id, whence="192.0.2.7 office")
    opened.sound.close()
    assert opened.name == f"{row.number}.wav"
    assert [entry.after["from"] for entry in entries(row, "recordings.download")] == ["192.0.2.7 office"]


def test_what_was_changed_on_the_disk_is_not_given_out(tenant: Tenant, make: Make) -> None:
    row, boss = make(bytes(200_000)), person(tenant, listen="", download="")
    path = files.path(_key(row))
    data = bytearray(path.read_bytes())
    data[70_000] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged):
        recordings.download(boss, row.recording_id, whence="")
    with pytest.raises(Damaged):
        heard(boss, row)
    assert entries(row, "recordings.download") == []


def _key(row: Sound) -> str:
    from callcart.contact.conversations.models import Recording

    return Recording.objects.get(id=row.recording_id).file_key


def test_a_lost_key_and_a_wrong_one_are_said_in_words(tenant: Tenant, make: Make) -> None:
    row, sue = make(), person(tenant, listen="")
    key = DataKey.objects.get(name=row.sealed_with)
    right = bytes(key.wrapped)
    DataKey.objects.update(wrapped_by="0123456789abcdef")
    with pytest.raises(keyring.KeyMissing) as said:
        heard(sue, row)
    assert "0123456789abcdef" in said.value.message
    DataKey.objects.update(wrapped_by=key.wrapped_by, wrapped=right[:-1] + bytes([right[-1] ^ 1]))
    with pytest.raises(Damaged):
        heard(sue, row)
    DataKey.objects.all().delete()
    with pytest.raises(recordings.KeyUnknown):
        heard(sue, row)
    assert entries(row) == []


def test_without_the_old_key_what_comes_now_is_kept_all_the_same(tenant: Tenant, make: Make) -> None:
    make()
    DataKey.objects.update(wrapped_by="0123456789abcdef")
    row, sue = make(b"RIFF new"), person(tenant, listen="")
    assert heard(sue, row) == b"RIFF new"


def test_another_shops_file_is_not_opened_even_where_a_row_names_it(
    tenant: Tenant, other_tenant: Tenant, make: Make
) -> None:
    from callcart.contact.conversations.models import Recording

    with tenant_transaction(other_tenant.id):
        theirs = keep_sound(other_tenant.id, b"RIFF theirs")
        data = files.path(_key(theirs)).read_bytes()
    ours = make()
    files.path(_key(ours)).write_bytes(data)
    assert Recording.objects.filter(id=ours.recording_id).exists()
    with pytest.raises(recordings.KeyUnknown):
        heard(person(tenant, listen=""), ours)
