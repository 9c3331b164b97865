"""Taking a message while the caller is on the line: is there room for it, where is it spoken into, and has anything been said.

What these verbs write down is enough to keep the message, whoever dies meanwhile: `keeping` looks at the file by itself.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.recordings import public as recordings
from callcart.contact.routing import public as routing
from callcart.contact.voice.jobs import file_of
from callcart.contact.voice.waves import NotASound, read_track
from callcart.contact.voice.way import queue_of_call
from callcart.contact.voicemail.boxes import box_of
from callcart.contact.voicemail.keeping import LOOK_SECONDS, keep_message
from callcart.contact.voicemail.models import Box, Voicemail
from callcart.contact.voicemail.sounding import says_something
from callcart.contact.voicemail.states import VoicemailState
from callcart.core import jobs
from callcart.core.clock import now

MOST_A_CALL = 3
MOST_OF_NUMBER, HOUR = 10, timedelta(hours=1)  # a machine that calls again and again fills no inbox
AFTER = timedelta(seconds=120)  # for the greeting; past that and its greatest length a message is over
BYTES_A_SECOND = 16_000
SPARE = 50_000_000  # bytes of the disk that no message takes
COPIES = 3  # as it is written, sealed, and a margin


@dataclass(frozen=True, slots=True)
class Taking:
    """A message may be left: into this file, so long. `texts`: the greeting of the shop's own by language."""

    name: str
    seconds: int
    silence: int
    texts: dict[str, str]


def begin(call_id: UUID, *, language: str, queue_id: UUID | None = None) -> Taking | None:
    """Let a caller leave a message for a queue: the one asked for, else where the call would wait. Asked again before it has begun it
    is the same one. None where none is taken: switched off, no queue, no room on the disk, three were left in this call, or ten from this
    number within the hour."""
    row = Voicemail.objects.filter(call_id=call_id, state=VoicemailState.TAKING).first()
    queue_id = _queue_of(call_id, language, queue_id) if row is None else row.queue_id
    if queue_id is None:
        return None
    box = box_of(queue_id)
    if row is None:
        if not box.is_on or Voicemail.objects.filter(call_id=call_id).count() >= MOST_A_CALL:
            return None
        if _left_by_number(call_id) >= MOST_OF_NUMBER:
            return None
        if not _has_room(box.most_s):
            recordings.note_trouble("disk_full")
            return None
        row = Voicemail.objects.create(
            call_id=call_id,
            queue_id=_receiver(box, queue_id),
            most_s=box.most_s,
            silence_s=box.silence_s,
            until=now() + timedelta(seconds=box.most_s) + AFTER,
        )
        jobs.defer_in(LOOK_SECONDS, keep_message, voicemail_id=str(row.id))
    else:
        Voicemail.objects.filter(id=row.id).update(until=now() + timedelta(seconds=row.most_s) + AFTER)
    texts = {"en": box.text, "zh-hans": box.text_zh}
    return Taking(
        row.file_name, row.most_s, row.silence_s, {key: each for key, each in texts.items() if each}
    )


def ended(call_id: UUID) -> bool:
    """The caller has done. Whether something was said that will be kept; it is kept from now on, whatever becomes of the call."""
    row = _open(call_id)
    if row is None:
        return Voicemail.objects.filter(call_id=call_id, state=VoicemailState.KEPT).exists()
    Voicemail.objects.filter(id=row.id, ended_at=None).update(ended_at=now())
    jobs.defer(keep_message, voicemail_id=str(row.id))
    try:
        return says_something(read_track(file_of(row.file_name)))
    except (FileNotFoundError, NotASound):
        return False


def failed(call_id: UUID) -> None:
    """The engine could not write it down: nothing of it is kept, which the caller is told."""
    row = _open(call_id)
    if row is None:
        return
    Voicemail.objects.filter(id=row.id).update(state=VoicemailState.LOST, ended_at=now())
    conversations.add_step(call_id, "voicemail.lost", data={"why": "not_written"})
    recordings.count_lost("not_written")
    file_of(row.file_name).unlink(missing_ok=True)


def _open(call_id: UUID) -> Voicemail | None:
    rows = Voicemail.objects.select_for_update().filter(call_id=call_id, state=VoicemailState.TAKING)
    return rows.first()


def _queue_of(call_id: UUID, language: str, queue_id: UUID | None) -> UUID | None:
    """As a call finds its queue."""
    call = conversations.get_conversation(call_id)
    return queue_of_call(call.tenant_id, call_id, language, queue_id)


def _left_by_number(call_id: UUID) -> int:
    """How many this caller has begun within an hour; of a hidden number nobody knows."""
    number = conversations.get_conversation(call_id).caller_e164
    if not number:
        return 0
    calls = Conversation.objects.filter(caller_e164=number, started_at__gt=now() - HOUR).values("id")
    return Voicemail.objects.filter(call_id__in=calls).count()


def _receiver(box: Box, queue_id: UUID) -> UUID:
    """Who gets the messages of a queue: another one, as long as that is in use."""
    return box.to_queue_id if box.to_queue_id is not None and routing.is_in_use(box.to_queue_id) else queue_id


def _has_room(seconds: int) -> bool:
    folder = Path(settings.CALLCART_RECORDINGS)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free >= SPARE + COPIES * BYTES_A_SECOND * seconds
