"""What could not be sent, or perhaps was; what could not be read. Each may be tried again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.messaging import public as messaging
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.channels.lines import channel_words
from callcart.web.office.refusal import refusal


def dead_words() -> dict[str, tuple[str, str]]:
    return {"failed": (_("Not sent"), "red"), "in_doubt": (_("Perhaps sent"), "amber")}


@requires("messaging.dead")
def undelivered(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    return _page(request)


@require_POST
@requires("messaging.dead")
def send_again(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """Once more, at the risk that the customer has it twice."""
    with attempt() as tried:
        messaging.send_again(actor_of(request), message_id)
    return _done(request, tried, _("It is sent once more."))


@require_POST
@requires("messaging.dead")
def read_again(request: HttpRequest, arrival_id: int) -> HttpResponse:
    """Try to read it once more."""
    with attempt() as tried:
        messaging.read_again(actor_of(request), arrival_id)
    return _done(request, tried, _("It is read once more."))


def _done(request: HttpRequest, tried: Attempt, said: str) -> HttpResponse:
    return go(request, url("office:undelivered"), toast=said) if tried else _page(request, tried)


def _page(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    actor, refused = actor_of(request), refusal(tried)
    rows = messaging.dead_deliveries(actor, before=_before(request))
    arrivals = messaging.dead_arrivals(actor) if _before(request) is None else []
    return page(
        request, "office/channels/undelivered.html", rows=rows, arrivals=arrivals, states=dead_words(),
        channels=channel_words(), next=str(rows[-1].id) if len(rows) == messaging.DEAD_PAGE else "",
        message=refused.message, status=refused.status,
    )  # fmt: skip


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
