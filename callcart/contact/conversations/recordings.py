"""Recordings: the row goes with the sound from its start; listening needs a permission with scope, and each time
somebody listens is in the audit before the first byte leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from callcart.contact.conversations.models import Recording
from callcart.contact.conversations.path import add_step
from callcart.contact.conversations.states import RecordingState
from callcart.core import audit, events, files
from callcart.core.actor import Actor
from callcart.core.errors import NotFound

MAX_PEAKS = 2000


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """Sound ready to be sent to a listener."""

    path: Path
    duration_ms: int
    peaks: Sequence[int]


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


def recordings_of(actor: Actor, conversation_id: UUID) -> list[Recording]:
    """The recordings of a conversation this actor may hear; none for whoever may hear none."""
    rows = Recording.objects.filter(conversation_id=conversation_id, state=RecordingState.READY)
    return [
        row for row in rows.select_related("conversation").order_by("started_at") if _may_hear(actor, row)
    ]


def open_recording(actor: Actor, recording_id: UUID) -> RecordingFile:
    """The file to play, written to the audit in the transaction in hand. Raises NotFound, PermissionDenied."""
    actor.require("recordings.listen")
    recording = (
        Recording.objects.filter(id=recording_id, state=RecordingState.READY)
        .select_related("conversation")
        .first()
    )
    if recording is None or not _may_hear(actor, recording):
        raise NotFound
    path = files.path(recording.file_key)
    audit.record(
        actor,
        "recordings.listen",
        subject=("recording", recording.id),
        after={"conversation_id": recording.conversation_id},
    )
    return RecordingFile(path, recording.duration_ms, recording.peaks)


def _may_hear(actor: Actor, recording: Recording) -> bool:
    if not actor.can("recordings.listen"):
        return False
    own = actor.require("recordings.listen").scope == "own"
    return not own or (actor.id is not None and recording.conversation.agent_id == actor.id)


def _get(recording_id: UUID) -> Recording:
    found = Recording.objects.filter(id=recording_id).first()
    if found is None:
        raise NotFound
    return found
