"""What was said, in words with their times: written down by a job, found by words, read by whoever may hear the recording (each
reading is in the audit), gone with the sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import structlog

from callcart.contact.conversations.models import Conversation, Recording
from callcart.contact.conversations.states import RecordingState
from callcart.contact.recordings.audio import open_sound
from callcart.contact.recordings.models import Passage, Sound, Transcript
from callcart.contact.recordings.scope import within_reach
from callcart.contact.recordings.transcribe import EngineBusy, Transcriber, Word, engine, rate_of, side_of
from callcart.core import audit, jobs, search
from callcart.core.actor import Actor
from callcart.core.errors import AppError
from callcart.core.tenancy import current_tenant, tenant_transaction

log = structlog.get_logger(__name__)

PAUSE_MS = 1500
LONGEST = 300  # characters of a passage
MOST = 5000  # passages of a recording
MOST_FOUND = 2000
BUSY_SECONDS = 20


def wanted(language: str) -> bool:
    """Whether an engine that speaks this language is installed."""
    found = engine()
    return found is not None and found.speaks(language)


@jobs.job(queue="recordings", retry=2, atomic=False)
def write_down(*, recording_id: str) -> None:
    """Write down what was said in a recording. Again does it anew: nothing is there twice."""
    with tenant_transaction(current_tenant()):
        sound = Sound.objects.filter(recording_id=UUID(recording_id), deleted_at=None).first()
        if sound is None:
            return
        language = Conversation.objects.values_list("language", flat=True).get(id=sound.conversation_id)
        file_key = Recording.objects.values_list("file_key", flat=True).get(id=sound.recording_id)
    found = engine()
    if found is None or not found.speaks(language):
        return
    try:
        sides = _heard(found, sound, file_key, language)
    except EngineBusy:
        with tenant_transaction(current_tenant()):
            jobs.defer_in(BUSY_SECONDS, write_down, recording_id=recording_id)
        return
    except AppError as error:
        log.warning("recordings.not_transcribed", recording=recording_id, code=error.code)
        return
    with tenant_transaction(current_tenant()):
        _keep(sound.recording_id, found.name, language, sides)


def _heard(found: Transcriber, sound: Sound, file_key: str, language: str) -> list[Sequence[Word]]:
    sides = []
    for side in range(sound.channels):
        with tenant_transaction(current_tenant()):
            opened = open_sound(file_key)
        with opened:
            samples = side_of(opened, side, sound.channels)
            sides.append(found.transcribe(samples, rate=rate_of(opened), language=language))
    return sides


def _keep(recording_id: UUID, name: str, language: str, sides: Sequence[Sequence[Word]]) -> None:
    alive = Recording.objects.select_for_update().filter(id=recording_id, state=RecordingState.READY)
    if not alive.exists():
        return  # deleted meanwhile
    forget(recording_id)
    Transcript.objects.create(recording_id=recording_id, engine=name, language=language)
    rows = [
        Passage(
            recording_id=recording_id,
            side=side,
            at_ms=words[0].at_ms,
            end_ms=words[-1].end_ms,
            text=joined(words),
            words=[[word.text, word.at_ms, word.end_ms] for word in words],
        )
        for side, all_words in enumerate(sides)
        for words in passages(all_words)
    ][:MOST]
    for row in rows:
        kept = search.document(row.text, aloud=False)
        row.search_text, row.search_grams = kept.text, kept.grams
    Passage.objects.bulk_create(rows, batch_size=500)


def passages(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Words in passages: up to a pause, or to a length that is read at a look."""
    part: list[Word] = []
    for word in words:
        long = sum(len(each.text) + 1 for each in part) > LONGEST
        if part and (long or word.at_ms - part[-1].end_ms > PAUSE_MS):
            yield part
            part = []
        part.append(word)
    if part:
        yield part


def joined(words: Sequence[Word]) -> str:
    """The words as they are written: Chinese ones stand together."""
    text = ""
    for word in words:
        apart = text and not (search.is_han(text[-1]) and search.is_han(word.text[:1]))
        text += (" " if apart else "") + word.text
    return text


def read(actor: Actor, recording_id: UUID, *, whence: str) -> list[Passage]:
    """What was said, in the order of time; the reading is in the audit. Raises NotFound, PermissionDenied."""
    sound = within_reach(actor, recording_id)
    found = list(Passage.objects.filter(recording_id=recording_id).order_by("at_ms", "side")[:MOST])
    if found:
        audit.record(
            actor,
            "recordings.read",
            subject=("recording", recording_id),
            after={"conversation_id": sound.conversation_id, "number": sound.number, "from": whence},
        )
    return found


def written_down(recording_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these recordings of which there is a transcript."""
    rows = Transcript.objects.filter(recording_id__in=list(recording_ids))
    return set(rows.values_list("recording_id", flat=True))


def said_in(words: str) -> dict[UUID, int]:
    """Recordings in which all of these words are said in one passage, with the first moment of it, newest first as far as there
    are very many. Whoever shows them narrows them to the reader's reach (`queries.find` does)."""
    rows = Passage.objects.filter(search.condition(words)).order_by("-recording_id", "at_ms")
    found: dict[UUID, int] = {}
    for recording_id, at_ms in rows.values_list("recording_id", "at_ms")[:MOST_FOUND]:
        found.setdefault(recording_id, at_ms)
    return found


def forget(recording_id: UUID) -> None:
    """Nothing of what was said is kept."""
    Passage.objects.filter(recording_id=recording_id).delete()
    Transcript.objects.filter(recording_id=recording_id).delete()
