"""A chat that becomes a call, as the visitor's page asks for it: to talk, to say no, to leave, and what its telephone registers with. The
password and the ticket are in no page and in no cache; they are told to whoever has the visitor's token, in the first minute of a call.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.views.decorators.http import require_POST

from callcart.contact.webcalls import public as webcalls
from callcart.web.chat.called import told
from callcart.web.chat.talk import Answer, answers, visitor_in
from callcart.web.ice import for_visitors


@require_POST
@answers
def call(request: HttpRequest, line_id: UUID) -> Answer:
    """Ask for a call, or say yes to one."""
    visitor = visitor_in(request, line_id)
    webcalls.visitor_calls(visitor, address=request.META.get("REMOTE_ADDR", ""))
    return {"call": told(visitor)}


@require_POST
@answers
def decline(request: HttpRequest, line_id: UUID) -> Answer:
    """No to an invitation, the question taken back, or the end of a call."""
    visitor = visitor_in(request, line_id)
    webcalls.visitor_declines(visitor)
    return {"call": told(visitor)}


@require_POST
@answers
def phone(request: HttpRequest, line_id: UUID) -> Answer:
    """What the page's telephone registers with."""
    found = webcalls.visitor_phone(visitor_in(request, line_id))
    return {
        "conversation": str(found.conversation_id),
        "username": found.username,
        "password": found.password,
        "realm": found.realm,
        "path": found.ws_path,
        "ticket": found.ticket,
        "ice_servers": for_visitors(found.username),
    }
