"""What is being written to a customer, kept on the server while it is typed: it survives a crash, a reload and another browser.
One draft for each writer and conversation. Saves may arrive out of order; the page counts them, and an older one changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Conversation, ReplyDraft
from callcart.contact.conversations.scope import to_handle
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.prepared import Prepared
from callcart.core.text import mask_cards

MOST_TEXT = 50_000
MOST_FILES = 10
_OF = Prepared(ReplyDraft, "it.conversation_id = %s::uuid AND it.staff_id = %s::uuid")
_DROP = """
UPDATE conversations_replydraft SET text = '', files = '[]', saved_at = %s::timestamptz, serial = greatest(serial, %s::bigint)
 WHERE conversation_id = %s::uuid AND staff_id = %s::uuid"""


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that will go with the reply; `key` is where it lies."""

    id: str
    name: str
    type: str
    size: int
    key: str


def reply_draft_of(actor: Actor, conversation_id: UUID) -> ReplyDraft | None:
    """What the actor has begun to write in a conversation."""
    if actor.id is None:
        return None
    return _OF.first(conversation_id, actor.id)


def files_of(draft: ReplyDraft | None) -> list[DraftFile]:
    """The files of a draft."""
    return [DraftFile(**each) for each in draft.files] if draft is not None else []


def save_reply_draft(actor: Actor, conversation_id: UUID, *, text: str, serial: int) -> ReplyDraft:
    """Keep what is written so far. `serial` grows with every save of a page; one that is not newer changes nothing. Raises Invalid
    (text), NotFound, PermissionDenied."""
    draft = _open(actor, conversation_id)
    text = mask_cards(text.replace("\x00", ""))
    if len(text) > MOST_TEXT:
        raise Invalid(fields={"text": _("At most %(count)s characters, please.") % {"count": MOST_TEXT}})
    if serial > draft.serial:
        draft.text, draft.serial, draft.saved_at = text, serial, clock.now()
        draft.save(update_fields=["text", "serial", "saved_at"])
    return draft


def add_draft_file(actor: Actor, conversation_id: UUID, file: DraftFile) -> ReplyDraft:
    """Put a file, kept already, with what is being written. The same id twice is one file. Raises Invalid (files)."""
    draft = _open(actor, conversation_id)
    if any(each["id"] == file.id for each in draft.files):
        return draft
    if len(draft.files) >= MOST_FILES:
        raise Invalid(fields={"files": _("At most %(count)s files, please.") % {"count": MOST_FILES}})
    return _with_files(draft, [*draft.files, asdict(file)])


def drop_draft_file(actor: Actor, conversation_id: UUID, file_id: str) -> ReplyDraft:
    """Take a file away again."""
    draft = _open(actor, conversation_id)
    return _with_files(draft, [each for each in draft.files if each["id"] != file_id])


def drop_reply_draft(actor: Actor, conversation_id: UUID, *, serial: int) -> None:
    """It was sent, or is not wanted any more. The row stays, so that a save before `serial` which is late brings nothing back."""
    if actor.id is None:
        return
    raw.run_prepared(_DROP, (clock.now(), serial, conversation_id, actor.id))


def _with_files(draft: ReplyDraft, files: Sequence[dict[str, object]]) -> ReplyDraft:
    draft.files, draft.saved_at = list(files), clock.now()
    draft.save(update_fields=["files", "saved_at"])
    return draft


def _open(actor: Actor, conversation_id: UUID) -> ReplyDraft:
    actor.require("messaging.write")
    if actor.id is None:
        raise PermissionDenied(permission="messaging.write")
    conversation: Conversation = to_handle(actor, conversation_id)
    draft, _made = ReplyDraft.objects.select_for_update().get_or_create(
        conversation=conversation, staff_id=actor.id
    )
    return draft
