"""An agent who still writes when wrap-up runs out: an order half taken, a note half written. No call may ring into that.

Near the end of wrap-up the desk says that its agent writes; a pause is chosen for him then, which holds once the time is up,
until he gets ready or sends the wrap-up. On the board it stands like any other pause.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.web.desk.bodies import answer
from callcart.web.http import actor_of, requires

STILL_WRITING = "still_writing"


@requires("desk.use", "conversations.handle")
@require_POST
@non_atomic
def still_writing(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """No call after this wrap-up before the agent gets ready. A pause he chose himself stays; one who is rung already, or
    wraps up another talk, is left alone."""
    actor = actor_of(request)
    assert actor.id is not None
    with tenant_transaction(actor.tenant_id):
        view = routing.agent_state(actor.id)
    waits = view.wrap_conversation_id == conversation_id and view.choice == routing.AgentState.READY
    if waits:
        # Not a reason of the agent's own list: the desk itself asks.
        routing.agent_pause(Actor.system(actor.tenant_id, "desk"), STILL_WRITING, actor.id)
    return answer(waits=waits)


def ready_once_sent(actor: Actor) -> None:
    """The wrap-up is being sent: after the commit whoever only wrote on is ready again."""
    transaction.on_commit(lambda: _ready(actor))


def _ready(actor: Actor) -> None:
    assert actor.id is not None
    with tenant_transaction(actor.tenant_id):
        wrote = (
            routing.is_agent(actor.id)
            and (view := routing.agent_state(actor.id)).reason == STILL_WRITING
            and view.choice == routing.AgentState.PAUSED
        )
    if wrote:
        routing.agent_ready(actor)
