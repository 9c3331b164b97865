"""Comments at a second of a recording: by permission, with their author; one's own may be changed and taken back. Each step is in
the audit."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from callcart.contact.recordings.models import Comment, Sound
from callcart.contact.recordings.scope import within_reach
from callcart.core import audit, clock, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.text import mask_cards

MAX_TEXT = 2000
MOST = 500


class TooManyComments(Conflict):
    """This recording has so many comments that no more can be added. Take one back first."""

    code = "recordings.too_many_comments"


def comments_of(recording_ids: Iterable[UUID]) -> dict[UUID, list[Comment]]:
    """The comments of recordings the reader may hear, in the order of their seconds."""
    found: dict[UUID, list[Comment]] = {each: [] for each in recording_ids}
    for row in Comment.objects.filter(recording_id__in=list(found)).order_by("at_ms", "id"):
        found[row.recording_id].append(row)
    return found


def add_comment(actor: Actor, recording_id: UUID, *, at_ms: int, text: str) -> Comment:
    """Say something about a moment, in milliseconds from the beginning. Raises Invalid (text, at), NotFound, PermissionDenied,
    TooManyComments."""
    actor.require("recordings.comment")
    sound = within_reach(actor, recording_id)
    text = _clean(text)
    if not 0 <= at_ms <= sound.duration_ms:
        raise Invalid(fields={"at": _("The recording has no such moment.")})
    counted = Sound.objects.filter(recording_id=recording_id, comments__lt=MOST, deleted_at=None)
    if not counted.update(comments=F("comments") + 1):
        raise NotFound if sound.deleted_at else TooManyComments
    row = Comment.objects.create(recording_id=recording_id, at_ms=at_ms, text=text, staff_id=actor.id)
    _tell(actor, "recordings.comment", row, after={"at_ms": at_ms, "text": text})
    return row


def change_comment(actor: Actor, comment_id: UUID, *, text: str) -> Comment:
    """Other words for one's own comment. Raises Invalid (text), NotFound, PermissionDenied."""
    row = _own(actor, comment_id)
    before, text = row.text, _clean(text)
    if text != before:
        row.text, row.changed_at = text, clock.now()
        row.save(update_fields=["text", "changed_at"])
        _tell(actor, "recordings.change_comment", row, before={"text": before}, after={"text": text})
    return row


def remove_comment(actor: Actor, comment_id: UUID) -> None:
    """Take one's own comment back; what it said stays in the audit. Raises NotFound, PermissionDenied."""
    row = _own(actor, comment_id)
    row.delete()
    Sound.objects.filter(recording_id=row.recording_id).update(comments=F("comments") - 1)
    row.id = comment_id
    _tell(actor, "recordings.remove_comment", row, before={"at_ms": row.at_ms, "text": row.text})


def _own(actor: Actor, comment_id: UUID) -> Comment:
    actor.require("recordings.comment")
    row = Comment.objects.select_for_update().filter(id=comment_id).first()
    if row is None:
        raise NotFound
    within_reach(actor, row.recording_id)
    if actor.is_staff and row.staff_id != actor.id:
        raise PermissionDenied
    return row


def _clean(text: str) -> str:
    text = mask_cards(text.replace("\x00", "").strip())
    if not text:
        raise Invalid(fields={"text": _("Write something first.")})
    if len(text) > MAX_TEXT:
        raise Invalid(fields={"text": _("At most %(count)s characters, please.") % {"count": MAX_TEXT}})
    return text


def _tell(
    actor: Actor,
    action: str,
    row: Comment,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    audit.record(actor, action, subject=("recording", row.recording_id), before=before, after=after)
    events.emit("recording.commented", subject=("recording", row.recording_id), data={"comment_id": row.id})
