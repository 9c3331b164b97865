"""After a call: its recording is taken from the engine's folder, measured, kept with the conversation, or thrown away."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from callcart.contact.conversations import public as conversations
from callcart.contact.voice.models import Call, RecordingFileState
from callcart.contact.voice.waves import NotASound, Sound, is_whole, read_sound
from callcart.core import clock, files, jobs

log = structlog.get_logger(__name__)

LEAST_MS = 300
AGAIN_SECONDS = 3
PATIENCE = timedelta(seconds=60)
_CHANNEL = re.compile(r"[\w.\-]{1,100}")


@jobs.job(queue="recordings", retry=5)
def keep_recording(*, conversation_id: str) -> None:
    """Keep the sound of an ended call. Runs again in a moment where the file is not whole yet."""
    call = (
        Call.objects.select_for_update()
        .filter(conversation_id=UUID(conversation_id), ended_at__isnull=False)
        .first()
    )
    if call is None or call.recording in (RecordingFileState.KEPT, RecordingFileState.FAILED):
        return
    path = file_of(call.customer_channel)
    talked = conversations.get_conversation(call.conversation_id).answered_at is not None
    if call.recording == RecordingFileState.NONE or not talked:
        _forget(path)
        _mark(call, RecordingFileState.NONE)
        return
    waited = call.ended_at is not None and clock.now() - call.ended_at > PATIENCE
    if not waited and not (path.exists() and is_whole(path)):
        jobs.defer_in(AGAIN_SECONDS, keep_recording, conversation_id=conversation_id)
        return
    _keep(call, path)


def _keep(call: Call, path: Path) -> None:
    recording = conversations.start_recording(call.conversation_id)
    sound, problem = _read(path)
    if sound is None:
        log.warning("recording.failed", conversation=str(call.conversation_id), problem=problem)
        conversations.fail_recording(recording.id, reason=problem)
        _mark(call, RecordingFileState.FAILED)
    else:
        conversations.finish_recording(
            recording.id,
            file_key=files.put(sound.data, kind="recording", suffix=".wav"),
            duration_ms=sound.duration_ms,
            peaks=sound.peaks,
        )
        _mark(call, RecordingFileState.KEPT)
    transaction.on_commit(lambda: _forget(path))


def _read(path: Path) -> tuple[Sound | None, str]:
    """The sound, or what is wrong with it."""
    try:
        sound = read_sound(path)
    except FileNotFoundError:
        return None, "missing"
    except NotASound:
        return None, "unreadable"
    if sound.duration_ms < LEAST_MS:
        return None, "empty"
    return (None, "silent") if sound.is_silent else (sound, "")


def file_of(channel: str) -> Path:
    """Where the engine writes the sound of a caller's leg."""
    if not _CHANNEL.fullmatch(channel) or channel.startswith("."):
        raise ValueError("not the name of a leg")
    return Path(settings.CALLCART_RECORDINGS) / f"{channel}.wav"


def sweep_recordings(*, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete what no call came for (refused numbers, rows lost): files not written to for a day. The number deleted."""
    folder, limit, count = Path(settings.CALLCART_RECORDINGS), time.time() - older_than.total_seconds(), 0
    for path in folder.glob("*.wav") if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                path.unlink()
                count += 1
    return count


def _mark(call: Call, state: RecordingFileState) -> None:
    Call.objects.filter(conversation_id=call.conversation_id).update(recording=state)


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)
