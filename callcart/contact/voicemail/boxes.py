"""How a queue takes messages: its greeting, how long one may last, who gets them. What is changed holds for the next caller."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.voicemail.models import LENGTHS, SILENCES, Box
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.fields import Fields

MOST_TEXT = 600


class BoxChanged(Conflict):
    """Somebody changed this voicemail meanwhile. Look again, then save."""

    code = "voicemail.box_changed"


@dataclass(frozen=True, slots=True)
class BoxDraft:
    """A box as it shall be. Without words the greeting that ships is heard."""

    text: str = ""
    text_zh: str = ""
    most_s: int = 120
    silence_s: int = 5
    to_queue_id: UUID | None = None
    is_on: bool = True


def boxes() -> dict[UUID, Box]:
    """By queue, for every queue in use: its own, or what holds without one (version 0)."""
    own = {box.queue_id: box for box in Box.objects.all()}
    used = routing.queues()
    return {queue.id: own.get(queue.id) or Box(queue_id=queue.id, version=0) for queue in used}


def box_of(queue_id: UUID) -> Box:
    """The box of a queue; as shipped (version 0) where it has none of its own."""
    return Box.objects.filter(queue_id=queue_id).first() or Box(queue_id=queue_id, version=0)


def save_box(actor: Actor, queue_id: UUID, draft: BoxDraft, *, version: int) -> Box:
    """Set it up; `version` is the one that was seen (0: none). Raises Invalid, BoxChanged, NoSuchQueue, PermissionDenied."""
    actor.require("voicemail.setup")
    routing.queue_in_use(queue_id)
    box = Box.objects.select_for_update().filter(queue_id=queue_id).first()
    if version != (box.version if box else 0):
        raise BoxChanged
    before = _plain(box) if box else {}
    box = box or Box(queue_id=queue_id, version=0)
    _write(box, draft)
    box.version += 1
    box.save()
    audit.record(actor, "voicemail.setup", subject=("queue", queue_id), before=before, after=_plain(box))
    return box


def _write(box: Box, draft: BoxDraft) -> None:
    form = Fields()
    box.text = form.block("text", draft.text, most=MOST_TEXT)
    box.text_zh = form.block("text_zh", draft.text_zh, most=MOST_TEXT)
    for name, value, (least, most) in (
        ("most_s", draft.most_s, LENGTHS),
        ("silence_s", draft.silence_s, SILENCES),
    ):
        if not least <= value <= most:
            form.refuse(
                name,
                _("From %(least)s to %(most)s seconds, please.") % {"least": least, "most": most},
            )
    if draft.to_queue_id is not None and not routing.is_in_use(draft.to_queue_id):
        form.refuse("to_queue_id", _("Choose a queue that is in use."))
    form.done()
    box.most_s, box.silence_s, box.is_on = draft.most_s, draft.silence_s, draft.is_on
    box.to_queue_id = None if draft.to_queue_id == box.queue_id else draft.to_queue_id


def _plain(box: Box) -> dict[str, object]:
    return {
        "text": box.text,
        "text_zh": box.text_zh,
        "most_s": box.most_s,
        "silence_s": box.silence_s,
        "to_queue_id": box.to_queue_id,
        "is_on": box.is_on,
    }
