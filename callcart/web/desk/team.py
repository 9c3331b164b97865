"""Colleagues in a conversation: comments that name them, the shop's tags on it, handing it over."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.conversations import comments
from callcart.contact.conversations import public as conversations
from callcart.contact.conversations import tags as tagging
from callcart.contact.messaging.handing import hand_over as give
from callcart.contact.routing import public as routing
from callcart.core.errors import NotFound
from callcart.core.http import non_atomic
from callcart.core.ids import read_id
from callcart.people.staff import public as staff
from callcart.web.desk import labels
from callcart.web.desk.bodies import answer, body_of, id_of, text_of, wanted
from callcart.web.http import actor_of, page, requires
from callcart.web.names import staff_names
from callcart.web.reader import reader


@requires("desk.use", "conversations.handle")
@require_POST
def comment(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """A comment that only colleagues see; those named are told."""
    body = body_of(request)
    asked = body.get("named")
    named = [read_id(str(each)) for each in asked[:50]] if isinstance(asked, list) else []
    if None in named:
        raise NotFound
    made = comments.comment(
        actor_of(request),
        conversation_id,
        text=text_of(body, "text"),
        named=[each for each in named if each is not None],
    )
    return answer(note=str(made.id))


@requires("desk.use", "conversations.handle")
@require_GET
def colleagues(request: HttpRequest) -> HttpResponse:
    """Whom a comment may name: who may look at conversations."""
    actor, language = actor_of(request), reader().language
    found = [
        {"id": str(each.id), "name": each.name_in(language)}
        for each in staff.list_staff(permission="conversations.view")
        if each.id != actor.id
    ]
    return answer(colleagues=found)


@requires("desk.use", "conversations.handle")
@require_POST
def tag(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Put a tag on, or with `off` take it off."""
    actor, body = actor_of(request), body_of(request)
    change = tagging.take_tag_off if body.get("off") else tagging.put_tag
    change(actor, conversation_id, wanted(body, "tag"))
    return answer(done=True)


@requires("desk.use", "messaging.write")
@require_GET
def choices(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """To whom it can be given: colleagues who are ready, and queues."""
    actor = actor_of(request)
    conversations.get_conversation(conversation_id, actor)
    found = [each for each in routing.colleagues(actor.id) if each.state != "paused"]
    names = staff_names(each.staff_id for each in found)
    people = [
        (each.staff_id, names[each.staff_id], labels.mark(labels.AGENT, each.state))
        for each in found
        if each.staff_id in names
    ]
    queues = routing.queues_now(reader().language)
    return page(request, "desk/_hand_over.html", people=people, queues=queues)


@requires("desk.use", "messaging.write")
@require_POST
@non_atomic
def hand_over(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Give it to a colleague, or to a queue."""
    body = body_of(request)
    give(actor_of(request), conversation_id, staff_id=id_of(body, "staff"), queue_id=id_of(body, "queue"))
    return answer(done=True)
