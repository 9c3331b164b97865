"""Groups of agents in the office: which queues they serve and in which order, and how much each of them has at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Profile
from callcart.core.errors import NotFound
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal

LEVELS = range(1, 10)
CHANNELS = ("voice", "chat", "mail", "sms")


@requires("routing.setup")
def group(request: HttpRequest, profile_id: UUID | None = None) -> HttpResponse:
    """One group, or a new one."""
    found = _group(profile_id) if profile_id else None
    if request.method != "POST":
        return _form(request, found)
    posted = request.POST
    code = found.code if found else posted.get("name", "").strip().lower().replace(" ", "-")[:40]
    with attempt() as tried:
        routing.save_profile(
            actor_of(request), _free(code) if found is None else code,
            name=posted.get("name", ""), name_zh=posted.get("name_zh", ""),
            queues=_levels(request), capacity=_capacity(request),
        )  # fmt: skip
    if not tried:
        return _form(request, found, tried)
    return go(request, url("office:queues"), toast=_("Saved. It holds at once."))


def _form(request: HttpRequest, found: Profile | None, tried: Attempt | None = None) -> HttpResponse:
    refused = refusal(tried)
    typed = request.POST if tried is not None else None
    serves = {each.queue_id: each.level for each in found.serves.all()} if found else {}
    levels = _levels(request) if typed is not None else serves
    capacity = routing.Capacity.of(found) if found else routing.Capacity()
    shown: dict[str, Any] = {f"cap_{name}": getattr(capacity, name) for name in CHANNELS}
    if typed is not None:
        shown = {name: typed.get(name, "") for name in shown}
    return page(
        request, "office/group.html", group=found, queues=routing.queues(), levels=levels,
        shown=shown, posted=typed if typed is not None else {}, errors=refused.fields, message=refused.message,
        call_blocks="call_blocks" in typed if typed is not None else capacity.call_blocks,
        chat_blocks="chat_blocks" in typed if typed is not None else capacity.chat_blocks_calls,
        status=refused.status,
    )  # fmt: skip


def _group(profile_id: UUID) -> Profile:
    found = Profile.objects.filter(id=profile_id, lent_from=None).first()
    if found is None:
        raise NotFound
    return found


def _free(code: str) -> str:
    """A short name that no group has: a new group never takes the place of another."""
    taken, plain, number = set(Profile.objects.values_list("code", flat=True)), code or "group", 2
    code = plain
    while code in taken:
        code, number = f"{plain}-{number}", number + 1
    return code


def _levels(request: HttpRequest) -> dict[UUID, int]:
    """The level of each queue the group serves."""
    found = {}
    for queue in routing.queues():
        text = request.POST.get(f"level-{queue.id}", "")
        if text in {str(level) for level in LEVELS}:
            found[queue.id] = int(text)
    return found


def _capacity(request: HttpRequest) -> routing.Capacity:
    posted = request.POST
    numbers = {name: _number(posted.get(f"cap_{name}", "")) for name in CHANNELS}
    return routing.Capacity(
        **numbers, call_blocks="call_blocks" in posted, chat_blocks_calls="chat_blocks" in posted
    )


def _number(text: str) -> int:
    """What is no number is out of every bound, and refused at its field."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else -1
