"""Passing a call on: whom the desk offers for it, and the wish itself. The voice process does it and tells by the feed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.routing import public as routing
from callcart.contact.voice import public as voice
from callcart.core.errors import Invalid
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.engage.survey import public as survey
from callcart.web.desk import labels
from callcart.web.desk.bodies import answer, body_of, text_of, wanted
from callcart.web.desk.phone import own_call
from callcart.web.http import actor_of, page, requires
from callcart.web.names import staff_names
from callcart.web.reader import reader


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at work, with what they do."""

    id: UUID
    name: str
    state: labels.Mark
    is_free: bool


@requires("desk.use", "routing.work")
@require_GET
def choices(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Colleagues, queues, the menu, a number outside."""
    actor = actor_of(request)
    talk = own_call(actor, conversation_id)
    assert actor.id is not None
    found = routing.colleagues(actor.id)
    names = staff_names(each.staff_id for each in found)
    return page(
        request,
        "desk/_pass_on.html",
        conversation_id=conversation_id,
        colleagues=[
            Colleague(
                each.staff_id, names[each.staff_id], labels.mark(labels.AGENT, each.state), each.is_free
            )
            for each in found
            if each.staff_id in names
        ],
        queues=routing.queues_now(reader().language),
        may_dial=actor.can("voice.dial_out"),
        may_survey=survey.may_pass_on(talk.queue_id),
    )


@requires("desk.use", "routing.work")
@require_POST
@non_atomic
def pass_on(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Pass the call on, or ask first. A number outside goes by the guard, whose refusals are written down by themselves."""
    actor, body = actor_of(request), body_of(request)
    with tenant_transaction(actor.tenant_id):
        own_call(actor, conversation_id)
    ask_first = bool(body.get("ask"))
    if text_of(body, "to") == "outside":
        voice.request_outside(actor, conversation_id, text_of(body, "number", most=40), ask_first=ask_first)
        return answer(asked="outside")
    with tenant_transaction(actor.tenant_id):
        match text_of(body, "to"):
            case "colleague":
                voice.request_colleague(actor, conversation_id, wanted(body, "id"), ask_first=ask_first)
            case "queue":
                voice.request_queue(actor, conversation_id, wanted(body, "id"))
            case "menu":
                voice.request_menu(actor, conversation_id)
            case "survey":
                survey.pass_on(actor, conversation_id)
            case _:
                raise Invalid(fields={"to": _("Choose to whom the call goes.")})
    return answer(asked=text_of(body, "to"))
