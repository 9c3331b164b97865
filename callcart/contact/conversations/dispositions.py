"""The tree of dispositions: two levels, each level chosen by the keys 1 to 9, names in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Disposition
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class DispositionNode:
    """One choice: its key, its name in the reader's language, and the choices under it."""

    id: UUID
    code: str
    key: int
    name: str
    children: tuple[DispositionNode, ...] = ()


def dispositions(language: str) -> list[DispositionNode]:
    """The tree in the order of its keys."""
    rows = list(Disposition.objects.filter(is_active=True).order_by("key"))

    def node(row: Disposition) -> DispositionNode:
        children = tuple(node(child) for child in rows if child.parent_id == row.id)
        return DispositionNode(row.id, row.code, row.key, row.label(language), children)

    return [node(row) for row in rows if row.parent_id is None]


def save_disposition(
    actor: Actor, code: str, *, name: str, name_zh: str = "", key: int, parent_id: UUID | None = None
) -> Disposition:
    """Add a disposition, or change the one with this code. Raises Invalid (key, name, parent)."""
    actor.require("conversations.dispositions")
    code, name = code.strip(), name.strip()
    if not 1 <= key <= 9:
        raise Invalid(fields={"key": _("A digit from 1 to 9.")})
    if not code or not name:
        raise Invalid(fields={"name": _("Give it a name.")})
    parent = Disposition.objects.filter(id=parent_id).first() if parent_id else None
    if parent_id and (parent is None or parent.parent_id is not None):
        raise Invalid(fields={"parent": _("There are two levels only.")})
    row = Disposition.objects.filter(code=code).first() or Disposition(code=code)
    before = {} if row._state.adding else {"name": row.name, "name_zh": row.name_zh, "key": row.key}
    row.name, row.name_zh, row.key, row.parent, row.is_active = name, name_zh.strip(), key, parent, True
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "conversations_disposition_place" in str(error):
            raise Invalid(fields={"key": _("This digit is taken on this level.")}) from None
        raise
    audit.record(
        actor,
        "conversations.dispositions",
        subject=("disposition", row.id),
        before=before,
        after={"name": name, "name_zh": row.name_zh, "key": key},
    )
    return row


def retire_disposition(actor: Actor, disposition_id: UUID) -> None:
    """Take a disposition, and those under it, off the keys; what was wrapped up with it keeps it."""
    actor.require("conversations.dispositions")
    row = Disposition.objects.filter(id=disposition_id).first()
    if row is None:
        raise NotFound
    row.children.update(is_active=False)
    Disposition.objects.filter(id=row.id).update(is_active=False)
    audit.record(
        actor, "conversations.dispositions", subject=("disposition", row.id), before={"is_active": True}
    )
