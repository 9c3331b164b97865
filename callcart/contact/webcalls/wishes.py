"""Wanting to talk: the visitor asks or the agent invites, the other one agrees or does not, and a call begins once both want it. Whoever
wants it while the other side does already agrees by that.

The agent has to be at work and free for calls, by routing's own word at the moment it begins. In the tenant's transaction; locks in the
order visitor, web call, then what routing locks.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import ConversationState, add_step, get_conversation, link
from callcart.contact.messaging.models import Visitor
from callcart.contact.routing import public as routing
from callcart.contact.voice import public as voice
from callcart.contact.webcalls.models import WebCall
from callcart.contact.webcalls.standing import Standing, offered, standing, visitor_in
from callcart.contact.webcalls.states import TRANSITIONS, WAITING, State, Why
from callcart.core import events, throttle
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.throttle import Limit

WAITS = timedelta(seconds=60)
HOUR = timedelta(hours=1)
OF_VISITOR, OF_ADDRESS, OF_CHAT = 6, 30, 12  # wishes an hour


class NotNow(Conflict):
    """You can talk once somebody has answered you here."""

    code = "webcalls.not_now"


class AgentBusy(Conflict):
    """Whoever answers you cannot talk just now. Go on writing, and try again in a moment."""

    code = "webcalls.agent_busy"


class NotFree(Conflict):
    """You can talk when you are at work, nothing is offered to you, and you are not on a call or its wrap-up."""

    code = "webcalls.not_free"


class TooLate(Conflict):
    """That was a moment too late: it has been withdrawn, or its time is over."""

    code = "webcalls.too_late"


# ---- the agent's hand ----


def agent_calls(actor: Actor, chat_id: UUID) -> Standing:
    """Invite the visitor of one's own chat to talk; where he has asked for it, the call begins. Raises NotFound, NotNow, NotFree,
    TriedTooOften, PermissionDenied."""
    actor.require("voice.phone")
    chat, visitor = _own(actor, chat_id)
    row = _open(visitor)
    if row is not None and row.chat_id == chat.id and row.state == State.ASKED:
        return _begin(row, actor, chat, visitor)
    if row is not None:
        return standing(row)
    if not _is_free(actor.id):
        raise NotFree
    throttle.count(visitor.tenant_id, [Limit("webcalls.chat", str(chat.id), OF_CHAT, HOUR)])
    return _want(State.INVITED, chat, visitor, actor.id)


def agent_declines(actor: Actor, chat_id: UUID) -> None:
    """No to a visitor who asks, or the invitation taken back. Late, it changes nothing. Raises NotFound, PermissionDenied."""
    actor.require("voice.phone")
    chat, visitor = _own(actor, chat_id)
    row = _open(visitor)
    if row is not None and row.chat_id == chat.id and row.state in WAITING:
        end(row, Why.DECLINED if row.state == State.ASKED else Why.WITHDRAWN)


# ---- the visitor's ----


def visitor_calls(visitor: Visitor, *, address: str = "") -> Standing:
    """Ask whoever answers for a call; where he has invited to one, it begins. `address`: of the network, for counting only. Raises
    NotFound, NotNow, AgentBusy, TriedTooOften."""
    if not offered(visitor.line):
        raise NotFound
    row = _open(visitor)
    if row is not None and row.state == State.INVITED:
        return _begin(row, _as_agent(row), get_conversation(row.chat_id), visitor)
    if row is not None:
        return standing(row)
    chat = get_conversation(visitor.conversation_id) if visitor.conversation_id else None
    if chat is None or chat.state != ConversationState.ACTIVE or chat.agent_id is None:
        raise NotNow
    limits = [
        Limit("webcalls.visitor", str(visitor.id), OF_VISITOR, HOUR),
        Limit("webcalls.address", address, OF_ADDRESS, HOUR),
    ]
    throttle.count(visitor.tenant_id, limits)
    if not _is_free(chat.agent_id):
        raise AgentBusy
    return _want(State.ASKED, chat, visitor, chat.agent_id)


def visitor_declines(visitor: Visitor) -> None:
    """No to an invitation, the question taken back, or a call that is going on hung up: whatever there is ends. Late, it changes nothing."""
    row = _open(visitor)
    if row is None:
        return
    if row.state in WAITING:
        end(row, Why.DECLINED if row.state == State.INVITED else Why.WITHDRAWN)
    elif row.call_id is not None:
        voice.guest_leaves(row.call_id)


def visitor_phone(visitor: Visitor) -> voice.GuestCredentials:
    """What the visitor's page needs to be rung in the call that has begun. Raises TooLate."""
    row = _open(visitor)
    if row is None or row.call_id is None:
        raise TooLate
    try:
        return voice.guest_credentials(row.call_id)
    except voice.NoSuchTalk:
        raise TooLate from None


