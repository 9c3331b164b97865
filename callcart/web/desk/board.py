"""The live board for supervisors: who does what since when, what waits, today's figures. Refreshed by the feed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.http import non_atomic
from callcart.insight.board import public as insight
from callcart.web.desk import labels
from callcart.web.desk.bodies import answer, body_of, text_of
from callcart.web.desk.home import feed_token
from callcart.web.desk.standing import pause_label
from callcart.web.http import actor_of, page, requires
from callcart.web.names import in_language


@requires("board.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The page."""
    return page(request, "desk/board.html", feed_token=feed_token(), **_floor(actor_of(request)))


@requires("board.view")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Its moving part."""
    return page(request, "desk/_board.html", **_floor(actor_of(request)))


def _floor(actor: Actor) -> dict[str, Any]:
    agents, queues = insight.agents_now(actor), insight.queues_today(actor)
    counts = {state: sum(each.state == state for each in agents) for state in labels.AGENT}
    return {
        "agents": agents,
        "queues": queues,
        "floor": insight.floor(queues),
        "counts": [
            (labels.mark(labels.AGENT, state), count) for state, count in counts.items() if state != "offline"
        ],
        "agent_name": lambda each: in_language(each.name, each.name_zh),
        "agent_mark": lambda each: labels.mark(labels.AGENT, each.state),
        "agent_reason": lambda each: pause_label(each.reason) if each.state == "paused" else "",
        "may_force": actor.can("routing.force"),
    }


@requires("board.view", "routing.force")
@require_POST
@non_atomic
def force(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """A supervisor sets somebody's state; it is in the audit."""
    state = text_of(body_of(request), "state", most=20)
    if state not in set(routing.AgentState):
        raise Invalid(fields={"state": _("Choose ready, a pause, or leaving.")})
    routing.force_state(actor_of(request), staff_id, state)
    return answer(state=state)
