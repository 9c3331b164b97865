"""Messages to agents: writing one, who has read it; and what a desk is told (messages, lent queues, a supervisor on
the line)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.people.staff import public as staff
from callcart.people.tenants.public import get_tenant, settings_of
from callcart.web import formats
from callcart.web.desk.bodies import answer
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, wanted_id
from callcart.web.jinja import url
from callcart.web.names import in_language, queue_names, staff_names
from callcart.web.office.listing import Cursor, time_cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader

PAGE = 30


@requires("supervision.broadcast")
def messages(request: HttpRequest) -> HttpResponse:
    """Write one, and those of late with how many have read them."""
    if request.method != "POST":
        return _page(request)
    kind, _sep, target = request.POST.get("to", "").partition(":")
    with attempt() as tried:
        supervision.send(
            actor_of(request),
            request.POST.get("text", ""),
            audience=kind,
            target_id=wanted_id(target) if target else None,
        )
    if not tried:
        return _page(request, tried)
    return go(request, url("floor:messages"), toast=_("Sent. Each desk shows it until it is read."))


def _page(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    actor, refused = actor_of(request), refusal(tried)
    after = time_cursor_of(request)
    found = supervision.sent(actor, before=after.key if after else None, limit=PAGE + 1)  # type: ignore[arg-type]
    choices = _choices(actor)
    names = dict(choices)
    return page(
        request, "floor/messages.html", sent=found[:PAGE], choices=choices,
        to=lambda each: names.get(f"{each.audience}:{each.target_id}" if each.target_id else str(each.audience), _("A team or queue")),
        names=staff_names({each.made_by for each in found}), posted=request.POST if tried is not None else {},
        errors=refused.fields, message=refused.message, status=refused.status,
        next=_cursor(found),
    )  # fmt: skip


def _cursor(found: list[supervision.Sent]) -> str:
    """Where the next page begins; empty where there is none."""
    if len(found) <= PAGE:
        return ""
    last = found[PAGE - 1]
    return Cursor(last.made_at.isoformat(), str(last.id)).text()


def _choices(actor: Actor) -> list[tuple[str, str]]:
    """To whom: everybody, a team, or who serves a queue; within reach."""
    language = reader().language
    everybody = [("all", _("All agents"))]
    teams = [
        (f"team:{each.id}", _("Team %(name)s") % {"name": in_language(each.name, each.name_zh)})
        for each in staff.list_teams()
    ]
    queues = routing.queues()
    served = supervision.queues_within(actor, "supervision.broadcast")
    if served is not None:
        everybody, teams = [("all", _("My team"))], []
        queues = [each for each in queues if each.id in served]
    return [
        *everybody,
        *teams,
        *((f"queue:{each.id}", _("Queue %(name)s") % {"name": each.name_in(language)}) for each in queues),
    ]


@requires("supervision.broadcast")
@require_GET
def message(request: HttpRequest, broadcast_id: UUID) -> HttpResponse:
    """One message: who has read it, and when."""
    actor = actor_of(request)
    found, readers = supervision.sent_message(actor, broadcast_id), supervision.readers(actor, broadcast_id)
    people = staff_names({found.made_by, *(who for who, _at in readers)})
    return page(request, "floor/message.html", sent=found, readers=readers, names=people)


@requires("supervision.broadcast")
@require_POST
def withdraw(request: HttpRequest, broadcast_id: UUID) -> HttpResponse:
    supervision.withdraw(actor_of(request), broadcast_id)
    return go(request, url("floor:messages"), toast=_("Withdrawn. It is shown no longer."))


@requires()
@require_GET
def told(request: HttpRequest) -> HttpResponse:
    """What this desk is to show: messages to be read, queues lent for a while, and whether a supervisor is on the talk, where the shop says
    so."""
    actor = actor_of(request)
    found = supervision.unread(actor)
    names = staff_names({each.made_by for each in found})
    return answer(
        messages=[
            {"id": str(each.id), "text": each.text, "who": (names.get(each.made_by) if each.made_by else None) or _("Supervisor"), "at": formats.time(each.made_at)}
            for each in found
        ],
        watched=_watched(actor),
        lent=_lent(actor),
    )  # fmt: skip


def _lent(actor: Actor) -> str:
    """Which queues the reader serves for a while, and until when; empty where it is those of his group."""
    loan = supervision.running().get(actor.id) if actor.id else None
    if loan is None:
        return ""
    names = queue_names(loan.queues)
    chosen = _(", ").join(names[each] for each in loan.queues if each in names)
    return _("Until %(time)s you serve: %(queues)s.") % {"time": formats.time(loan.until), "queues": chosen}


def _watched(actor: Actor) -> str:
    """What is said of supervisors on the reader's own talk; the most that one of them does."""
    if actor.id is None or not settings_of(get_tenant(actor.tenant_id)).tell_watched:
        return ""
    try:
        talk = routing.agent_state(actor.id).conversation_id
    except routing.NotAnAgent:
        return ""
    modes: set[Any] = {mode for who, mode in voice.watchers(talk) if who != actor.id} if talk else set()
    return next((str(mode) for mode in reversed(voice.Watch) if mode in modes), "")


@requires()
@require_POST
def read(request: HttpRequest, broadcast_id: UUID) -> HttpResponse:
    """The reader has read it."""
    supervision.mark_read(actor_of(request), broadcast_id)
    return answer(read=True)
