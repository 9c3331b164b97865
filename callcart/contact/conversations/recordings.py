"""Recordings: the row goes with the sound from its start to its deletion. What is kept of the sound, who hears it and for how
long it stays is `contact/recordings`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from callcart.contact.conversations.models import Recording
from callcart.contact.conversations.path import add_step
from callcart.contact.conversations.states import RecordingState
from callcart.core import events
from callcart.core.errors import NotFound

MAX_PEAKS = 2000


def start_recording(conversation_id: UUID) -> Recording:
    """The sound begins to be written. A conversation has one running recording at most: it is given again."""
    running = Recording.objects.filter(conversation_id=conversation_id, state=RecordingState.RUNNING).first()
    if running is not None:
        return running
    recording = Recording.objects.create(conversation_id=conversation_id)
    add_step(conversation_id, "recording.started", data={"recording_id": str(recording.id)})
    return recording


def finish_recording(
    recording_id: UUID, *, file_key: str, duration_ms: int, peaks: Sequence[int]
) -> Recording:
    """The file is kept under `file_key` (core.files). `peaks`: loudness 0 to 100, at most 2,000 values."""
    recording = _get(recording_id)
    if recording.state == RecordingState.READY:
        return recording  # told twice: the job that keeps the file may run again
    recording.state, recording.file_key = RecordingState.READY, file_key
    recording.duration_ms = max(0, duration_ms)
    recording.peaks = [min(100, max(0, int(peak))) for peak in peaks[:MAX_PEAKS]]
    recording.save(update_fields=["state", "file_key", "duration_ms", "peaks"])
    add_step(recording.conversation_id, "recording.ready", data={"recording_id": str(recording.id)})
    events.emit(
        "recording.ready",
        subject=("conversation", recording.conversation_id),
        data={"conversation_id": recording.conversation_id, "recording_id": recording.id},
    )
    return recording


def fail_recording(recording_id: UUID, *, reason: str) -> None:
    """No usable sound came of it."""
    recording = _get(recording_id)
    Recording.objects.filter(id=recording_id, state=RecordingState.RUNNING).update(
        state=RecordingState.FAILED
    )
    add_step(recording.conversation_id, "recording.failed", data={"reason": reason})


def delete_recording(recording_id: UUID, *, data: Mapping[str, Any]) -> str:
    """Its time is over: the row stays, without sound, with a step that says why. The key of the file to delete after the commit,
    empty where it was deleted before."""
    recording = Recording.objects.select_for_update().filter(id=recording_id).first()
    if recording is None or recording.state != RecordingState.READY:
        return ""
    file_key = recording.file_key
    recording.state, recording.file_key, recording.peaks = RecordingState.DELETED, "", []
    recording.save(update_fields=["state", "file_key", "peaks"])
    add_step(recording.conversation_id, "recording.deleted", data={"recording_id": str(recording_id), **data})
    events.emit(
        "recording.deleted",
        subject=("conversation", recording.conversation_id),
        data={"conversation_id": recording.conversation_id, "recording_id": recording_id},
    )
    return file_key


def _get(recording_id: UUID) -> Recording:
    found = Recording.objects.filter(id=recording_id).first()
    if found is None:
        raise NotFound
    return found
