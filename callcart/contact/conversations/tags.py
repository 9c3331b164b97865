"""Tags: words of the shop's own list, in both languages and a colour, that are put on conversations. One that is switched off is offered
no more and stays where it is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Tag, Tagging
from callcart.contact.conversations.path import add_step
from callcart.contact.conversations.scope import to_handle
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.versions import seen_row

TONES = ("grey", "blue", "green", "amber", "red", "violet")
MOST_NAME = 40


class TagChanged(Conflict):
    """Somebody else has changed this tag meanwhile. Look at it again."""

    code = "conversations.tag_changed"


@dataclass(frozen=True, slots=True)
class TagDraft:
    """A tag to be."""

    name: str
    name_zh: str = ""
    tone: str = "grey"
    is_active: bool = True


def all_tags(*, active: bool = True) -> list[Tag]:
    """The shop's tags by name; `active` false: with those that are switched off, which come last."""
    rows = Tag.objects.order_by("-is_active", "name")
    return list(rows.filter(is_active=True) if active else rows)


def get_tag(tag_id: UUID) -> Tag:
    """One tag; NotFound."""
    found = Tag.objects.filter(id=tag_id).first()
    if found is None:
        raise NotFound
    return found


def save_tag(actor: Actor, draft: TagDraft, *, tag_id: UUID | None = None, version: int = 0) -> Tag:
    """Add a tag, or change the one of which `version` was seen. Raises Invalid (name, name_zh, tone), NotFound, TagChanged."""
    actor.require("conversations.tags")
    fields = Fields()
    name = fields.line("name", draft.name, most=MOST_NAME, required=True)
    name_zh = fields.line("name_zh", draft.name_zh, most=MOST_NAME)
    tone = fields.choice("tone", draft.tone, TONES)
    fields.done()
    values = {"name": name, "name_zh": name_zh, "tone": tone, "is_active": draft.is_active}
    try:
        with transaction.atomic():
            tag = Tag.objects.create(**values) if tag_id is None else _changed(tag_id, version, values)
    except IntegrityError:
        raise Invalid(fields={"name": _("There is a tag of this name already.")}) from None
    audit.record(actor, "conversations.tag", subject=("tag", tag.id), after=values)
    return tag


def _changed(tag_id: UUID, version: int, values: dict[str, object]) -> Tag:
    tag = seen_row(Tag.objects.select_for_update(), tag_id, version, stale=TagChanged)
    for name, value in values.items():
        setattr(tag, name, value)
    tag.version += 1
    tag.save()
    return tag


def tags_of(conversation_ids: Collection[UUID]) -> dict[UUID, list[Tag]]:
    """The tags of conversations, in the order in which they were put."""
    found: dict[UUID, list[Tag]] = {each: [] for each in conversation_ids}
    rows = Tagging.objects.filter(conversation_id__in=found).select_related("tag").order_by("id")
    for row in rows:
        found[row.conversation_id].append(row.tag)
    return found


def put_tag(actor: Actor, conversation_id: UUID, tag_id: UUID) -> None:
    """Put a tag on a conversation; twice is once. Raises NotFound, PermissionDenied."""
    actor.require("conversations.handle")
    to_handle(actor, conversation_id)
    if not (tag := get_tag(tag_id)).is_active:
        raise NotFound
    _row, made = Tagging.objects.get_or_create(
        conversation_id=conversation_id, tag=tag, defaults={"staff_id": actor.id}
    )
    if made:
        _note(actor, conversation_id, "tagged", tag)


def take_tag_off(actor: Actor, conversation_id: UUID, tag_id: UUID) -> None:
    """Take a tag off again; one that is not on is off. Raises NotFound, PermissionDenied."""
    actor.require("conversations.handle")
    to_handle(actor, conversation_id)
    tag = get_tag(tag_id)
    gone, _each = Tagging.objects.filter(conversation_id=conversation_id, tag=tag).delete()
    if gone:
        _note(actor, conversation_id, "untagged", tag)


def _note(actor: Actor, conversation_id: UUID, kind: str, tag: Tag) -> None:
    add_step(conversation_id, kind, staff_id=actor.id, data={"tag_id": str(tag.id)})
    events.emit(
        "conversation.tagged",
        subject=("conversation", conversation_id),
        staff_id=actor.id,
        data={"conversation_id": conversation_id},
    )
