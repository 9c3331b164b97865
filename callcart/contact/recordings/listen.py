"""Hearing and taking away: two permissions, and every time in the audit before the first byte leaves: who, which, when, and from
where. A player asks for a sound in pieces; the piece at its beginning is a listening, later ones belong to it for an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from callcart.contact.conversations.models import Conversation, Recording
from callcart.contact.conversations.states import RecordingState
from callcart.contact.recordings.audio import SoundFile, open_sound
from callcart.contact.recordings.models import Sound
from callcart.contact.recordings.scope import audible, hears
from callcart.core import audit, clock
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.models import AuditEntry

ONE_LISTENING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Opened:
    """Sound ready to be sent; whoever takes it closes `sound`. `name`: what a file of it is called."""

    sound: SoundFile
    name: str


def of_conversation(actor: Actor, conversation_id: UUID) -> list[Sound]:
    """The recordings of a conversation that this actor may hear, oldest first; none for whoever may hear none."""
    if not actor.can("recordings.listen"):
        return []
    rows = Sound.objects.filter(conversation_id=conversation_id, deleted_at=None)
    talk = Conversation.objects.filter(id=conversation_id).first()
    if talk is None or not hears(
        actor, talk
    ):  # who has it now hears what was kept before he had it: a voicemail
        rows = rows.filter(recording_id__in=audible(actor).values("recording_id"))
    return list(rows.order_by("started_at"))


def listen(
    actor: Actor, recording_id: UUID, *, whence: str, begins: bool = True, whole: bool = False
) -> Opened:
    """A recording to be played, in the transaction in hand. `whence`: the address and page it is asked from; `begins`: asked for
    from its first byte; `whole`: each part is held against its tag before any leaves. Raises NotFound, PermissionDenied,
    Damaged, KeyMissing, KeyUnknown."""
    return _open(actor, recording_id, "recordings.listen", whence, again=begins, whole=whole)


def download(actor: Actor, recording_id: UUID, *, whence: str) -> Opened:
    """A recording as a file, every part of it held against its tag before any leaves. Raises as `listen` does."""
    actor.require("recordings.download")
    return _open(actor, recording_id, "recordings.download", whence, again=True, whole=True)


def _open(
    actor: Actor, recording_id: UUID, action: str, whence: str, *, again: bool, whole: bool = False
) -> Opened:
    recording, conversation = _found(actor, recording_id)
    sound = open_sound(recording.file_key)
    if whole:
        try:
            sound.check()
        except BaseException:
            sound.close()
            raise
    if again or not _heard_lately(actor, recording_id, action):
        audit.record(
            actor,
            action,
            subject=("recording", recording_id),
            after={"conversation_id": conversation.id, "number": conversation.number, "from": whence},
        )
    return Opened(sound, f"{conversation.number}.wav")


def _found(actor: Actor, recording_id: UUID) -> tuple[Recording, Conversation]:
    """Also one from before there were rows to find it by."""
    actor.require("recordings.listen")
    recording = (
        Recording.objects.filter(id=recording_id, state=RecordingState.READY)
        .select_related("conversation")
        .first()
    )
    if recording is None or not hears(actor, recording.conversation):
        raise NotFound
    return recording, recording.conversation


def _heard_lately(actor: Actor, recording_id: UUID, action: str) -> bool:
    since = clock.now() - ONE_LISTENING
    rows = AuditEntry.objects.filter(subject_id=recording_id, action=action, actor_id=actor.id, at__gt=since)
    return rows.exists()
