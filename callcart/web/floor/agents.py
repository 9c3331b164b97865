"""One agent as the supervisor sees him, and the supervisor's hand on his state and his queues. Each act is in the audit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from callcart.config import config
from callcart.contact.conversations import public as conversations
from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.http import non_atomic
from callcart.core.ids import read_ids
from callcart.core.tenancy import tenant_transaction
from callcart.insight.board import public as insight
from callcart.web.desk import labels
from callcart.web.desk.bodies import answer, body_of, text_of
from callcart.web.desk.business import masked
from callcart.web.desk.standing import pause_label, pause_reasons
from callcart.web.http import actor_of, page, requires
from callcart.web.names import customer_names, in_language, queue_names, staff_names
from callcart.web.reader import reader

MINUTES = (15, 30, 60, 120, 240, 480)


@requires("board.view")
@require_http_methods(["GET", "POST"])
@non_atomic
def agent(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Look at one, or set his state: ready, paused with a reason, off. A talk of his goes on to its end first."""
    actor = actor_of(request)
    if request.method == "POST":
        return _force(actor, staff_id, body_of(request))
    with tenant_transaction(actor.tenant_id):
        return page(request, "floor/_agent.html", **_panel(actor, staff_id))


def _force(actor: Actor, staff_id: UUID, body: dict[str, Any]) -> HttpResponse:
    actor.require("routing.force")
    state = text_of(body, "state", most=20)
    if state not in set(routing.AgentState):
        raise Invalid(fields={"state": _("Choose ready, a pause, or leaving.")})
    reason = text_of(body, "reason", most=100) if state == routing.AgentState.PAUSED else ""
    routing.force_state(actor, staff_id, state, reason=reason)
    return answer(state=state)


def _panel(actor: Actor, staff_id: UUID) -> dict[str, Any]:
    found = next((each for each in insight.agents_now(actor) if each.staff_id == staff_id), None)
    if found is None:
        raise NotFound
    loan = supervision.running().get(staff_id)
    serves = routing.queues_served([staff_id])
    talk = conversations.find_conversation(found.conversation_id) if found.conversation_id else None
    watchers = voice.watchers(talk.id) if talk and found.on_the_phone else []
    history = supervision.history_of(actor, staff_id, limit=5) if _steers(actor) else []
    mark = labels.mark(labels.AGENT, found.state)
    return {
        "agent": found,
        "name": in_language(found.name, found.name_zh),
        "group": in_language(found.profile, found.profile_zh),
        "mark": mark,
        "label": (pause_label(found.reason) if found.state == "paused" else "") or mark.text,
        "choice": routing.agent_state(staff_id).choice,
        "itself": staff_id == actor.id,
        "steers": _steers(actor) and staff_id != actor.id,
        "loan": loan,
        "history": [each for each in history if each.ended_at is not None],
        "queues": [
            (each.id, each.name_in(reader().language), each.id in serves) for each in routing.queues()
        ],
        "queue_name": queue_names({queue for each in history for queue in each.queues} | set(serves)),
        "minutes": MINUTES,
        "pauses": pause_reasons(),
        "talk": talk,
        "customer": next(iter(customer_names({talk.customer_id}).values()), "") if talk else "",
        "caller": masked(talk.caller_e164) if talk and talk.caller_e164 else "",
        "talk_mark": labels.mark(labels.CONVERSATION, str(talk.state)) if talk else None,
        "talk_queue": next(iter(queue_names({talk.queue_id}).values()), "") if talk else "",
        "path": _path(talk.id) if talk else [],
        "watchers": watchers,
        "mine": next((mode for who, mode in watchers if who == actor.id), ""),
        "names": staff_names({who for who, _mode in watchers} | {each.made_by for each in history}),
        "may_listen": actor.can("voice.supervise") and staff_id != actor.id,
        "may_see": actor.can("conversations.view") and actor.can("desk.use"),
        "telephony": config().telephony != "none",
    }


def _steers(actor: Actor) -> bool:
    return actor.can("routing.force")


def _path(conversation_id: UUID) -> list[tuple[Any, labels.Mark]]:
    """The last steps of a talk, the newest first."""
    steps = conversations.path_of(conversation_id)[-8:]
    return [(each, labels.step(each.kind, each.data)) for each in reversed(steps)]


@requires("board.view", "routing.force")
@require_POST
@non_atomic
def lend(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Other queues for a while."""
    body = body_of(request)
    chosen = body.get("queues")
    minutes = text_of(body, "minutes", most=6)
    supervision.lend(
        actor_of(request),
        staff_id,
        queues=read_ids([str(each) for each in chosen] if isinstance(chosen, list) else []),
        minutes=int(minutes) if minutes.isascii() and minutes.isdecimal() else 0,
    )
    return answer(text=_("Their queues are changed, at once."))


@requires("board.view", "routing.force")
@require_POST
@non_atomic
def give_back(request: HttpRequest, staff_id: UUID) -> HttpResponse:
    """Their own queues again."""
    supervision.give_back(actor_of(request), staff_id)
    return answer(text=_("They serve the queues of their group again."))
