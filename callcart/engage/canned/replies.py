"""The shop's canned replies: finding, filling and editing them. One that is switched off is offered no more; of two people who edit one at
once the second is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from callcart.contact.conversations import tags
from callcart.contact.conversations.models import Conversation
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.language import in_language
from callcart.core.versions import seen_row
from callcart.engage.canned.facts import facts_of
from callcart.engage.canned.fill import fill, unknown_fields
from callcart.engage.canned.models import CannedReply, Then

CHANNELS = ("chat", "mail", "sms")
MOST_TEXT, MOST_NAME, MOST_FOUND = 5000, 80, 8
_CODE = re.compile(r"[\w-]{1,30}")


class ReplyChanged(Conflict):
    """Somebody else has changed this reply meanwhile. Look at it again."""

    code = "canned.changed"


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """A canned reply to be."""

    code: str
    name: str = ""
    name_zh: str = ""
    text: str = ""
    text_zh: str = ""
    channels: Sequence[str] = ()
    tag_id: UUID | None = None
    then: str = Then.NOTHING
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Filled:
    """A reply as it goes into the box. `missing`: the fields, as they stand in the text, that nobody could fill."""

    id: UUID
    code: str
    name: str
    text: str
    missing: tuple[str, ...]
    tag: str
    then: str


def all_replies(actor: Actor) -> list[CannedReply]:
    """Every one, those in use first. Raises PermissionDenied."""
    actor.require("canned.edit")
    return list(CannedReply.objects.order_by("-is_active", "code"))


def get_reply(reply_id: UUID) -> CannedReply:
    """One of them; NotFound."""
    found = CannedReply.objects.filter(id=reply_id).first()
    if found is None:
        raise NotFound
    return found


def find_replies(actor: Actor, conversation: Conversation, typed: str, *, language: str) -> list[Filled]:
    """The first that fit what is typed, by code, name or text, filled for a conversation in its customer's language; names in the
    reader's `language`. Raises PermissionDenied."""
    actor.require("messaging.write")
    rows = CannedReply.objects.filter(is_active=True)
    rows = rows.filter(Q(channels=[]) | Q(channels__contains=[conversation.channel]))
    if typed := typed.strip()[:60]:
        named = Q(code__icontains=typed) | Q(name__icontains=typed) | Q(name_zh__icontains=typed)
        rows = rows.filter(named | Q(text__icontains=typed) | Q(text_zh__icontains=typed))
    found = sorted(rows, key=lambda row: (not row.code.casefold().startswith(typed.casefold()), row.code))
    if not found:
        return []
    facts = facts_of(actor, conversation, conversation.language)
    names = {tag.id: tag.name_in(language) for tag in tags.all_tags()}
    return [_filled(row, facts, conversation.language, language, names) for row in found[:MOST_FOUND]]


def _filled(
    row: CannedReply, facts: dict[str, str], spoken: str, language: str, names: dict[UUID, str]
) -> Filled:
    text, missing = fill(in_language(spoken, row.text, row.text_zh), facts)
    tag = names.get(row.tag_id, "") if row.tag_id else ""
    return Filled(row.id, row.code, row.name_in(language) or row.code, text, tuple(missing), tag, row.then)


def apply_macro(actor: Actor, reply_id: UUID, conversation_id: UUID) -> None:
    """Put the reply's tag on the conversation it was sent in, in the transaction in hand. One that is gone by now does nothing."""
    row = CannedReply.objects.filter(id=reply_id, is_active=True).first()
    if row is None or row.tag_id is None:
        return
    if any(tag.id == row.tag_id for tag in tags.all_tags()):
        tags.put_tag(actor, conversation_id, row.tag_id)


def save_reply(
    actor: Actor, draft: ReplyDraft, *, reply_id: UUID | None = None, version: int = 0
) -> CannedReply:
    """Add a reply, or change the one of which `version` was seen. Raises Invalid (code, name, text, text_zh, channels, tag, then),
    NotFound, ReplyChanged."""
    actor.require("canned.edit")
    values = _checked(draft)
    try:
        with transaction.atomic():
            row = (
                CannedReply.objects.create(**values)
                if reply_id is None
                else _changed(reply_id, version, values)
            )
    except IntegrityError:
        raise Invalid(fields={"code": _("There is a reply of this code already.")}) from None
    audit.record(
        actor, "canned.save", subject=("canned", row.id), after={"code": row.code, "active": row.is_active}
    )
    events.emit("canned.changed", subject=("canned", row.id), staff_id=actor.id, data={"id": row.id})
    return row


def _changed(reply_id: UUID, version: int, values: dict[str, Any]) -> CannedReply:
    row = seen_row(CannedReply.objects.select_for_update(), reply_id, version, stale=ReplyChanged)
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.changed_at = row.version + 1, now()
    row.save()
    return row


def _checked(draft: ReplyDraft) -> dict[str, Any]:
    fields = Fields()
    code = fields.line("code", draft.code.strip().removeprefix("/"), most=30, required=True)
    if code and not _CODE.fullmatch(code):
        fields.refuse("code", _("Letters, digits and - only: it is typed after /."))
    values: dict[str, Any] = {"code": code, "is_active": draft.is_active}
    for name in ("name", "name_zh"):
        values[name] = fields.line(name, getattr(draft, name), most=MOST_NAME)
    for name in ("text", "text_zh"):
        values[name] = fields.block(name, getattr(draft, name), most=MOST_TEXT)
        if unknown := unknown_fields(values[name]):
            fields.refuse(
                name, _("There is no field of this name: %(fields)s") % {"fields": ", ".join(unknown)}
            )
    if not values["name"] and not values["name_zh"]:
        fields.refuse("name", _("Please fill this in."))
    if not values["text"] and not values["text_zh"]:
        fields.refuse("text", _("Please fill this in."))
    values["channels"] = [each for each in CHANNELS if each in draft.channels]
    values["then"] = fields.choice("then", draft.then, [str(each) for each in Then])
    values["tag_id"] = draft.tag_id
    if draft.tag_id is not None and not any(tag.id == draft.tag_id for tag in tags.all_tags(active=False)):
        fields.refuse("tag", _("Choose one of the values offered."))
    fields.done()
    return values
