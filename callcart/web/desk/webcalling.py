"""A chat at the desk that becomes a call: invite the visitor, or agree to his wish; no, or not any more. And how it stands, for the strip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.conversations.models import Conversation
from callcart.contact.voice.public import BY_PAGE
from callcart.contact.webcalls import public as webcalls
from callcart.core.actor import Actor
from callcart.web.desk.bodies import answer
from callcart.web.http import actor_of, requires


@dataclass(frozen=True, slots=True)
class Calling:
    """What the strip of a chat shows. `state`: asked, invited, calling, or empty; `call_id` of the newest call there was."""

    may_invite: bool
    state: str = ""
    until: datetime | None = None
    call_id: UUID | None = None


def calling_of(actor: Actor, row: Conversation) -> Calling | None:
    """How talking stands in a chat; None where there is nothing to show."""
    if row.channel != "chat":
        return None
    call_id = webcalls.calls_of([row.id]).get(row.id)
    mine = row.agent_id == actor.id and row.state == "active" and actor.can("voice.phone")
    if not mine or not webcalls.may_be_called(row):
        return Calling(may_invite=False, call_id=call_id) if call_id else None
    found = webcalls.of_chat(row.id)
    if found is None or found.state is webcalls.State.ENDED:
        return Calling(may_invite=True, call_id=call_id)
    return Calling(False, str(found.state), found.until, call_id)


def chat_of(call_id: UUID, direction: str, caller_raw: str) -> UUID | None:
    """The chat that a call has come of. Asked for such calls only."""
    return webcalls.chat_of(call_id) if is_by_page(direction, caller_raw) else None


def is_by_page(direction: str, caller_raw: str) -> bool:
    """Whether the other side of a call is a customer's page: such a call is always begun by us."""
    return direction == "outbound" and caller_raw.startswith(BY_PAGE)


def visitor_name(caller_raw: str) -> str:
    """What the visitor calls himself."""
    return caller_raw.removeprefix(BY_PAGE)[:80] or _("Visitor")


@requires("desk.use", "routing.work", "voice.phone")
@require_POST
def call(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Invite to a call, or agree to one: then the desk's own phone rings at once and answers by itself."""
    found = webcalls.agent_calls(actor_of(request), conversation_id)
    return answer(state=str(found.state), conversation=str(found.call_id or ""))


@requires("desk.use", "routing.work", "voice.phone")
@require_POST
def decline(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """No to the visitor's wish, or the invitation taken back."""
    webcalls.agent_declines(actor_of(request), conversation_id)
    return answer()
