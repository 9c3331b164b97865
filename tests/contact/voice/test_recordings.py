"""Recordings after the call: kept with their loudness, or thrown away with a reason."""

from __future__ import annotations

import errno
import io
import math
import os
import struct
import wave
from array import array
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from callcart.config import config
from callcart.contact.conversations.models import Conversation, Recording
from callcart.contact.conversations.public import open_conversation
from callcart.contact.recordings import audio
from callcart.contact.recordings.jobs import remove_orphans
from callcart.contact.recordings.models import Sound, Trouble
from callcart.contact.voice.jobs import file_of, keep_recording, keep_what_was_left, sweep_recordings
from callcart.contact.voice.models import Call, RecordingFileState
from callcart.contact.voice.waves import MAX_PEAKS, Joined, NotASound, Track, is_whole, read_track
from callcart.core import clock, files
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.models import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: Any) -> Path:
    from django.conf import settings

    monkeypatch.setattr(settings, "CALLCART_RECORDINGS", tmp_path)
    return tmp_path


def write(path: Path, seconds: float = 2.0, *, loudness: float = 0.5, silent_first: float = 0.0) -> None:
    count = int(8000 * seconds)
    samples = array(
        "h",
        (
            0 if at < silent_first * 8000 else int(32767 * loudness * math.sin(at * 0.35))
            for at in range(count)
        ),
    )
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(samples.tobytes())


def sides(call: Call) -> tuple[Path, Path]:
    return file_of(call.customer_channel, "-caller"), file_of(call.customer_channel, "-agent")


def heard(row: Recording) -> wave.Wave_read:
    with audio.open_sound(row.file_key) as sound:
        return wave.open(io.BytesIO(sound.read_all(0, sound.size)))


def ended_call(tenant: Tenant, *, talked: bool = True, wanted: bool = True, ago: float = 1) -> Call:
    conversation = open_conversation(Actor.system(tenant.id))
    if talked:
        Conversation.objects.filter(id=conversation.id).update(answered_at=clock.now())
    return Call.objects.create(
        conversation_id=conversation.id,
        customer_channel=f"1700000000.{Call.objects.count()}",
        state="ended",
        ended_at=clock.now() - timedelta(seconds=ago),
        recording=RecordingFileState.PENDING if wanted else RecordingFileState.NONE,
    )


def run(call: Call) -> str:
    keep_recording(conversation_id=str(call.conversation_id))
    return str(Call.objects.get(conversation_id=call.conversation_id).recording)


def test_both_sides_are_kept_as_one_sound(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant)
    caller, agent = sides(call)
    write(caller, 4, silent_first=2)
    write(agent, 3, loudness=0.25)
    written = [path.read_bytes()[44:] for path in (caller, agent)]
    assert run(call) == "kept"
    recording = Recording.objects.get(conversation_id=call.conversation_id)
    assert (recording.state, recording.duration_ms) == ("ready", 4000)
    row = Sound.objects.get(recording_id=recording.id)
    left, right = row.sides
    assert len(left) == len(right) == MAX_PEAKS
    assert set(left[:399]) == {0} and all(45 <= peak <= 51 for peak in left[401:])
    assert all(20 <= peak <= 26 for peak in right[:599]) and set(right[601:]) == {0}  # padded with silence
    sound = heard(recording)
    frames = array("h", sound.readframes(sound.getnframes()))
    assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (2, 8000, 32000)
    assert frames[0::2].tobytes() == written[0]
    assert frames[1::2].tobytes() == written[1] + bytes(16000)
    assert not list(folder.iterdir())


def test_the_file_on_disk_opens_as_nothing(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant)
    for side in sides(call):
        write(side)
    run(call)
    kept = files.path(Recording.objects.get().file_key).read_bytes()
    assert b"RIFF" not in kept and b"WAVE" not in kept
    assert bytes(64) not in kept


def test_a_call_from_before_is_kept_as_it_was_written(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant)
    path = file_of(call.customer_channel)
    write(path)
    whole = path.read_bytes()
    assert run(call) == "kept"
    with audio.open_sound(Recording.objects.get().file_key) as sound:
        assert sound.read_all(0, sound.size) == whole
    assert Sound.objects.get().channels == 1


