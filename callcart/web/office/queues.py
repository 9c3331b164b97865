"""Queues in the office: what waits now, and how each queue works."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Profile, Queue
from callcart.core.errors import NotFound
from callcart.core.ids import read_ids
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.reader import reader

NUMBERS = ("priority", "ring_s", "wrap_s", "sticky_s", "target_s")


@requires("routing.setup")
def queues(request: HttpRequest) -> HttpResponse:
    now = {each.id: each for each in routing.queues_now(reader().language)}
    profiles = list(Profile.objects.filter(lent_from=None).prefetch_related("serves__queue").order_by("code"))
    return page(request, "office/queues.html", queues=routing.queues(), now=now, profiles=profiles)


@requires("routing.setup")
def queue(request: HttpRequest, queue_id: UUID | None = None) -> HttpResponse:
    """One queue, or a new one."""
    actor, errors, message = actor_of(request), dict[str, str](), ""
    found = None
    if queue_id is not None:
        found = Queue.objects.filter(id=queue_id).first()
        if found is None:
            raise NotFound
    if request.method == "POST":
        with attempt() as tried:
            values = _values(request)
            if found is None:
                routing.add_queue(actor, request.POST.get("code", "").strip(), **values)
            else:
                routing.update_queue(actor, found.id, is_active="is_active" in request.POST, **values)
        if tried:
            return go(request, url("office:queues"), toast=_("Saved. It holds from the next offer on."))
        errors, message = tried.fields, tried.message
    others = {
        str(each.id): each.name_in(reader().language) for each in routing.queues() if each.id != queue_id
    }
    return page(
        request, "office/queue.html", queue=found or Queue(), new=found is None, errors=errors, message=message,
        posted=request.POST, others=others, status=422 if message else 200,
    )  # fmt: skip


def _values(request: HttpRequest) -> dict[str, Any]:
    """The form, numbers read; what is none stays text, so that the verb refuses it with all else that is wrong."""
    posted = request.POST
    values: dict[str, Any] = {name: posted.get(name, "") for name in ("name", "name_zh")}
    values |= {name: _number(posted.get(name, "")) for name in NUMBERS}
    for name in ("relax_s", "overflow_s"):
        seconds = _number(posted.get(name, ""))
        values[name] = None if seconds == "" else seconds
    return values | {"overflow_queue_id": next(iter(read_ids([posted.get("overflow_queue", "")])), None)}


def _number(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= 6 else text
