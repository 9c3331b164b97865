"""Taking sound in: the row by which it is found is written with the conversation's recording, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, Recording, Step, WrapUp
from callcart.contact.recordings import transcripts
from callcart.contact.recordings.models import LengthClass, Sound
from callcart.contact.recordings.retention import due_of, rules
from callcart.core import jobs

OVERVIEW = 200
_LENGTHS = (
    (30_000, LengthClass.UNDER_30_S),
    (120_000, LengthClass.UNDER_2_MIN),
    (600_000, LengthClass.UNDER_10_MIN),
    (1_800_000, LengthClass.UNDER_30_MIN),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A sound whose file is written already. `peaks`: for each side loudness 0 to 100; `size`: bytes as it is heard."""

    file_key: str
    sealed_with: str
    duration_ms: int
    size: int
    peaks: Sequence[Sequence[int]]


def keep(recording_id: UUID, kept: Kept) -> Sound:
    """The recording is there from now on. Saying it twice is saying it once. Raises NotFound."""
    recording = conversations.finish_recording(
        recording_id,
        file_key=kept.file_key,
        duration_ms=kept.duration_ms,
        peaks=_overview(kept.peaks),
    )
    row = Sound.objects.filter(recording_id=recording_id).first()
    return row or _add(recording, kept)


def length_class(duration_ms: int) -> LengthClass:
    """The class of a length."""
    return next((found for limit, found in _LENGTHS if duration_ms < limit), LengthClass.LONGER)


def refresh(conversation_id: UUID) -> None:
    """What was said of a conversation after its sound was kept stands with the sound too."""
    if not Sound.objects.filter(conversation_id=conversation_id).exists():
        return
    said, among = _said(Conversation.objects.get(id=conversation_id)), rules()
    for sound in Sound.objects.filter(conversation_id=conversation_id, deleted_at=None):
        for name, value in said.items():
            setattr(sound, name, value)
        sound.due_at = due_of(sound, among)
        sound.save(update_fields=[*said, "due_at"])


def _add(recording: Recording, kept: Kept) -> Sound:
    talk = Conversation.objects.get(id=recording.conversation_id)
    left, right = (*kept.peaks, ())[:2]
    row = Sound(
        recording_id=recording.id,
        conversation_id=talk.id,
        number=talk.number,
        started_at=recording.started_at,
        duration_ms=recording.duration_ms,
        length_class=length_class(recording.duration_ms),
        channels=max(1, len(kept.peaks)),
        peaks_left=bytes(left),
        peaks_right=bytes(right),
        size=kept.size,
        sealed_with=kept.sealed_with,
        held=Step.objects.filter(conversation_id=talk.id, kind="hold.started").exists(),
        **_said(talk),
    )
    row.due_at = due_of(row, rules())
    row.save(force_insert=True)
    if transcripts.wanted(talk.language):
        jobs.defer(transcripts.write_down, recording_id=str(recording.id))
    return row


def _said(talk: Conversation) -> dict[str, Any]:
    """What a recording is found by of its conversation."""
    sent = WrapUp.objects.filter(conversation_id=talk.id, submitted_at__isnull=False)
    return {
        "channel": talk.channel,
        "direction": talk.direction,
        "agent_id": talk.agent_id,
        "queue_id": talk.queue_id,
        "customer_id": talk.customer_id,
        "caller_e164": talk.caller_e164,
        "disposition_id": sent.values_list("disposition_id", flat=True).first(),
    }


def _overview(peaks: Sequence[Sequence[int]]) -> list[int]:
    """The louder side in few values, for whoever shows one line."""
    longest = max((len(side) for side in peaks), default=0)
    both = [max(side[at] for side in peaks if at < len(side)) for at in range(longest)]
    stretch = max(1, -(-len(both) // OVERVIEW))
    return [max(both[start : start + stretch]) for start in range(0, len(both), stretch)]
