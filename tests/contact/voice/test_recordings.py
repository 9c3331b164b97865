"""Recordings after the call: kept with their loudness, or thrown away with a reason."""

from __future__ import annotations

import math
import struct
import wave
from array import array
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callcart.contact.conversations.models import Conversation, Recording
from callcart.contact.conversations.public import open_conversation
from callcart.contact.voice.jobs import file_of, keep_recording, sweep_recordings
from callcart.contact.voice.models import Call, RecordingFileState
from callcart.contact.voice.waves import MAX_PEAKS, NotASound, is_whole, read_sound
from callcart.core import clock, files
from callcart.core.actor import Actor
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


def test_a_talk_is_kept_with_its_length_and_loudness(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant)
    path = file_of(call.customer_channel)
    write(path, 4, silent_first=2)
    assert run(call) == "kept"
    recording = Recording.objects.get(conversation_id=call.conversation_id)
    assert (recording.state, recording.duration_ms) == ("ready", 4000)
    assert len(recording.peaks) == MAX_PEAKS
    assert set(recording.peaks[:999]) == {0} and all(45 <= peak <= 51 for peak in recording.peaks[1001:])
    assert files.path(recording.file_key).read_bytes() == path.read_bytes()


def test_running_again_changes_nothing(tenant: Tenant, folder: Path) -> None:
    call = ended_call(tenant)
    write(file_of(call.customer_channel))
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
    path = file_of(call.customer_channel)
    write(path)
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
    kept = files.path(Recording.objects.get().file_key)
    with wave.open(str(kept)) as sound:
        assert sound.getnframes() == 16000


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


def test_files_of_nobody_are_swept_after_a_day(folder: Path) -> None:
    import os

    old, new = folder / "old.wav", folder / "new.wav"
    write(old)
    write(new)
    os.utime(old, (0, 0))
    assert sweep_recordings() == 1
    assert list(folder.iterdir()) == [new]


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
        read_sound(path)
