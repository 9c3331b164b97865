"""After a call: its recording is taken from the engine's folder, measured, kept with the conversation, or thrown away."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import structlog
from django.conf import settings

from callcart.contact.conversations import public as conversations
from callcart.contact.recordings import public as recordings
from callcart.contact.voice.models import Call, RecordingFileState
from callcart.contact.voice.waves import Joined, NotASound, is_whole, read_track
from callcart.core import clock, events, jobs
from callcart.core.database import parameters
from callcart.core.tenancy import current_tenant, tenant_transaction

log = structlog.get_logger(__name__)

LEAST_MS = 300
AGAIN_SECONDS = 3
PATIENCE = timedelta(seconds=60)
LEFT_ALONE = timedelta(minutes=10)
SIDES = ("-caller", "-agent")  # what the dial plan adds to a leg's name; without it, both in one
MESSAGES = (
    "message-"  # what callers leave when nobody answers: not a call's, and looked after by whoever takes it
)
_CHANNEL = re.compile(r"[\w.\-]{1,100}")
_PENDING = (
    "SELECT customer_channel FROM voice_call WHERE recording = 'pending' AND customer_channel = ANY(%s)"
)
_LEFT = """
SELECT c.tenant_id, c.conversation_id FROM voice_call c WHERE c.recording = 'pending' AND c.ended_at < %s AND NOT EXISTS (
  SELECT 1 FROM procrastinate_jobs j WHERE j.task_name = %s AND j.status IN ('todo', 'doing')
     AND j.args->>'conversation_id' = c.conversation_id::text) ORDER BY c.ended_at LIMIT 500"""
_OVER = (RecordingFileState.KEPT, RecordingFileState.FAILED)


@jobs.job(queue="recordings", retry=5, atomic=False)
def keep_recording(*, conversation_id: str) -> None:
    """Keep the sound of an ended call, both sides as one. Runs again in a moment where a file is not whole yet, and for as long
    as the disk takes nothing: until then the sound stays where the engine left it. Nobody waits for a lock meanwhile. Higher domains are
    told of the call's end, perhaps more than once."""
    with tenant_transaction(current_tenant()):
        call = Call.objects.filter(conversation_id=UUID(conversation_id), ended_at__isnull=False).first()
        if call is None or call.recording in _OVER:
            return
        paths = files_of(call.customer_channel)
        talked = conversations.get_conversation(call.conversation_id).answered_at is not None
        if call.recording == RecordingFileState.NONE or not talked:
            _mark(call, RecordingFileState.NONE)
            wanted = False
        else:
            wanted = True
            waited = call.ended_at is not None and clock.now() - call.ended_at > PATIENCE
            if not waited and not (paths and all(is_whole(path) for path in paths)):
                jobs.defer_in(AGAIN_SECONDS, keep_recording, conversation_id=conversation_id)
                return
        events.emit(
            "call.ended",
            subject=("conversation", call.conversation_id),
            audience="process",
            data={"conversation_id": call.conversation_id},
        )
    if not wanted or _taken(call, paths):
        _forget(paths)


@jobs.periodic(cron="*/10 * * * *")
def keep_what_was_left() -> None:
    """Every ten minutes: ended calls whose sound is still to be kept and whose job has given up get another one."""
    task = jobs.queue_and_name(keep_recording)[1]
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        left = connection.execute(_LEFT, [clock.now() - LEFT_ALONE, task]).fetchall()
    for tenant_id, conversation_id in left:
        with tenant_transaction(tenant_id):
            jobs.defer(keep_recording, conversation_id=str(conversation_id))


