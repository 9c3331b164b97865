"""Specification fields: declared on a category, valid for all that lies inside it. Words of a field may be changed at any time;
its kind only while no product has a value, so that no value turns into something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.catalog import jobs
from callcart.commerce.catalog.categories import way_to
from callcart.commerce.catalog.models import Category, SpecField, SpecKind, SpecValue
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.jobs import defer
from callcart.people.tenants.public import get_tenant, name_fields

MOST_FIELDS = 60
MOST_CHOICES = 100
_CODE = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values a field offers. An empty code is given one; keep the code when only words change."""

    name: str = ""
    name_zh: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """A specification field to be, with a name in one language at least."""

    kind: SpecKind
    name: str = ""
    name_zh: str = ""
    unit: str = ""
    unit_zh: str = ""
    choices: tuple[Choice, ...] = ()
    is_filter: bool = False


class KindInUse(Conflict):
    """Products have values of this kind. Make a new field, or take the values away first."""

    code = "catalog.spec_kind_in_use"


def fields_of(category_id: UUID | None, categories: Sequence[Category] | None = None) -> list[SpecField]:
    """The fields goods of a category have: those of the outermost category first, then inwards, each in its order."""
    way = [each.id for each in way_to(category_id, categories)]
    found = SpecField.objects.filter(category__in=way).order_by("position", "id")
    return sorted(found, key=lambda each: way.index(each.category_id))


def declare_field(actor: Actor, category_id: UUID, draft: FieldDraft) -> SpecField:
    """A new field, last in its category. Raises NotFound, Invalid."""
    actor.require("catalog.manage")
    category = Category.objects.select_for_update().filter(id=category_id).first()
    if category is None:
        raise NotFound
    values = _checked(draft)
    there = SpecField.objects.filter(category=category).count()
    if there >= MOST_FIELDS:
        raise Invalid(gettext("At most %(most)d fields in a category.") % {"most": MOST_FIELDS})
    made = SpecField.objects.create(category=category, position=there, **values)
    audit.record(actor, "catalog.declare_spec", subject=("category", category.id), after=values)
    return made


def update_field(actor: Actor, field_id: UUID, draft: FieldDraft, *, version: int) -> SpecField:
    """Change a field; products are found by its new words soon after. Raises NotFound, Conflict, Invalid, KindInUse; a choice
    that products have cannot be left out."""
    actor.require("catalog.manage")
    found = _locked(field_id)
    if found.version != version:
        raise Conflict
    values = _checked(draft)
    its = SpecValue.objects.filter(field=found)
    if draft.kind != found.kind and its.exists():
        raise KindInUse
    gone = {code for code, *_names in found.choices} - {code for code, *_names in values["choices"]}
    if used := sorted(its.filter(choice__in=gone).values_list("choice", flat=True).distinct()[:5]):
        names = dict(found.choices_in("en")) | {code: code for code in used if not code}
        said = gettext("Products still have: %(choices)s.") % {
            "choices": ", ".join(names[code] for code in used)
        }
        raise Invalid(fields={"choices": said})
    before = {name: getattr(found, name) for name in values}
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    found.save()
    audit.record(
        actor, "catalog.update_spec", subject=("category", found.category_id), before=before, after=values
    )
    words = ("name", "name_zh", "unit", "unit_zh", "choices")
    if any(before[name] != values[name] for name in words):
        defer(jobs.find_by_field, field_id=str(found.id), after="")
    return found


def move_field(actor: Actor, field_id: UUID, *, by: int) -> None:
    """Put a field so many places further down (negative: up) in its category. Raises NotFound."""
    actor.require("catalog.manage")
    found = _locked(field_id)
    sisters = list(SpecField.objects.filter(category=found.category_id).order_by("position", "id"))
    at = next(index for index, each in enumerate(sisters) if each.id == found.id)
    moved = sisters.pop(at)
    sisters.insert(max(0, at + by), moved)
    for position, each in enumerate(sisters):
        each.position = position
    SpecField.objects.bulk_update(sisters, ["position"])
    audit.record(
        actor, "catalog.move_spec", subject=("category", found.category_id), after={"field": found.name}
    )


def remove_field(actor: Actor, field_id: UUID) -> int:
    """Take a field away, with the values products have of it. Raises NotFound. Returns how many had one."""
    actor.require("catalog.manage")
    found = _locked(field_id)
    its = list(SpecValue.objects.filter(field=found).values_list("product_id", flat=True))
    before = {"name": found.name, "name_zh": found.name_zh, "kind": found.kind, "values": len(its)}
    audit.record(actor, "catalog.remove_spec", subject=("category", found.category_id), before=before)
    found.delete()
    for start in range(0, len(its), jobs.PORTION):
        defer(jobs.find_products, product_ids=[str(each) for each in its[start : start + jobs.PORTION]])
    return len(its)


def _locked(field_id: UUID) -> SpecField:
    found = SpecField.objects.filter(id=field_id).first()
    if found is None:
        raise NotFound
    Category.objects.select_for_update().get(
        id=found.category_id
    )  # one change of a category's fields at a time
    again = SpecField.objects.select_for_update().filter(id=field_id).first()
    if again is None:
        raise NotFound
    return again


def _checked(draft: FieldDraft) -> dict[str, Any]:
    form = Fields()
    values: dict[str, Any] = {
        name: form.line(name, getattr(draft, name), most=most)
        for name, most in (("name", 100), ("name_zh", 100), ("unit", 20), ("unit_zh", 20))
    }
    kind = form.choice("kind", draft.kind, list(SpecKind))
    if not (values["name"] or values["name_zh"]):
        form.refuse(name_fields(get_tenant())[0], gettext("Please fill this in."))
    if kind != SpecKind.NUMBER:
        values["unit"] = values["unit_zh"] = ""
    values["choices"] = _choices(form, draft.choices) if kind == SpecKind.CHOICE else []
    form.done()
    # A text is anything: there is nothing to tick in a filter.
    return values | {"kind": kind, "is_filter": draft.is_filter and kind != SpecKind.TEXT}


def _choices(form: Fields, given: Sequence[Choice]) -> list[list[str]]:
    if not given or len(given) > MOST_CHOICES:
        form.refuse("choices", gettext("One choice at least, and at most %(most)d.") % {"most": MOST_CHOICES})
        return []
    found, codes = list[list[str]](), {each.code for each in given if each.code}
    if len(codes) < sum(bool(each.code) for each in given) or not all(map(_CODE.fullmatch, codes)):
        form.refuse("choices", gettext("Choose one of the values offered."))
        return []
    fresh = (f"c{number}" for number in range(1, 10_000))
    for each in given:
        name, name_zh = (form.line("choices", text, most=100) for text in (each.name, each.name_zh))
        if not (name or name_zh):
            form.refuse("choices", gettext("Please fill this in."))
        code = each.code or next(code for code in fresh if code not in codes)
        found.append([code, name, name_zh])
    for place in (1, 2):
        named = [each[place].casefold() for each in found if each[place]]
        if len(set(named)) < len(named):
            form.refuse("choices", gettext("Two choices have the same name."))
    return found
