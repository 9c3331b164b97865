"""Colleagues in a conversation: comments that name them, and the shop's tags on it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.conversations import comments
from callcart.contact.conversations import tags as tagging
from callcart.core.errors import NotFound
from callcart.core.ids import read_id
from callcart.people.staff import public as staff
from callcart.web.desk.bodies import answer, body_of, id_of, text_of
from callcart.web.http import actor_of, requires
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
    tag_id = id_of(body, "tag")
    if tag_id is None:
        raise NotFound
    change = tagging.take_tag_off if body.get("off") else tagging.put_tag
    change(actor, conversation_id, tag_id)
    return answer(done=True)
