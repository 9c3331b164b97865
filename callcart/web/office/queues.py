"""Queues in the office: what waits now, and how each queue works."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Profile, Queue
from callcart.core.errors import Invalid, NotFound
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.reader import reader

NUMBERS = ("priority", "ring_s", "wrap_s", "sticky_s", "target_s")


@requires("routing.setup")
def queues(request: HttpRequest) -> HttpResponse:
    now = {each.id: each for each in routing.queues_now(reader().language)}
    profiles = list(Profile.objects.prefetch_related("serves__queue").order_by("code"))
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
    return page(
        request, "office/queue.html", queue=found or Queue(), new=found is None, errors=errors, message=message,
        posted=request.POST, status=422 if message else 200,
    )  # fmt: skip


def _values(request: HttpRequest) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": request.POST.get("name", ""),
        "name_zh": request.POST.get("name_zh", ""),
    }
    wrong: dict[str, str] = {}
    for name in NUMBERS:
        text = request.POST.get(name, "").strip()
        if not text.isdecimal() or len(text) > 6:
            wrong[name] = _("A whole number.")
        else:
            values[name] = int(text)
    relax = request.POST.get("relax_s", "").strip()
    if relax and not relax.isdecimal():
        wrong["relax_s"] = _("A whole number, or nothing.")
    values["relax_s"] = int(relax) if relax.isdecimal() else None
    if wrong:
        raise Invalid(fields=wrong)
    return values
