"""Legal hold: a recording that stays whatever the rules say, with a reason and who said so, until somebody lifts it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.recordings.models import LegalHold, Sound
from callcart.contact.recordings.scope import within_reach
from callcart.core import audit, clock
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound

MAX_REASON = 1000


class AlreadyHeld(Conflict):
    """This recording is on legal hold already."""

    code = "recordings.already_held"


def place_hold(actor: Actor, recording_id: UUID, *, reason: str) -> LegalHold:
    """Keep it. Raises Invalid (reason), AlreadyHeld, NotFound (also where its sound is gone), PermissionDenied."""
    actor.require("recordings.hold")
    within_reach(actor, recording_id)
    reason = _clean(reason)
    sound = _locked(recording_id)
    if sound.legal_hold:
        raise AlreadyHeld
    row = LegalHold.objects.create(recording_id=recording_id, reason=reason, placed_by=actor.id)
    Sound.objects.filter(recording_id=recording_id).update(legal_hold=True)
    audit.record(actor, "recordings.hold", subject=("recording", recording_id), reason=reason)
    return row


def lift_hold(actor: Actor, recording_id: UUID, *, reason: str) -> None:
    """The rules decide again. Raises Invalid (reason), NotFound where it is on no hold, PermissionDenied."""
    actor.require("recordings.hold")
    within_reach(actor, recording_id)
    reason = _clean(reason)
    _locked(recording_id)
    row = hold_of(recording_id)
    if row is None:
        raise NotFound
    row.lifted_by, row.lifted_at, row.lifted_reason = actor.id, clock.now(), reason
    row.save(update_fields=["lifted_by", "lifted_at", "lifted_reason"])
    Sound.objects.filter(recording_id=recording_id).update(legal_hold=False)
    audit.record(actor, "recordings.lift_hold", subject=("recording", recording_id), reason=reason)


def hold_of(recording_id: UUID) -> LegalHold | None:
    """The hold a recording is on."""
    return LegalHold.objects.filter(recording_id=recording_id, lifted_at=None).first()


def _locked(recording_id: UUID) -> Sound:
    """The row, which a deletion at the same moment waits for or has had."""
    sound = Sound.objects.select_for_update().filter(recording_id=recording_id, deleted_at=None).first()
    if sound is None:
        raise NotFound
    return sound


def _clean(reason: str) -> str:
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise Invalid(fields={"reason": _("Say why.")})
    if len(reason) > MAX_REASON:
        raise Invalid(fields={"reason": _("At most %(count)s characters, please.") % {"count": MAX_REASON}})
    return reason
