"""Canned replies in the box: the first that fit what is typed after `/`, filled for the conversation."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from callcart.contact.conversations import public as conversations
from callcart.core.errors import NotFound
from callcart.core.ids import read_id
from callcart.engage.canned import public as canned
from callcart.web.desk.bodies import answer
from callcart.web.http import actor_of, requires
from callcart.web.reader import reader


@requires("desk.use", "messaging.write")
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Name, text and what follows of each."""
    actor, conversation_id = actor_of(request), read_id(request.GET.get("conversation", ""))
    if conversation_id is None:
        raise NotFound
    row = conversations.get_conversation(conversation_id, actor)
    found = canned.find_replies(actor, row, request.GET.get("q", ""), language=reader().language)
    return answer(
        replies=[
            {
                "id": str(each.id),
                "name": each.name,
                "text": each.text,
                "missing": list(each.missing),
                "about": _about(each),
                "tag": each.tag,
                "then": each.then,
            }
            for each in found
        ]
    )


def _about(reply: canned.Filled) -> str:
    """Its code, and what one press does besides."""
    then = {"set_aside": _("then set aside"), "finish": _("then ended")}.get(reply.then, "")
    tag = _("tag %(name)s") % {"name": reply.tag} if reply.tag else ""
    return " · ".join(part for part in (f"/{reply.code}", tag, then) if part)
