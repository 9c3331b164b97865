"""Specification fields of a category in the office: a new one, another wording, their order, taking one away."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import Choice, FieldDraft, SpecField, SpecKind
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.people.tenants.public import get_tenant, name_fields
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.office.selling import typed, words
from callcart.web.office.selling.categories import get

_TEXTS = ("name", "name_zh", "unit", "unit_zh")


@requires("catalog.manage")
def edit(request: HttpRequest, category_id: UUID, field_id: UUID | None = None) -> HttpResponse:
    """A new field, or another wording of one. Choices are lines: English | Chinese."""
    category, actor, tried = get(category_id), actor_of(request), None
    found = _get(category_id, field_id) if field_id else None
    if request.method == "POST":
        with attempt() as tried:
            draft = _read(request, found)
            if found is None:
                catalog.declare_field(actor, category_id, draft)
            else:
                version = typed.whole(Fields(), request.POST, "version") or 0
                catalog.update_field(actor, found.id, draft, version=version)
        if tried:
            return go(request, url("office:category", category_id), toast=_("Saved."))
    refused = refusal(tried)
    return page(
        request, "office/selling/spec_edit.html", category=category, field=found, values=_values(request, found),
        kinds=list(words.spec_kinds().items()), own_names=name_fields(get_tenant()), errors=refused.fields,
        message=refused.message, status=refused.status,
    )  # fmt: skip


def _read(request: HttpRequest, found: SpecField | None) -> FieldDraft:
    posted = request.POST
    kind = posted.get("kind", "")
    return FieldDraft(
        kind=SpecKind(kind)
        if kind in set(SpecKind)
        else cast(SpecKind, kind),  # the verb names what it is not
        choices=_choices(posted.get("choices", ""), found) if kind == SpecKind.CHOICE else (),
        is_filter="is_filter" in posted,
        **{name: posted.get(name, "") for name in _TEXTS},
    )


def _choices(text: str, found: SpecField | None) -> tuple[Choice, ...]:
    """A line for each choice. One of the same name in either language keeps its code; where as many lines were left as there
    were, one that was reworded keeps the code of its line."""
    old = list(found.choices) if found else []
    lines = [each for each in text[:40_000].splitlines() if each.strip()]
    pairs = [[part.strip() for part in line.replace("｜", "|").partition("|")[::2]] for line in lines]
    codes: list[str] = []
    for index, (name, name_zh) in enumerate(pairs):
        free = [row for row in old if row[0] not in codes]
        same = next(
            (row[0] for row in free if (name and row[1] == name) or (name_zh and row[2] == name_zh)), ""
        )
        in_place = len(pairs) == len(old) and old[index] in free
        codes.append(same or (old[index][0] if in_place else ""))
    return tuple(Choice(pair[0], pair[1], code) for pair, code in zip(pairs, codes, strict=True))


def _values(request: HttpRequest, found: SpecField | None) -> dict[str, Any]:
    if request.POST:
        return request.POST.dict()
    if found is None:
        return {"kind": "text"}
    return {
        **{name: getattr(found, name) for name in (*_TEXTS, "kind", "is_filter")},
        "choices": "\n".join(f"{name} | {name_zh}" for _code, name, name_zh in found.choices),
    }


@require_POST
@requires("catalog.manage")
def move(request: HttpRequest, category_id: UUID, field_id: UUID) -> HttpResponse:
    catalog.move_field(
        actor_of(request), _get(category_id, field_id).id, by=-1 if request.POST.get("by") == "up" else 1
    )
    return go(request, url("office:category", category_id))


@require_POST
@requires("catalog.manage")
def remove(request: HttpRequest, category_id: UUID, field_id: UUID) -> HttpResponse:
    catalog.remove_field(actor_of(request), _get(category_id, field_id).id)
    return go(request, url("office:category", category_id), toast=_("Specification removed."))


def _get(category_id: UUID, field_id: UUID) -> SpecField:
    found = SpecField.objects.filter(id=field_id, category=category_id).first()
    if found is None:
        raise NotFound
    return found
