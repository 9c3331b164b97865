"""Taking another open conversation of the same person into the one on the screen, and out of it again."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.messaging import merging
from callcart.core.http import non_atomic
from callcart.web.desk.bodies import answer, body_of, wanted
from callcart.web.http import actor_of, page, requires


@requires("desk.use", "messaging.write")
@require_GET
def choices(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What else is open of the same person."""
    found = merging.could_merge(actor_of(request), conversation_id)
    return page(request, "desk/_could_merge.html", found=found)


@requires("desk.use", "messaging.write")
@require_POST
@non_atomic
def merge(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Take one in."""
    merging.merge(actor_of(request), wanted(body_of(request), "other"), into=conversation_id)
    return answer(message=_("Merged. It is read and answered here from now on."))


@requires("desk.use", "messaging.write")
@require_POST
@non_atomic
def undo(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Let one go on by itself again."""
    merging.undo(actor_of(request), wanted(body_of(request), "other"))
    return answer(message=_("Undone. It waits as a conversation of its own."))
