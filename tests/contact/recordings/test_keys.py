"""Keys change and files follow: what lay in the clear or under a key of before is sealed again, and nothing is lost on the way."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest.mock import patch

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Recording
from callcart.contact.recordings import jobs, keys
from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.models import DataKey, Sound, Trouble
from callcart.core import files, keyring
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.people.tenants.models import Tenant
from tests.contact.recordings.conftest import Make, person


def plain(tenant: Tenant, data: bytes = b"RIFF plain") -> Sound:
    """A recording as it was kept before there was sealing."""
    made = conversations.open_conversation(Actor.system(tenant.id))
    begun = conversations.start_recording(made.id)
    key = files.put(data, kind="recording", suffix=".wav")
    return recordings.keep(begun.id, recordings.Kept(key, "", 1000, 0, [[1]]))


def text(tenant: Tenant, row: Sound) -> bytes:
    with recordings.listen(person(tenant, listen=""), row.recording_id, whence="").sound as sound:
        return sound.read_all(0, sound.size)


def path_of(row: Sound) -> Path:
    return files.path(Recording.objects.get(id=row.recording_id).file_key)


def clear_up() -> int:
    """Run what waits for a day; how many jobs there were."""
    rows = raw.all("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%%remove_left'")
    for (args,) in rows:
        jobs.remove_left(file_keys=json.loads(args)["file_keys"])
    return len(rows)


def test_a_file_in_the_clear_is_heard_and_then_sealed(tenant: Tenant) -> None:
    row = plain(tenant)
    before = path_of(row)
    assert text(tenant, row) == b"RIFF plain"
    jobs.seal_rest()
    row.refresh_from_db()
    assert (row.sealed_with, row.size) == (keys.name_in_use(), 10)
    assert b"RIFF" not in path_of(row).read_bytes()
    assert before.exists(), "a backup that began before still reads it"
    assert clear_up() == 1
    assert not before.exists() and path_of(row).exists()
    assert text(tenant, row) == b"RIFF plain"


def test_of_two_that_share_a_file_the_second_still_has_it(tenant: Tenant) -> None:
    one, two = plain(tenant), plain(tenant)
    shared = path_of(one)
    assert shared == path_of(two)
    with patch.object(jobs, "PORTION", 1):
        jobs.seal_rest()
        clear_up()
        assert shared.exists()
        jobs.seal_rest(after=str(one.recording_id))
        clear_up()
    assert not shared.exists()
    assert text(tenant, one) == text(tenant, two) == b"RIFF plain"


def test_a_new_data_key_is_for_what_comes_and_a_job_brings_the_rest(tenant: Tenant, make: Make) -> None:
    old = make(b"RIFF old")
    name = recordings.replace_key()
    new = make(b"RIFF new")
    assert (old.sealed_with, new.sealed_with) != (name, name) and new.sealed_with == name
    jobs.seal_rest()
    old.refresh_from_db()
    assert old.sealed_with == name
    assert text(tenant, old) == b"RIFF old"
    fresh = path_of(old)
    jobs.seal_rest()  # again: nothing to do
    assert path_of(old) == fresh


def test_after_a_turn_of_the_installations_key_all_are_wrapped_by_the_new_one(
    tenant: Tenant, make: Make
) -> None:
    row = make(b"RIFF kept")
    _before, now = keyring.turn()
    assert recordings.wrap_again() == 1
    assert recordings.wrap_again() == 0
    assert {key.wrapped_by for key in DataKey.objects.all()} == {now.fingerprint}
    assert text(tenant, row) == b"RIFF kept"


def test_one_that_cannot_be_opened_does_not_keep_the_others_waiting(tenant: Tenant) -> None:
    bad, good = plain(tenant), plain(tenant, b"RIFF other")
    path_of(bad).unlink()
    jobs.seal_rest()
    good.refresh_from_db()
    assert good.sealed_with == keys.name_in_use()


def test_a_full_disk_leaves_all_as_it_was(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    row = plain(tenant)

    def full(_descriptor: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", full)
    jobs.seal_rest()
    monkeypatch.undo()
    assert Trouble.objects.get().reason == "disk_full"
    assert text(tenant, row) == b"RIFF plain"
    jobs.seal_rest()  # there is room again
    assert not Trouble.objects.exists()


def test_orphans_go_after_a_day_and_what_is_named_stays(tenant: Tenant, make: Make) -> None:
    row = make()
    put = recordings.seal_sound([b"of a killed job"], key=recordings.key_in_use())
    lost = files.path(put.file_key)
    jobs.remove_orphans(part=lost.parent.name)
    assert lost.exists()
    for path in (lost, path_of(row)):
        os.utime(path, (0, 0))
        jobs.remove_orphans(part=path.parent.name)
    assert not lost.exists() and path_of(row).exists()
