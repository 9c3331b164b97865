"""Mailboxes, SMS numbers and chats: what a line is, whether it works, its settings. Secrets are never shown again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Line
from callcart.contact.routing.public import queues
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.names import in_language
from callcart.web.office.refusal import refusal
from callcart.web.origin import own_url
from callcart.web.reader import LANGUAGES

ICONS = {"mail": "mail", "sms": "message-2", "chat": "messages"}


def channel_words() -> dict[str, str]:
    return {"mail": _("E-mail"), "sms": _("SMS"), "chat": _("Chat")}


def state_words() -> dict[str, tuple[str, str]]:
    return {
        "new": (_("Not tried yet"), "grey"),
        "up": (_("Works"), "green"),
        "down": (_("Does not work"), "red"),
    }


@requires("messaging.lines")
def lines(request: HttpRequest) -> HttpResponse:
    """All lines, and which kinds may be added."""
    kinds = {kind: messaging.channel_of(kind) for kind in messaging.kinds()}
    return page(
        request, "office/channels/lines.html", rows=messaging.all_lines(), kinds=kinds, icons=ICONS,
        channels=channel_words(), states=state_words(), queues=_queues(),
    )  # fmt: skip


@requires("messaging.lines")
def edit(request: HttpRequest, line_id: UUID | None = None, kind: str = "") -> HttpResponse:
    """A new line of a kind, or one that is there."""
    line = messaging.line_by_id(line_id) if line_id else None
    if request.method != "POST":
        return _form(request, line, kind)
    posted, actor = request.POST, actor_of(request)
    channel = messaging.channel_of(line.kind if line else kind)
    values: dict[str, Any] = {
        "name": posted.get("name", ""),
        "address": posted.get("address", ""),
        "queue_id": _chosen_queue(posted.get("queue", "")),
        "language": posted.get("language", "") if posted.get("language", "") in LANGUAGES else "",
        "values": {each.name: posted.get(each.name, "") for each in channel.settings},
    }
    with attempt() as tried:
        if line is None:
            line = messaging.add_line(actor, kind, **values)
        else:
            messaging.change_line(actor, line.id, version=version_seen(request), **values)
    if not tried or line is None:
        return _form(request, messaging.line_by_id(line_id) if line_id else None, kind, tried)
    return go(request, url("office:line", line_id=line.id), toast=_("Saved."))


@require_POST
@requires("messaging.lines")
def switch(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """On or off."""
    on = request.POST.get("on") == "1"
    with attempt() as tried:
        messaging.switch_line(actor_of(request), line_id, on=on)
    if not tried:
        return _form(request, messaging.line_by_id(line_id), "", tried)
    return go(
        request, url("office:line", line_id=line_id), toast=_("Switched on.") if on else _("Switched off.")
    )


@require_POST
@non_atomic
@requires("messaging.lines")
def check(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Try it with the provider."""
    actor = actor_of(request)
    words = messaging.try_line(actor, line_id)
    if not words:
        return go(request, url("office:line", line_id=line_id), toast=_("It works."))
    with tenant_transaction(actor.tenant_id):
        return _form(request, messaging.line_by_id(line_id), "", said=words)


def _form(
    request: HttpRequest, line: Line | None, kind: str, tried: Attempt | None = None, *, said: str = ""
) -> HttpResponse:
    channel, refused = messaging.channel_of(line.kind if line else kind), refusal(tried)
    posted = request.POST if request.method == "POST" and tried is not None else {}
    kept = messaging.kept_secrets(line) if line else frozenset()
    hook = ""
    if line is not None and isinstance(channel, messaging.Hooked):
        hook = own_url(request, url("hooks:lines", tenant_id=line.tenant_id, line_id=line.id))
    return page(
        request, "office/channels/line.html", line=line, kind=kind, channel=channel, posted=posted, kept=kept,
        queues=_queues(), languages_offered=LANGUAGES, errors=refused.fields, message=refused.message or said,
        stale=refused.stale, status=refused.status, states=state_words(), channels=channel_words(), hook=hook,
        script=own_url(request, url("chat:widget")) if channel.channel == "chat" else "",
    )  # fmt: skip


def _queues() -> dict[str, str]:
    return {str(each.id): in_language(each.name, each.name_zh) for each in queues()}


def _chosen_queue(text: str) -> UUID:
    return UUID(text) if text in _queues() else UUID(int=0)
