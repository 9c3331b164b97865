"""The telephone of a desk: what it registers with, and wishes about a call that only the voice process can fulfil."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, NotFound
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.web.desk.bodies import answer, body_of, id_of
from callcart.web.http import actor_of, requires
from callcart.web.ice import for_staff

VERBS = ("hangup", "hold", "unhold", "rejoin", "mute", "unmute", "park")
STEPS = ("complete", "give_up", "swap", "three_way")  # with a second person on the line


def _wishes() -> dict[str, Callable[[Actor, UUID], object]]:
    steps = {step: partial(voice.request_step, step=voice.Request(step)) for step in STEPS}
    sound = {"pause_recording": voice.pause_recording, "resume_recording": voice.resume_recording}
    return {verb: getattr(voice, f"request_{verb}") for verb in VERBS} | steps | sound


class NotYourCall(Conflict):
    """This call is not with you any more."""

    code = "desk.not_your_call"


def own_call(actor: Actor, conversation_id: UUID) -> Conversation:
    """The call that the actor talks in. Raises NotYourCall, NotFound."""
    talk = conversations.get_conversation(conversation_id, actor)
    if talk.agent_id != actor.id or talk.state != "active":
        raise NotYourCall
    return talk


@requires("desk.use", "routing.work")
@require_GET
def credentials(request: HttpRequest) -> HttpResponse:
    """What this desk's telephone registers with. Made for this person; shown to nobody else, kept by no cache."""
    return told_credentials(actor_of(request))


def told_credentials(actor: Actor) -> HttpResponse:
    """The account of this signed-in session, for whichever page of its asks."""
    found = voice.softphone_credentials(actor)
    return answer(
        username=found.username,
        password=found.password,
        ws_path=found.ws_path,
        realm=found.realm,
        ice_servers=for_staff(),
    )


@requires("desk.use", "routing.work")
@require_POST
def wish(request: HttpRequest, conversation_id: UUID, verb: str) -> HttpResponse:
    """Hang up, hold, take back, rejoin, and the steps with a second person: the voice process does it and tells by the feed."""
    actor = actor_of(request)
    own_call(actor, conversation_id)
    act = _wishes().get(verb)
    if act is None:
        raise NotFound
    act(actor, conversation_id)
    return answer(asked=verb)


@requires("desk.use", "routing.work")
@require_POST
@non_atomic
def decline(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Let somebody else take it: the customer keeps the place, and the agent is paused."""
    actor, offer_id = actor_of(request), id_of(body_of(request), "offer")
    with tenant_transaction(actor.tenant_id):
        mine = [
            each
            for each in routing.offers_of(conversation_id)
            if each.id == offer_id and each.staff_id == actor.id
        ]
    if not mine:
        raise NotFound
    routing.unoffer(mine[0].id, "rejected")
    return answer(message=_("Declined. You are paused until you get ready again."))