def _taken(call: Call, paths: Sequence[Path]) -> bool:
    """Whether nothing more is to be had of these files: their sound is kept, or cannot be."""
    sound, problem = _read(paths)
    if sound is None:
        return _failed(call, problem)
    with tenant_transaction(current_tenant()):
        key = recordings.key_in_use()
    try:
        put = recordings.seal_sound(sound.pieces(), key=key)
    except OSError as error:
        return _later(call, recordings.reason_of(error))
    if sound.is_silent:
        recordings.forget_files([put.file_key])
        return _failed(call, "silent")
    kept = recordings.Kept(put.file_key, put.sealed_with, sound.duration_ms, put.size, sound.peaks)
    with tenant_transaction(current_tenant()):
        if _locked(call):
            recordings.keep(conversations.start_recording(call.conversation_id).id, kept)
            _mark(call, RecordingFileState.KEPT)
            recordings.trouble_over()
            recordings.count_kept()
        else:  # the job of a worker that was thought dead was quicker
            recordings.forget_files([put.file_key])
    return True


def _later(call: Call, reason: str) -> bool:
    """The disk takes nothing: it is said, and tried again until it does."""
    with tenant_transaction(current_tenant()):
        recordings.note_trouble(reason)
        conversation_id = str(call.conversation_id)
        jobs.defer_in(recordings.AGAIN_SECONDS, keep_recording, conversation_id=conversation_id)
    return False


def _failed(call: Call, problem: str) -> bool:
    with tenant_transaction(current_tenant()):
        if _locked(call):
            log.warning("recording.failed", conversation=str(call.conversation_id), problem=problem)
            recording = conversations.start_recording(call.conversation_id)
            conversations.fail_recording(recording.id, reason=problem)
            _mark(call, RecordingFileState.FAILED)
            recordings.count_lost(problem)
    return True


def _locked(call: Call) -> bool:
    """Whether the call's sound is still to be seen to; nobody else does so until the transaction ends."""
    row = Call.objects.select_for_update().filter(conversation_id=call.conversation_id).first()
    return row is not None and row.recording == RecordingFileState.PENDING


def _read(paths: Sequence[Path]) -> tuple[Joined | None, str]:
    """The sound, or what is wrong with it. Of two sides one that cannot be read is silence."""
    tracks, problem = [], "missing"
    for path in paths:
        try:
            tracks.append(read_track(path))
        except FileNotFoundError:
            continue
        except NotASound:
            problem = "unreadable"
    if not tracks:
        return None, problem
    try:
        sound = Joined(tracks)
    except NotASound:
        return None, "unreadable"
    return (None, "empty") if sound.duration_ms < LEAST_MS else (sound, "")


def files_of(channel: str) -> list[Path]:
    """What the engine wrote of a caller's leg: the caller's side and the agent's, or, of a call that began under an older dial
    plan, one file of both. Empty where there is nothing."""
    sides = [file_of(channel, side) for side in SIDES]
    if any(path.exists() for path in sides):
        return sides
    return [path for path in (file_of(channel),) if path.exists()]


def file_of(channel: str, side: str = "") -> Path:
    """Where the engine writes a side of a caller's leg."""
    if not _CHANNEL.fullmatch(channel) or channel.startswith("."):
        raise ValueError("not the name of a leg")
    return Path(settings.CALLCART_RECORDINGS) / f"{channel}{side}.wav"


def sweep_recordings(*, older_than: timedelta = timedelta(days=1)) -> int:
    """Delete what no call came for (refused numbers, rows lost): files not written to for a day, but none of a call whose sound
    is still to be kept. The number deleted."""
    folder, limit = Path(settings.CALLCART_RECORDINGS), time.time() - older_than.total_seconds()
    old = []
    for path in folder.glob("*.wav") if folder.is_dir() else ():
        if path.name.startswith(MESSAGES):
            continue
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < limit:
                old.append(path)
    wanted = _pending({_leg_of(path) for path in old}) if old else set()
    gone = [path for path in old if _leg_of(path) not in wanted]
    _forget(gone)
    return len(gone)


def _leg_of(path: Path) -> str:
    name = path.stem
    for side in SIDES:
        name = name.removesuffix(side)
    return name


def _pending(legs: set[str]) -> set[str]:
    """Those of these legs, of all shops, whose sound is still to be kept."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        return {str(row[0]) for row in connection.execute(_PENDING, [sorted(legs)])}


def _mark(call: Call, state: RecordingFileState) -> None:
    Call.objects.filter(conversation_id=call.conversation_id).update(recording=state)


def _forget(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