# ---- what they share ----


def end(row: WebCall, why: Why) -> None:
    """It is over. The row is locked."""
    if State.ENDED not in TRANSITIONS[State(row.state)]:
        return
    row.state, row.why, row.ended_at = State.ENDED, why, now()
    row.save(update_fields=["state", "why", "ended_at"])
    add_step(row.chat_id, "webcall.ended", data={"why": str(why)})
    _tell(row)


def _own(actor: Actor, chat_id: UUID) -> tuple[Conversation, Visitor]:
    """A chat that is the actor's, open, on a line with calls; and its visitor, locked."""
    chat = get_conversation(chat_id, actor)
    visitor = visitor_in(chat.id) if chat.agent_id == actor.id else None
    if visitor is None or not offered(visitor.line):
        raise NotFound
    if chat.state != ConversationState.ACTIVE:
        raise NotFound
    return chat, visitor


def _open(visitor: Visitor) -> WebCall | None:
    """The visitor's open web call, locked; one that has run out or is over is closed first. The visitor is locked, so there is one at most."""
    Visitor.objects.select_for_update(no_key=True).get(id=visitor.id)
    row = WebCall.objects.select_for_update().filter(visitor_id=visitor.id, ended_at=None).first()
    return None if row is None or close_if_over(row) else row


def close_if_over(row: WebCall) -> bool:
    """Close a locked one whose time has run out or whose call has ended; whether it is closed."""
    now_is = standing(row)
    if now_is.state is State.ENDED and row.ended_at is None:
        end(row, Why(now_is.why))
    return now_is.state is State.ENDED


def _want(state: State, chat: Conversation, visitor: Visitor, agent_id: UUID | None) -> Standing:
    assert agent_id is not None
    row = WebCall.objects.create(
        visitor_id=visitor.id, chat_id=chat.id, agent_id=agent_id, state=state, until=now() + WAITS
    )
    add_step(chat.id, f"webcall.{state}", staff_id=agent_id if state is State.INVITED else None)
    _tell(row)
    return standing(row)


def _begin(row: WebCall, actor: Actor, chat: Conversation, visitor: Visitor) -> Standing:
    """Both want it."""
    if chat.state != ConversationState.ACTIVE or chat.agent_id != actor.id:
        raise TooLate
    name = visitor.name or _("Visitor")
    try:
        call_id = voice.dial_page(actor, name=name, customer_id=chat.customer_id, language=chat.language)
    except voice.CannotDial:
        raise (NotFree if row.state == State.ASKED else AgentBusy) from None
    row.state, row.call_id, row.agent_id = State.CALLING, call_id, chat.agent_id or row.agent_id
    row.save(update_fields=["state", "call_id", "agent_id"])
    add_step(chat.id, "webcall.begun", staff_id=chat.agent_id, data={"call_id": str(call_id)})
    link(call_id, "conversation", chat.id)
    _tell(row)
    return standing(row)


def _as_agent(row: WebCall) -> Actor:
    """The agent's invitation was his word: the call begins in his name."""
    return Actor(row.tenant_id, ActorKind.STAFF, row.agent_id, grants={"voice.phone": Grant()})


def _is_free(staff_id: UUID | None) -> bool:
    """Whether an agent could be called now, as routing would say; it is asked again, and then binding, when the call begins."""
    if staff_id is None:
        return False
    try:
        return routing.agent_state(staff_id).state in ("ready", "paused")
    except routing.NotAnAgent:
        return False


def _tell(row: WebCall) -> None:
    events.emit(
        "webcall.changed",
        subject=("conversation", row.chat_id),
        staff_id=row.agent_id,
        audience="one",
        data={
            "conversation_id": row.chat_id,
            "state": str(row.state),
            "why": str(row.why),
            "call_id": str(row.call_id or ""),
        },
    )
