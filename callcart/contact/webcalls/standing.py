"""How web calls stand, as either side sees it. Reads only: one whose time has run out, or whose call is over, is told as ended before it is
closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from callcart.config import config
from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging.models import Line, Visitor
from callcart.contact.voice import public as voice
from callcart.contact.webcalls.models import WebCall
from callcart.contact.webcalls.states import WAITING, State, Why
from callcart.core.clock import now

SETTING, ON = "calls", "on"
TOLD = timedelta(seconds=60)  # after its end


@dataclass(frozen=True, slots=True)
class Standing:
    """A web call now. `call_id` once it has begun; `why` once it has ended."""

    id: UUID
    chat_id: UUID
    agent_id: UUID
    state: State
    until: datetime
    call_id: UUID | None = None
    answered: bool = False
    why: str = ""


def offered(line: Line) -> bool:
    """Whether visitors of this chat may talk to whoever answers them: the shop wants it, and there are telephones."""
    return line.values.get(SETTING, "") == ON and config().telephony != "none"


def of_visitor(visitor: Visitor) -> Standing | None:
    """The newest one of a visitor, while there is something to say of it."""
    return _told(WebCall.objects.filter(visitor_id=visitor.id).order_by("-id")[:1])


def of_chat(chat_id: UUID) -> Standing | None:
    """The same for whoever has the chat."""
    return _told(WebCall.objects.filter(chat_id=chat_id).order_by("-id")[:1])


def chat_of(call_id: UUID) -> UUID | None:
    """The chat that a call has come of."""
    return WebCall.objects.filter(call_id=call_id).values_list("chat_id", flat=True).first()


def calls_of(chat_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The newest call of each of these chats, where there was one."""
    rows = WebCall.objects.filter(chat_id__in=list(chat_ids), call_id__isnull=False).order_by("id")
    return {row.chat_id: row.call_id for row in rows if row.call_id is not None}


def may_be_called(chat: Conversation) -> bool:
    """Whether the visitor of a chat can be invited at all: the shop wants it, and it is a page's chat."""
    if chat.channel != "chat":
        return False
    visitor = visitor_in(chat.id)
    return visitor is not None and visitor.line.is_active and offered(visitor.line)


def visitor_in(chat_id: UUID) -> Visitor | None:
    """Who is on the other side of a chat."""
    return Visitor.objects.select_related("line").filter(conversation_id=chat_id).first()


def standing(row: WebCall) -> Standing:
    """One row as it is now."""
    state, why, answered, moment = State(row.state), row.why, False, now()
    if state in WAITING and row.until <= moment:
        state, why = State.ENDED, Why.EXPIRED
    elif state is State.CALLING and row.call_id is not None:
        answered = Conversation.objects.filter(id=row.call_id, answered_at__isnull=False).exists()
        if not voice.is_open(row.call_id):
            state, why = State.ENDED, Why.OVER if answered else Why.NOT_REACHED
    return Standing(row.id, row.chat_id, row.agent_id, state, row.until, row.call_id, answered, str(why))


def _told(rows: Iterable[WebCall]) -> Standing | None:
    row = next(iter(rows), None)
    if row is None or (row.ended_at is not None and row.ended_at < now() - TOLD):
        return None
    return standing(row)
