"""The live board: queues against their limits, channels, agents with what they do. Refreshed by the feed; what is done from it is beside."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from callcart.config import config
from callcart.contact.supervision import public as supervision
from callcart.core import feed
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.insight.board import public as insight
from callcart.web.desk import labels
from callcart.web.desk.standing import pause_label
from callcart.web.floor import shown
from callcart.web.http import actor_of, page, requires
from callcart.web.jinja import live_origin
from callcart.web.names import in_language, queue_names
from callcart.web.queue_troubles import troubles_by_queue


@requires("board.view")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The page."""
    actor = actor_of(request)
    return page(
        request, "floor/board.html", feed_token=feed.token_of_page(), now=now(), settings=_settings(request, actor),
        **floor_of(actor),
    )  # fmt: skip


@requires("board.view")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Its moving part."""
    return page(request, "floor/_board.html", **floor_of(actor_of(request)))


def floor_of(actor: Actor) -> dict[str, Any]:
    """What the moving part shows."""
    agents, queues = insight.agents_now(actor), shown.queue_rows(actor)
    counts = {state: sum(each.state == state for each in agents) for state in labels.AGENT}
    loans = supervision.running()
    return {
        "agents": agents,
        "queues": queues,
        "troubles": troubles_by_queue(),
        "channels": shown.channel_rows(actor),
        "floor": insight.floor([each.now for each in queues]),
        "counts": [
            (labels.mark(labels.AGENT, state), count) for state, count in counts.items() if state != "offline"
        ],
        "loans": loans,
        "lent_names": queue_names({queue for loan in loans.values() for queue in loan.queues}),
        "agent_name": lambda each: in_language(each.name, each.name_zh),
        "agent_mark": lambda each: labels.mark(labels.AGENT, each.state),
        "agent_reason": lambda each: pause_label(each.reason) if each.state == "paused" else "",
    }


def _settings(request: HttpRequest, actor: Actor) -> dict[str, Any]:
    """What the scripts need to know; no secret."""
    return {
        "tenant": actor.tenant_id,
        "staff": str(actor.id),
        "telephony": config().telephony != "none"
        and actor.can("voice.supervise")
        and actor.can("voice.phone"),
        "urls": {
            "figures": reverse("floor:figures"),
            "agents": "/desk/board/agents/",
            "talks": "/desk/board/talks/",
            "phone": reverse("floor:phone"),
            "desk": reverse("desk:home"),
            "conversation": "/desk/c/",
            "sip": live_origin(request, scheme="ws"),
        },
    }
