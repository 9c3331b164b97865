"""Comments of a recording: each change answers with all of them, for the player they belong to."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from callcart.contact.recordings import public as recordings
from callcart.core.errors import NotFound
from callcart.web.http import actor_of, page, requires
from callcart.web.players import players


@requires("recordings.listen", "recordings.comment")
@require_POST
def add(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """One more, at a moment in milliseconds."""
    typed = request.POST.get("at", "")
    at_ms = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1
    recordings.add_comment(actor_of(request), recording_id, at_ms=at_ms, text=request.POST.get("text", ""))
    return _shown(request, recording_id)


@requires("recordings.listen", "recordings.comment")
@require_POST
def change(request: HttpRequest, comment_id: UUID) -> HttpResponse:
    """Other words."""
    row = recordings.change_comment(actor_of(request), comment_id, text=request.POST.get("text", ""))
    return _shown(request, row.recording_id)


@requires("recordings.listen", "recordings.comment")
@require_POST
def remove(request: HttpRequest, comment_id: UUID) -> HttpResponse:
    """Take it back."""
    row = recordings.Comment.objects.filter(id=comment_id).first()
    if row is None:
        raise NotFound
    recordings.remove_comment(actor_of(request), comment_id)
    return _shown(request, row.recording_id)


def _shown(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    player = players(actor, [recordings.get_sound(actor, recording_id)])[0]
    return page(request, "recordings/_comments.html", player=player)