def test_of_one_side_alone_the_other_is_not_invented(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant, ago=90)
    write(sides(call)[0])
    assert run(call) == "kept"
    assert Sound.objects.get().channels == 1


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "disk_full"), (errno.EROFS, "disk_read_only"), (errno.EIO, "disk_fault")],
)
def test_a_disk_that_takes_nothing_is_said_and_tried_again(
    tenant: Tenant, folder: Path, monkeypatch: Any, number: int, reason: str
) -> None:
    call = ended_call(tenant, ago=100_000)
    for side in sides(call):
        write(side)
    real = os.fsync

    def full(_descriptor: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", full)
    assert run(call) == run(call) == "pending"
    trouble = Trouble.objects.get()
    assert (trouble.reason, trouble.times) == (reason, 2)
    assert [each.kind for each in Event.objects.filter(kind__startswith="recordings.")] == [
        "recordings.trouble"
    ]
    assert not _drafts(tenant), "half a file stays on a full disk"
    assert all(side.exists() for side in sides(call))
    monkeypatch.setattr(os, "fsync", real)
    assert run(call) == "kept"
    assert not Trouble.objects.exists()
    assert Event.objects.filter(kind="recordings.trouble_over").count() == 1


def _drafts(tenant: Tenant) -> list[Path]:
    return list((config().home / "files" / str(tenant.id)).rglob(".new-*"))


def test_a_killed_job_leaves_no_second_file(tenant: Tenant, folder: Path) -> None:
    """Between the file and the row it was killed: the next one keeps its own, the other is nobody's and is swept."""
    call = ended_call(tenant)
    for side in sides(call):
        write(side)
    root = config().home / "files" / str(tenant.id) / "recording"
    of_others = set(root.rglob("*.sealed"))
    with (
        pytest.raises(ZeroDivisionError),
        patch("callcart.contact.recordings.public.keep", side_effect=ZeroDivisionError),
    ):
        run(call)
    assert run(call) == "kept"
    kept = files.path(Recording.objects.get().file_key)
    orphans = set(root.rglob("*.sealed")) - of_others - {kept}
    assert len(orphans) == 1
    for path in [*orphans, kept]:
        os.utime(path, (0, 0))
        remove_orphans(part=path.parent.name)
    assert not any(path.exists() for path in orphans) and kept.exists()


def test_running_again_changes_nothing(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant)
    for side in sides(call):
        write(side)
    assert run(call) == run(call) == "kept"
    assert Recording.objects.count() == 1


def test_a_call_that_was_never_answered_leaves_nothing(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant, talked=False)
    write(file_of(call.customer_channel))
    assert run(call) == "none"
    assert not Recording.objects.exists() and not list(folder.iterdir())


def test_a_shop_that_does_not_record_keeps_no_sound(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant, wanted=False)
    write(file_of(call.customer_channel))
    assert run(call) == "none"
    assert not Recording.objects.exists() and not list(folder.iterdir())


def test_a_file_that_is_still_written_is_waited_for(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant)
    path, other = sides(call)
    write(path)
    write(other)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + struct.pack("<I", 0) + whole[44:])  # a header as before the file is closed
    assert not is_whole(path)
    assert run(call) == "pending"
    path.write_bytes(whole)
    assert run(call) == "kept"


def test_a_recorder_that_was_killed_still_leaves_its_sound(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant, ago=90)
    path = file_of(call.customer_channel)
    write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + struct.pack("<I", 0) + whole[44:])
    assert run(call) == "kept"
    assert heard(Recording.objects.get()).getnframes() == 16000


@pytest.mark.parametrize("what", ["missing", "empty", "silent", "unreadable"])
def test_what_cannot_be_heard_is_not_kept(tenant: Tenant, folder: Path, what: str) -> None:
    call = ended_call(tenant, ago=90)
    path = file_of(call.customer_channel)
    if what == "empty":
        write(path, 0.1)
    elif what == "silent":
        write(path, 2, loudness=0)
    elif what == "unreadable":
        path.write_bytes(b"\x00" * 5000)
    assert run(call) == "failed"
    recording = Recording.objects.get()
    assert (recording.state, recording.file_key) == ("failed", "")
    assert recording.conversation.steps.get(kind="recording.failed").data == {"reason": what}


def test_a_call_that_goes_on_is_left_alone(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant)
    Call.objects.update(ended_at=None)
    write(file_of(call.customer_channel))
    assert run(call) == "pending"
    assert list(folder.iterdir())


@pytest.mark.parametrize("channel", ["../../etc/passwd", ".hidden", "a/b", "", "x" * 200, "a\x00b"])
def test_a_legs_name_never_leads_out_of_the_folder(folder: Path, channel: str) -> None:
    with pytest.raises(ValueError, match="name of a leg"):
        file_of(channel)


def test_files_of_nobody_are_swept_after_a_day_but_not_what_waits_for_room(
    fresh_db: str, folder: Path
) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        call = ended_call(tenant)
    old, new = folder / "17.1-caller.wav", folder / "17.2-caller.wav"
    for path in (old, new, *sides(call)):
        write(path)
    for path in (old, *sides(call)):
        os.utime(path, (0, 0))
    assert sweep_recordings() == 1
    assert sorted(folder.iterdir()) == sorted([new, *sides(call)])


def test_a_job_that_gave_up_is_followed_by_another_one_once(fresh_db: str, folder: Path) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        call, kept = ended_call(tenant, ago=3600), ended_call(tenant, ago=3600)
        ended_call(tenant, ago=10)
        Call.objects.filter(conversation_id=kept.conversation_id).update(recording=RecordingFileState.KEPT)
        for side in sides(call):
            write(side)
    keep_what_was_left()
    keep_what_was_left()
    found = raw.all(
        "SELECT args->>'conversation_id' FROM procrastinate_jobs WHERE task_name LIKE '%%keep_recording'"
    )
    assert [row[0] for row in found] == [str(call.conversation_id)]
    with tenant_transaction(tenant.id):
        assert run(call) == "kept"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\x00\x00\x00\x00WAVEfmt " + b"\xff" * 40,
        b"RIFF\x00\x00\x00\x00WAVEfmt " + b"\x00" * 40,
    ],
)
def test_not_a_sound(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(data)
    with pytest.raises(NotASound):
        read_track(path)


def test_two_sides_of_different_rates_are_no_sound(tmp_path: Path) -> None:
    with pytest.raises(NotASound):
        Joined([Track(tmp_path, 8000, 10), Track(tmp_path, 16000, 10)])


def test_joining_takes_no_more_memory_for_a_longer_talk(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", 400)
    write(tmp_path / "b.wav", 400)
    sound = Joined([read_track(tmp_path / "a.wav"), read_track(tmp_path / "b.wav")])
    sizes = [len(piece) for piece in sound.pieces()]
    assert sum(sizes) == sound.size and max(sizes) <= 300_000 and len(sizes) > 40
