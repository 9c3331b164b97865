"""Fields a shop keeps of its own, and its categories of customers: declaring them, and checking values by their type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.customers.models import Category, FieldDefinition, FieldKind

MOST_FIELDS = 50
MOST_CHOICES = 100
MOST_TEXT = 500
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TRUE, _FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}


def list_fields(*, active_only: bool = True) -> list[FieldDefinition]:
    """The tenant's own customer fields in the order of the form."""
    found = FieldDefinition.objects.all()
    return list(found.filter(is_active=True) if active_only else found)


def declare_field(
    actor: Actor,
    *,
    key: str,
    label: str,
    kind: str,
    label_zh: str = "",
    choices: Sequence[str] = (),
    is_required: bool = False,
    position: int = 0,
) -> FieldDefinition:
    """A new field; `key` and `kind` stay for good. Invalid."""
    actor.require("customers.manage_fields")
    form = Fields()
    if not _KEY.fullmatch(key):
        form.refuse("key", _("Small letters, digits and underscores, a letter first."))
    if FieldDefinition.objects.count() >= MOST_FIELDS:
        form.refuse(
            "key", _("There are %(most)s fields already; more are not possible.") % {"most": MOST_FIELDS}
        )
    made = FieldDefinition(
        key=key,
        kind=form.choice("kind", kind, FieldKind.values),
        is_required=is_required,
        position=position,
        label=form.line("label", label, most=60, required=True),
        label_zh=form.line("label_zh", label_zh, most=60),
        choices=_choices(form, kind, choices),
    )
    form.done()
    _save_the_only(made, field="key", otherwise=_("There is already a field of this name."))
    audit.record(
        actor,
        "customers.declare_field",
        subject=("customer_field", made.id),
        after={"key": key, "kind": kind},
    )
    return made


def update_field(actor: Actor, field_id: UUID, **changes: Any) -> FieldDefinition:
    """Change `label`, `label_zh`, `choices`, `is_required`, `is_active`, `position`. NotFound, Invalid."""
    actor.require("customers.manage_fields")
    found = FieldDefinition.objects.select_for_update().filter(id=field_id).first()
    if found is None:
        raise NotFound
    form, values = Fields(), dict[str, Any]()
    for name, value in changes.items():
        if name in ("label", "label_zh"):
            values[name] = form.line(name, value, most=60, required=name == "label")
        elif name == "choices":
            values[name] = _choices(form, found.kind, value)
        elif name in ("is_required", "is_active"):
            values[name] = bool(value)
        elif name == "position":
            values[name] = int(value)
        else:
            raise TypeError(f"not to be changed of a field: {name}")
    form.done()
    before = {name: getattr(found, name) for name in values}
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    audit.record(
        actor, "customers.update_field", subject=("customer_field", found.id), before=before, after=values
    )
    return found


def checked_custom(
    form: Fields, values: Mapping[str, Any], *, old: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The custom values to store: given ones checked by type, others kept from `old`. Problems go to the form, as
    `custom.<key>`."""
    known = {field.key: field for field in list_fields()}
    merged = dict(old or {})
    for key, value in values.items():
        if key not in known:
            form.refuse(f"custom.{key[:40]}", _("There is no such field."))
            continue
        clean = _checked(form, known[key], value)
        if clean is None:
            merged.pop(key, None)
        else:
            merged[key] = clean
    for field in known.values():
        if field.is_required and merged.get(field.key) is None:
            form.refuse(f"custom.{field.key}", _("Please fill this in."))
    return merged


def list_categories() -> list[Category]:
    return list(Category.objects.order_by("name"))


def create_category(actor: Actor, *, code: str, name: str, name_zh: str = "") -> Category:
    """A category of customers. Invalid."""
    actor.require("customers.manage_fields")
    form = Fields()
    if not _KEY.fullmatch(code):
        form.refuse("code", _("Small letters, digits and underscores, a letter first."))
    made = Category(
        code=code,
        name=form.line("name", name, most=60, required=True),
        name_zh=form.line("name_zh", name_zh, most=60),
    )
    form.done()
    _save_the_only(made, field="code", otherwise=_("There is already a category of this code."))
    audit.record(
        actor, "customers.create_category", subject=("customer_category", made.id), after={"code": code}
    )
    return made


def _save_the_only(made: FieldDefinition | Category, *, field: str, otherwise: str) -> None:
    """Save it, or Invalid where the shop has one of that name already, perhaps since a moment ago."""
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Invalid(fields={field: otherwise}) from None


def _checked(form: Fields, field: FieldDefinition, value: Any) -> Any:
    """The value by the field's type; None for an empty one. Problems go to the form."""
    name = f"custom.{field.key}"
    if field.kind == FieldKind.BOOLEAN:
        return _boolean(form, name, value)
    text = form.line(name, value, most=MOST_TEXT)
    if not text:
        return None
    if field.kind == FieldKind.NUMBER:
        return _number(form, name, text)
    if field.kind == FieldKind.DATE:
        return _date(form, name, text)
    return form.choice(name, text, field.choices) if field.kind == FieldKind.CHOICE else text


def _boolean(form: Fields, name: str, value: Any) -> bool | None:
    text = str("" if value is None else value).strip().casefold()[:10]
    if text and text not in _TRUE | _FALSE:
        form.refuse(name, _("Choose yes or no."))
    return None if not text else text in _TRUE


def _number(form: Fields, name: str, text: str) -> int | float | None:
    try:
        exact = Decimal(text) if len(text) <= 20 else None
    except InvalidOperation:
        exact = None
    if exact is None or not exact.is_finite() or abs(exact) >= 10**15 or abs(exact.adjusted()) > 15:
        form.refuse(name, _("This is not a number."))
        return None
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _date(form: Fields, name: str, text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        form.refuse(name, _("This is not a date."))
        return None


def _choices(form: Fields, kind: str, choices: Sequence[str]) -> list[str]:
    if kind != FieldKind.CHOICE:
        return []
    clean = [
        text
        for choice in list(choices)[: MOST_CHOICES + 1]
        if (text := form.line("choices", choice, most=100))
    ]
    if not clean or len(clean) > MOST_CHOICES or len(set(clean)) != len(clean):
        form.refuse("choices", _("Give 1 to %(most)s different choices.") % {"most": MOST_CHOICES})
    return clean
