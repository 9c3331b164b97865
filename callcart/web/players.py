"""Recordings as pages show them: both sides at a look, comments at their seconds, and what this reader may do with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from callcart.contact.recordings import public as recordings
from callcart.core.actor import Actor
from callcart.web.names import staff_names


@dataclass(frozen=True, slots=True)
class Spoken:
    """A comment; `own`: this reader wrote it."""

    id: UUID
    at_ms: int
    text: str
    who: str
    made_at: datetime
    changed: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Player:
    """One recording to be played. `download` is empty for whoever may not take it away, `written`, where
    one reads what was said, where nobody has written it down."""

    id: UUID
    number: str
    started_at: datetime
    duration_ms: int
    sides: list[list[int]]
    src: str
    page: str
    download: str
    comments: list[Spoken]
    may_comment: bool
    written: str


def players(
    actor: Actor, sounds: Sequence[recordings.Sound], *, address: str = "office:recording"
) -> list[Player]:
    """Recordings this reader may hear, as players; `address` names where their sound comes from."""
    found = recordings.comments_of([sound.recording_id for sound in sounds])
    names = staff_names({each.staff_id for comments in found.values() for each in comments})
    downloads = actor.can("recordings.download")
    written = recordings.written_down(sound.recording_id for sound in sounds)
    return [
        Player(
            id=sound.recording_id,
            number=sound.number,
            started_at=sound.started_at,
            duration_ms=sound.duration_ms,
            sides=sound.sides,
            src=reverse(address, args=[sound.recording_id]),
            page=reverse("office:recording_page", args=[sound.recording_id]),
            download=reverse("office:recording_download", args=[sound.recording_id]) if downloads else "",
            comments=[_spoken(actor, each, names) for each in found[sound.recording_id]],
            may_comment=actor.can("recordings.comment"),
            written=reverse("office:recording_words", args=[sound.recording_id])
            if sound.recording_id in written
            else "",
        )
        for sound in sounds
    ]


def of_conversation(
    actor: Actor, conversation_id: UUID, *, address: str = "office:recording"
) -> list[Player]:
    """The recordings of a conversation this reader may hear."""
    return players(actor, recordings.of_conversation(actor, conversation_id), address=address)


def _spoken(actor: Actor, comment: recordings.Comment, names: dict[UUID, str]) -> Spoken:
    return Spoken(
        id=comment.id,
        at_ms=comment.at_ms,
        text=comment.text,
        who=names.get(comment.staff_id, "") if comment.staff_id else "",
        made_at=comment.made_at,
        changed=comment.changed_at is not None,
        own=actor.can("recordings.comment") and comment.staff_id == actor.id,
    )
