"""Canned replies in the office: the list, and one with both texts, what it may name and what follows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.conversations import tags as tagging
from callcart.core.ids import read_id
from callcart.engage.canned import public as canned
from callcart.web.http import actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("canned.edit")
def replies(request: HttpRequest) -> HttpResponse:
    """Every one, those in use first."""
    names = {tag.id: tag for tag in tagging.all_tags(active=False)}
    return page(
        request,
        "office/canned/replies.html",
        replies=canned.all_replies(actor_of(request)),
        tags=names,
        channels=dict(channel_choices()),
        then=dict(then_choices()),
    )


@requires("canned.edit")
def reply(request: HttpRequest, reply_id: UUID | None = None) -> HttpResponse:
    """One reply, or a new one."""
    actor, tried = actor_of(request), None
    found = canned.CannedReply() if reply_id is None else canned.get_reply(reply_id)
    if request.method == "POST":
        with attempt() as tried:
            canned.save_reply(actor, _draft(request), reply_id=reply_id, version=version_seen(request))
        if tried:
            return go(request, url("office:canned_replies"), toast=_("Saved."))
    said = refusal(tried)
    language = reader().language
    return page(
        request,
        "office/canned/reply.html",
        status=said.status,
        said=said,
        reply=found,
        new=reply_id is None,
        shown=_shown(request, found),
        fields=[("{{" + name + "}}", label) for name, label in canned.FIELDS.items()],
        channels=channel_choices(),
        tags=[(str(tag.id), tag.name_in(language)) for tag in _tags(found)],
        then=then_choices(),
    )


def _tags(found: canned.CannedReply) -> list[Any]:
    """Those in use, and the one it has."""
    return [tag for tag in tagging.all_tags(active=False) if tag.is_active or tag.id == found.tag_id]


def _draft(request: HttpRequest) -> canned.ReplyDraft:
    posted = request.POST
    return canned.ReplyDraft(
        code=posted.get("code", ""),
        name=posted.get("name", ""),
        name_zh=posted.get("name_zh", ""),
        text=posted.get("text", ""),
        text_zh=posted.get("text_zh", ""),
        channels=posted.getlist("channels"),
        tag_id=read_id(posted.get("tag", "")),
        then=posted.get("then", ""),
        is_active=posted.get("is_active") == "1",
    )


def _shown(request: HttpRequest, found: canned.CannedReply) -> dict[str, Any]:
    """What the form shows: what was typed, else what is stored."""
    names = ("code", "name", "name_zh", "text", "text_zh", "channels", "then", "is_active")
    stored = {name: getattr(found, name) for name in names} | {"tag": str(found.tag_id or "")}
    if not request.POST:
        return stored
    typed = {"channels": request.POST.getlist("channels"), "is_active": request.POST.get("is_active") == "1"}
    return stored | request.POST.dict() | typed


def channel_choices() -> list[tuple[str, str]]:
    return [("chat", _("Chat")), ("mail", _("Mail")), ("sms", _("SMS"))]


def then_choices() -> list[tuple[str, str]]:
    return [
        ("", _("Nothing: the conversation stays")),
        ("set_aside", _("Set aside until the customer writes")),
        ("finish", _("End the conversation")),
    ]
