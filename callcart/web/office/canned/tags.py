"""The tags of conversations in the office: names in both languages, a colour, in use or not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.conversations import tags as tagging
from callcart.contact.conversations.models import Tag
from callcart.web.http import actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal


@requires("conversations.tags")
def tags(request: HttpRequest) -> HttpResponse:
    """Every one, those in use first."""
    return page(request, "office/canned/tags.html", tags=tagging.all_tags(active=False))


@requires("conversations.tags")
def tag(request: HttpRequest, tag_id: UUID | None = None) -> HttpResponse:
    """One tag, or a new one."""
    actor, tried = actor_of(request), None
    found = Tag() if tag_id is None else tagging.get_tag(tag_id)
    if request.method == "POST":
        with attempt() as tried:
            tagging.save_tag(actor, _draft(request), tag_id=tag_id, version=version_seen(request))
        if tried:
            return go(request, url("office:talk_tags"), toast=_("Saved."))
    said = refusal(tried)
    return page(
        request,
        "office/canned/tag.html",
        status=said.status,
        said=said,
        tag=found,
        new=tag_id is None,
        shown=_shown(request, found),
        tones=_tones(),
    )


def _draft(request: HttpRequest) -> tagging.TagDraft:
    posted = request.POST
    return tagging.TagDraft(
        posted.get("name", ""),
        posted.get("name_zh", ""),
        posted.get("tone", "grey"),
        posted.get("is_active") == "1",
    )


def _shown(request: HttpRequest, found: Tag) -> dict[str, Any]:
    stored = {name: getattr(found, name) for name in ("name", "name_zh", "tone", "is_active")}
    if not request.POST:
        return stored
    return stored | request.POST.dict() | {"is_active": request.POST.get("is_active") == "1"}


def _tones() -> list[tuple[str, str]]:
    words = {
        "grey": _("Grey"), "blue": _("Blue"), "green": _("Green"), "amber": _("Amber"), "red": _("Red"), "violet": _("Violet"),
    }  # fmt: skip
    return [(tone, words[tone]) for tone in tagging.TONES]
