"""The limits that colour the board and ring: one form for all queues, one for each that has its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader

KINDS = ("warn", "alarm")


@requires("board.view", "supervision.limits")
def limits(request: HttpRequest) -> HttpResponse:
    """What holds for every queue that has none of its own, and which have."""
    return _answer(request, None)


@requires("board.view", "supervision.limits")
def limits_of(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """Those of one queue."""
    return _answer(request, queue_id)


def _answer(request: HttpRequest, queue_id: UUID | None) -> HttpResponse:
    queue = None if queue_id is None else routing.queue_in_use(queue_id)
    if request.method != "POST":
        return _form(request, queue)
    actor = actor_of(request)
    with attempt() as tried:
        if queue_id is not None and "drop" in request.POST:
            supervision.drop_limits(actor, queue_id)
        else:
            supervision.set_limits(actor, queue_id, version=version_seen(request), values=_typed(request))
    if not tried:
        return _form(request, queue, tried)
    return go(request, url("floor:limits"), toast=_("Saved. The board shows it at once."))


def _form(request: HttpRequest, queue: Any, tried: Attempt | None = None) -> HttpResponse:
    refused = refusal(tried)
    found, version = supervision.own_limits(queue.id if queue else None)
    names = [f"{measure}_{kind}" for measure in supervision.MEASURES for kind in KINDS]
    values = {name: getattr(found, name) for name in names}
    if tried is not None:
        values = {name: request.POST.get(name, "") for name in names}
    own = supervision.limits_by_queue()
    return page(
        request, "floor/limits.html", queue=queue, values=values, version=version, errors=refused.fields,
        message=refused.message, stale=refused.stale, status=refused.status,
        queues=[(each, each.name_in(reader().language), each.id in own) for each in routing.queues()],
    )  # fmt: skip


def _typed(request: HttpRequest) -> dict[str, int | str | None]:
    """The numbers of the form; empty is never, what is no number stays text and is refused with all else that is wrong."""
    values: dict[str, int | str | None] = {}
    for measure in supervision.MEASURES:
        for kind in KINDS:
            text = request.POST.get(f"{measure}_{kind}", "").strip()
            is_number = text.isascii() and text.isdecimal() and len(text) <= 6
            values[f"{measure}_{kind}"] = None if not text else int(text) if is_number else text
    return values
