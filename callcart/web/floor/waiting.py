"""Who waits in a queue, and moving one or all of them to another. They keep the age they have."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.http import non_atomic
from callcart.web.desk.bodies import answer, body_of, id_of
from callcart.web.desk.business import masked
from callcart.web.floor.shown import CHANNELS
from callcart.web.http import actor_of, page, requires
from callcart.web.names import customer_names
from callcart.web.reader import reader

SHOWN = 50


@requires("board.view")
@require_GET
def waiting(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """The first ones of a queue, in the order of their places."""
    actor = actor_of(request)
    reached = supervision.queues_within(actor, "board.view")
    queue = routing.queue_in_use(queue_id)
    if reached is not None and queue_id not in reached:
        raise NotFound
    return page(request, "floor/_waiting.html", queue=queue, **_rows(queue_id), **_goals(actor, queue_id))


def _rows(queue_id: UUID) -> dict[str, Any]:
    ids = routing.waiting_in(queue_id, limit=SHOWN + 1)
    found = {row.id: row for row in Conversation.objects.filter(id__in=ids[:SHOWN])}
    rows = [found[each] for each in ids[:SHOWN] if each in found]
    return {
        "rows": rows,
        "more": len(ids) > SHOWN,
        "customers": customer_names({row.customer_id for row in rows}),
        "channels": CHANNELS,
        "masked": masked,
    }


def _goals(actor: Actor, queue_id: UUID) -> dict[str, Any]:
    """The queues somebody may be moved to."""
    if not actor.can("routing.force"):
        return {"goals": []}
    reached = supervision.queues_within(actor, "routing.force")
    return {
        "goals": [
            (each.id, each.name_in(reader().language))
            for each in routing.queues()
            if each.id != queue_id and (reached is None or each.id in reached)
        ]
    }


@requires("board.view", "routing.force")
@require_POST
@non_atomic
def move(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    supervision.move(actor_of(request), conversation_id, _goal(request))
    return answer(text=_("Moved. The waiting time counts on."))


@requires("board.view", "routing.force")
@require_POST
@non_atomic
def move_all(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    moved = supervision.move_all(actor_of(request), queue_id, _goal(request))
    text = ngettext(
        "%(count)s moved. The waiting time counts on.",
        "%(count)s moved. Their waiting times count on.",
        moved,
    )
    return answer(text=text % {"count": moved})


def _goal(request: HttpRequest) -> UUID:
    found = id_of(body_of(request), "queue")
    if found is None:
        raise Invalid(fields={"queue": _("Choose another queue.")})
    return found
