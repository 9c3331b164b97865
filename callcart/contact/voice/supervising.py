"""What a supervisor asks of a colleague's talk: to listen, to whisper, to join, to take it over. Each is in the audit before it is done."""

from __future__ import annotations

from uuid import UUID

from callcart.contact.conversations.public import get_conversation
from callcart.contact.routing import public as routing
from callcart.contact.voice.models import Call, Watching
from callcart.contact.voice.passing import AnotherIsThere, consult_of
from callcart.contact.voice.requests import NoSuchTalk, request
from callcart.contact.voice.states import WITH_AGENT, CallState, Request, Watch
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, PermissionDenied
from callcart.people.staff.public import require_within


class NotReady(Conflict):
    """Get ready first: a call you take over comes to you as any other does."""

    code = "voice.not_ready"


def watch(actor: Actor, conversation_id: UUID, mode: Watch) -> None:
    """Listen, whisper to the agent, or join: the supervisor's own page rings. Asked again, it changes what he does. Raises
    PermissionDenied, NotFound, NoSuchTalk."""
    who = _supervisor(actor, conversation_id)
    _note(actor, conversation_id, str(mode))
    request(actor, conversation_id, Request.WATCH, {"staff_id": str(who), "mode": str(mode)})


def unwatch(actor: Actor, conversation_id: UUID) -> None:
    """Leave the talk."""
    who = _supervisor(actor, conversation_id)
    request(actor, conversation_id, Request.UNWATCH, {"staff_id": str(who)})


def watchers(conversation_id: UUID) -> list[tuple[UUID, Watch]]:
    """The supervisors on a talk now, and what each does; the longest there first."""
    on_it = Call.objects.filter(conversation_id=conversation_id, ended_at=None)
    rows = Watching.objects.filter(conversation_id=conversation_id, ended_at=None).order_by("started_at")
    return [(each.staff_id, Watch(each.mode)) for each in rows] if on_it.exists() else []


def take_over(actor: Actor, conversation_id: UUID) -> None:
    """Have the customer oneself: one's page rings, and the talk is one's own as soon as one answers; until then it is the agent's. For a
    supervisor who is an agent, and ready. Raises AnotherIsThere, NotAnAgent, NotReady too."""
    who = _supervisor(actor, conversation_id)
    if routing.agent_state(who).state != "ready":
        raise NotReady
    if consult_of(conversation_id) is not None:
        raise AnotherIsThere
    _note(actor, conversation_id, "take_over")
    request(actor, conversation_id, Request.CONSULT, {"staff_id": str(who), "passing": True})


def _supervisor(actor: Actor, conversation_id: UUID) -> UUID:
    """Who asks; of a talk that is another's."""
    actor.require("voice.supervise")
    if actor.id is None:
        raise PermissionDenied(permission="voice.supervise")
    conversation = get_conversation(conversation_id)
    call = Call.going_on(conversation_id)
    if call is None or CallState(call.state) not in WITH_AGENT or conversation.agent_id == actor.id:
        raise NoSuchTalk
    require_within(actor, "voice.supervise", conversation.agent_id)
    return actor.id


def _note(actor: Actor, conversation_id: UUID, what: str) -> None:
    audit.record(actor, "voice.supervise", subject=("conversation", conversation_id), after={"what": what})
