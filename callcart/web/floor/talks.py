"""What a supervisor does on a colleague's talk, and the telephone of the board's page that he hears it by."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.web.desk.bodies import answer
from callcart.web.desk.phone import told_credentials
from callcart.web.http import actor_of, requires

ACTS: dict[str, Callable[[Actor, UUID], None]] = {
    **{str(mode): partial(voice.watch, mode=mode) for mode in voice.Watch},
    "stop": voice.unwatch,
    "take_over": voice.take_over,
}


@requires("board.view", "voice.supervise")
@require_POST
def act(request: HttpRequest, conversation_id: UUID, act: str) -> HttpResponse:
    """Listen, whisper, join, stop, take over: the voice process does it and tells by the feed."""
    verb = ACTS.get(act)
    if verb is None:
        raise NotFound
    verb(actor_of(request), conversation_id)
    return answer(asked=act)


@requires("board.view", "voice.supervise", "voice.phone")
@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """What this page's telephone registers with. Made for this person; kept by no cache."""
    return told_credentials(actor_of(request))
