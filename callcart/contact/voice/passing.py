"""What a desk asks about passing its talk on: to whom, asked first or at once, and what happens while a second person is there."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.public import get_conversation
from callcart.contact.routing import public as routing
from callcart.contact.voice.models import Call
from callcart.contact.voice.outbound import allow
from callcart.contact.voice.records import Consult
from callcart.contact.voice.requests import NoSuchTalk, request
from callcart.contact.voice.states import WITH_AGENT, CallState, Request
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.tenancy import tenant_transaction


class AnotherIsThere(Conflict):
    """You have asked somebody already. Go back to the customer first, or complete it."""

    code = "voice.another_is_there"


def request_colleague(actor: Actor, conversation_id: UUID, staff_id: UUID, *, ask_first: bool) -> None:
    """Ask a colleague to join, or (not `ask_first`) give them the customer as soon as they answer. Raises NoSuchTalk, AnotherIsThere,
    NotFound, PermissionDenied, NotAnAgent, as all of these."""
    _alone(conversation_id)
    routing.agent_state(staff_id)
    _ask(actor, conversation_id, Request.CONSULT, staff_id=str(staff_id), passing=not ask_first)


def request_outside(actor: Actor, conversation_id: UUID, number: str, *, ask_first: bool) -> None:
    """Likewise with a number outside, where the guard lets it through (`outbound.allow`). Outside of the request's transaction."""
    actor.require("voice.phone")
    with tenant_transaction(actor.tenant_id):
        _mine(actor, conversation_id)
        _alone(conversation_id)
    allowed = allow(actor, conversation_id, number)
    with tenant_transaction(actor.tenant_id):
        _ask(
            actor,
            conversation_id,
            Request.CONSULT,
            number=allowed.number,
            shown=allowed.shown,
            longest=allowed.longest,
            passing=not ask_first,
        )


def request_queue(actor: Actor, conversation_id: UUID, queue_id: UUID) -> None:
    """Let the customer wait in a queue, with his first time of arrival. Raises NoSuchQueue too."""
    routing.queue_in_use(queue_id)
    _ask(actor, conversation_id, Request.TO_QUEUE, queue_id=str(queue_id))


def request_menu(actor: Actor, conversation_id: UUID) -> None:
    """Let the customer hear the menu again."""
    _ask(actor, conversation_id, Request.TO_MENU)


def request_survey(actor: Actor, conversation_id: UUID) -> None:
    """Let the customer answer a survey: for the agent the talk is over. Raises AnotherIsThere while somebody is asked to join."""
    _alone(conversation_id)
    _ask(actor, conversation_id, Request.SURVEY)


def request_step(actor: Actor, conversation_id: UUID, step: Request) -> None:
    """Complete, give up, swap, three together: while somebody is asked."""
    if consult_of(conversation_id) is None:
        raise NoSuchTalk
    _ask(actor, conversation_id, step)


def consult_of(conversation_id: UUID) -> Consult | None:
    """Whom the agent has asked to join, as it stands."""
    kept = Call.objects.filter(conversation_id=conversation_id, ended_at=None).values_list(
        "consult", flat=True
    )
    return Consult.of(kept.first())


def _ask(actor: Actor, conversation_id: UUID, what: Request, **wanted: object) -> None:
    _mine(actor, conversation_id)
    request(actor, conversation_id, what, wanted)


def _mine(actor: Actor, conversation_id: UUID) -> None:
    """Only the agent who has the talk passes it on; a supervisor may."""
    call = Call.going_on(conversation_id)
    if call is None or CallState(call.state) not in WITH_AGENT:
        raise NoSuchTalk
    if (
        actor.is_staff
        and get_conversation(conversation_id).agent_id != actor.id
        and not actor.can("routing.force")
    ):
        raise NoSuchTalk


def _alone(conversation_id: UUID) -> None:
    if consult_of(conversation_id) is not None:
        raise AnotherIsThere
