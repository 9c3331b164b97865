"""Webhooks in the office: where programs are told, what was delivered, and sending it again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.core.ids import read_id
from callcart.engage.webhooks import public as webhooks
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.listing import choice
from callcart.web.office.refusal import refusal

PAGE = 50


@requires("webhooks.manage")
def webhook_list(request: HttpRequest) -> HttpResponse:
    """All endpoints, how much waits for each and how much was given up."""
    rows = webhooks.list_endpoints(actor_of(request))
    return page(request, "office/connections/webhooks.html", rows=rows, states=states())


@requires("webhooks.manage")
def webhook_edit(request: HttpRequest, endpoint_id: UUID | None = None) -> HttpResponse:
    """A new endpoint, whose secret is on the answer and nowhere else; or another address or other kinds of one."""
    actor, posted = actor_of(request), request.POST
    found = webhooks.get_endpoint(actor, endpoint_id) if endpoint_id else None
    if request.method != "POST":
        return _form(request, found)
    values = {"name": posted.get("name", ""), "url": posted.get("url", "")}
    made: webhooks.Made | None = None
    with attempt() as tried:
        if found is None:
            made = webhooks.add_endpoint(actor, kinds=posted.getlist("kinds"), **values)
        else:
            seen = version_seen(request)
            webhooks.change_endpoint(actor, found.id, version=seen, kinds=posted.getlist("kinds"), **values)
    if not tried:
        return _form(request, found, tried)
    if made is not None:
        return _made(request, made)
    return go(request, url("office:webhook", endpoint_id), toast=_("Saved."))


@requires("webhooks.manage")
def webhook(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """One endpoint with its deliveries, the newest first."""
    return _page(request, endpoint_id)


@require_POST
@requires("webhooks.manage")
def webhook_switch(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """On or off."""
    on = request.POST.get("on") == "1"
    with attempt() as tried:
        webhooks.switch_endpoint(actor_of(request), endpoint_id, on=on)
    return _done(
        request, endpoint_id, tried, _("Switched on; what waits is sent now.") if on else _("Switched off.")
    )


@require_POST
@requires("webhooks.manage")
def webhook_secret(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Another secret; shown once."""
    with attempt() as tried:
        made = webhooks.renew_secret(actor_of(request), endpoint_id)
    return _made(request, made) if tried else _page(request, endpoint_id, tried)


@require_POST
@requires("webhooks.manage")
def webhook_test(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Send something that means nothing."""
    with attempt() as tried:
        webhooks.send_test(actor_of(request), endpoint_id)
    return _done(request, endpoint_id, tried, _("A test is on its way. Reload to see what came of it."))


@require_POST
@requires("webhooks.manage")
def webhook_remove(request: HttpRequest, endpoint_id: UUID) -> HttpResponse:
    """Take an endpoint away."""
    with attempt() as tried:
        webhooks.remove_endpoint(actor_of(request), endpoint_id)
    if tried:
        return go(request, url("office:webhooks"), toast=_("Webhook removed."))
    return _page(request, endpoint_id, tried)


@require_POST
@requires("webhooks.manage")
def webhook_replay(request: HttpRequest, endpoint_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Send the same once more."""
    with attempt() as tried:
        webhooks.replay(actor_of(request), delivery_id)
    return _done(request, endpoint_id, tried, _("It is sent once more."))


def states() -> dict[str, tuple[str, str]]:
    """The states of endpoints in words, and their colour."""
    return {"on": (_("On"), "green"), "off": (_("Off"), "grey"), "stopped": (_("Stopped"), "red")}


def delivery_states() -> dict[str, tuple[str, str]]:
    return {
        "waiting": (_("Waiting"), "amber"),
        "delivered": (_("Taken"), "green"),
        "dead": (_("Given up"), "red"),
    }


def failure(code: str) -> str:
    """Why it was not taken, in words; what the other side answered stays as it is."""
    said = {
        "webhooks.not_public": _("The address lies in a private network."),
        "webhooks.not_resolved": _("There is no machine of this name."),
        "ConnectError": _("Nobody answers there."),
        "ConnectTimeout": _("Nobody answers there."),
        "ReadTimeout": _("The answer took too long."),
        "WriteTimeout": _("The answer took too long."),
    }
    return said.get(code) or (code if code.startswith("HTTP ") or not code else _("The connection broke."))


def _done(request: HttpRequest, endpoint_id: UUID, tried: Attempt, said: str) -> HttpResponse:
    if tried:
        return go(request, url("office:webhook", endpoint_id), toast=said)
    return _page(request, endpoint_id, tried)


def _made(request: HttpRequest, made: webhooks.Made) -> HttpResponse:
    return page(request, "office/connections/webhook_made.html", endpoint=made.endpoint, secret=made.secret)


def _form(
    request: HttpRequest, found: webhooks.Endpoint | None, tried: Attempt | None = None
) -> HttpResponse:
    refused = refusal(tried)
    typed = request.method == "POST"
    chosen = request.POST.getlist("kinds") if typed else list(found.kinds) if found else []
    return page(
        request, "office/connections/webhook_edit.html", endpoint=found, posted=request.POST if typed else {},
        chosen=chosen, kinds={key: str(label) for key, label in webhooks.KINDS.items()}, errors=refused.fields,
        message=refused.message, stale=refused.stale, status=refused.status,
    )  # fmt: skip


def _page(request: HttpRequest, endpoint_id: UUID, tried: Attempt | None = None) -> HttpResponse:
    actor, refused, words = actor_of(request), refusal(tried), delivery_states()
    labels = {key: text for key, (text, _tone) in words.items()}
    state = choice(request, "state", labels)
    after = request.GET.get("after", "")
    rows = webhooks.list_deliveries(actor, endpoint_id, state=state, after=read_id(after), limit=PAGE + 1)
    kinds = {key: str(label) for key, label in webhooks.KINDS.items()} | {webhooks.TEST: _("Test")}
    return page(
        request, "office/connections/webhook.html", endpoint=webhooks.get_endpoint(actor, endpoint_id),
        rows=rows[:PAGE], next=str(rows[PAGE - 1].id) if len(rows) > PAGE else "", states=states(),
        delivery_states=words, labels=labels, state=state, kinds=kinds, failure=failure,
        message=refused.message, status=refused.status,
    )  # fmt: skip
