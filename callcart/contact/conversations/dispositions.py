"""The tree of dispositions: two levels, each level chosen by the keys 1 to 9, names in both languages.

A disposition is never deleted: taken off its key it keeps what was wrapped up with it, and can come back. Whoever changes one
says which version they saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Disposition
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.tenants.public import get_tenant, name_fields

KEYS = range(1, 10)


@dataclass(frozen=True, slots=True)
class DispositionNode:
    """One choice: its key, its name in the reader's language, and the choices under it."""

    id: UUID
    code: str
    key: int
    name: str
    children: tuple[DispositionNode, ...] = ()
    is_active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class DispositionDraft:
    """A disposition to be. `parent_id`: the choice of the first level that it stands under."""

    code: str
    name: str
    key: int
    name_zh: str = ""
    parent_id: UUID | None = None


def dispositions(language: str) -> list[DispositionNode]:
    """The tree of those in use, in the order of its keys."""
    return _tree(list(Disposition.objects.filter(is_active=True).order_by("key")), language)


def all_dispositions(language: str) -> list[DispositionNode]:
    """The same with those out of use, which come last on their level."""
    return _tree(list(Disposition.objects.order_by("-is_active", "key", "code")), language)


def get_disposition(disposition_id: UUID) -> Disposition:
    """Raises NotFound."""
    found = Disposition.objects.filter(id=disposition_id).first()
    if found is None:
        raise NotFound
    return found


def add_disposition(actor: Actor, draft: DispositionDraft) -> Disposition:
    """Raises Invalid (code, name, key, parent)."""
    actor.require("conversations.dispositions")
    values = _checked(draft)
    row = Disposition(**values)
    _save(row)
    _tell(actor, row, after=values)
    return row


def change_disposition(
    actor: Actor, disposition_id: UUID, draft: DispositionDraft, *, version: int
) -> Disposition:
    """Another name, key or place; its code stays. Raises NotFound, Conflict where somebody was faster, Invalid."""
    actor.require("conversations.dispositions")
    row = _locked(disposition_id, version)
    values = _checked(draft, row)
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    _save(row)
    _tell(actor, row, before=before, after=values)
    return row


def save_disposition(
    actor: Actor, code: str, *, name: str, name_zh: str = "", key: int, parent_id: UUID | None = None
) -> Disposition:
    """Add a disposition, or change the one with this code and put it into use: for setting up a shop, where nobody else is
    at work. Raises Invalid (key, name, parent)."""
    draft = DispositionDraft(code, name, key, name_zh, parent_id)
    known = Disposition.objects.filter(code=code.strip()).first()
    if known is None:
        return add_disposition(actor, draft)
    row = change_disposition(actor, known.id, draft, version=known.version)
    return row if row.is_active else restore_disposition(actor, row.id, version=row.version)


def retire_disposition(actor: Actor, disposition_id: UUID, *, version: int | None = None) -> None:
    """Take a disposition, and those under it, off the keys; what was wrapped up with it keeps it. Raises NotFound, Conflict."""
    actor.require("conversations.dispositions")
    row = _locked(disposition_id, version)
    going = [row, *row.children.select_for_update(no_key=True).filter(is_active=True).order_by("id")]
    for each in going:
        if each.is_active:
            _switch(actor, each, on=False)


def restore_disposition(actor: Actor, disposition_id: UUID, *, version: int | None = None) -> Disposition:
    """Put a disposition back on its key, without those under it. Raises NotFound, Conflict, Invalid (key taken meanwhile, the
    choice it stands under out of use)."""
    actor.require("conversations.dispositions")
    row = _locked(disposition_id, version)
    if row.parent is not None and not row.parent.is_active:
        raise Invalid(fields={"parent": _("The choice above it is out of use: put that one back first.")})
    if not row.is_active:
        _switch(actor, row, on=True)
    return row


def _switch(actor: Actor, row: Disposition, *, on: bool) -> None:
    row.is_active = on
    row.version += 1
    _save(row)
    _tell(actor, row, before={"is_active": not on}, after={"is_active": on})


def _tree(rows: Sequence[Disposition], language: str) -> list[DispositionNode]:
    def node(row: Disposition) -> DispositionNode:
        children = tuple(node(child) for child in rows if child.parent_id == row.id)
        return DispositionNode(
            row.id, row.code, row.key, row.name_in(language), children, row.is_active, row.version
        )

    return [node(row) for row in rows if row.parent_id is None]


def _locked(disposition_id: UUID, version: int | None) -> Disposition:
    row = Disposition.objects.select_for_update(no_key=True).filter(id=disposition_id).first()
    if row is None:
        raise NotFound
    if version is not None and row.version != version:
        raise Conflict
    return row


def _checked(draft: DispositionDraft, row: Disposition | None = None) -> dict[str, Any]:
    """The columns; Invalid names every wrong field. `row`: the one that is changed."""
    fields = Fields()
    values: dict[str, Any] = {
        "code": fields.line("code", draft.code, most=40, required=True),
        "name": fields.line("name", draft.name, most=100),
        "name_zh": fields.line("name_zh", draft.name_zh, most=100),
        "key": draft.key,
    }
    if not values["name"] and not values["name_zh"]:
        fields.refuse(name_fields(get_tenant())[0], _("Give it a name."))
    if draft.key not in KEYS:
        fields.refuse("key", _("A digit from 1 to 9."))
    if row is not None and values["code"] != row.code:
        fields.refuse("code", _("The code stays: what was wrapped up is counted by it."))
    if row is None and values["code"] and Disposition.objects.filter(code=values["code"]).exists():
        fields.refuse("code", _("Another choice has this code."))
    values["parent"] = _parent(fields, draft, row)
    fields.done()
    return values


def _parent(fields: Fields, draft: DispositionDraft, row: Disposition | None) -> Disposition | None:
    if draft.parent_id is None:
        return None
    found = Disposition.objects.filter(id=draft.parent_id).first()
    # One that has choices under it would make a third level.
    third = found is None or found.parent_id is not None
    if third or (row is not None and (found == row or row.children.exists())):
        fields.refuse("parent", _("There are two levels only."))
    elif found is not None and not found.is_active and (row is None or row.parent_id != found.id):
        fields.refuse("parent", _("The choice above it is out of use: put that one back first."))
    return found


def _save(row: Disposition) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "conversations_disposition_place" in str(error):
            raise Invalid(fields={"key": _("This digit is taken on this level.")}) from None
        if "conversations_disposition_code" in str(error):
            raise Invalid(fields={"code": _("Another choice has this code.")}) from None
        raise


def _tell(
    actor: Actor, row: Disposition, *, after: dict[str, Any], before: dict[str, Any] | None = None
) -> None:
    audit.record(
        actor,
        "conversations.dispositions",
        subject=("disposition", row.id),
        before=_plain(before or {}),
        after=_plain(after),
    )
    events.emit("disposition.changed", subject=("disposition", row.id), data={"disposition_id": row.id})


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: str(value.id) if isinstance(value, Disposition) else value for name, value in values.items()
    }
