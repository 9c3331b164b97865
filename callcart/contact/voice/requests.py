"""What a desk asks of a call, and what it is told: the voice process hears of it by the feed and does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import get_conversation, took_part, visible
from callcart.contact.voice.models import Call, Exchange
from callcart.contact.voice.records import Line
from callcart.contact.voice.states import WITH_AGENT, CallState, Media, Request, Silent
from callcart.core import clock, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, NotFound
from callcart.people.staff.public import staff_within

SEEN_WITHIN = timedelta(seconds=15)

_MEDIA = {CallState.TALKING: Media.TALK, CallState.HELD: Media.HOLD, CallState.AGENT_LOST: Media.AGENT_LOST}


class Telephones(StrEnum):
    """How the telephones are, as far as the voice process says or is heard of at all."""

    UP = "up"
    LOST = "lost"  # the engine is away: no call can be
    UNHEARD = "unheard"  # the voice process is away: calls go on, nobody steers them


class NothingParked(Conflict):
    """Nothing is parked by this number. A colleague may have picked it up already."""

    code = "voice.nothing_parked"


class NoSuchTalk(Conflict):
    """This call is not being talked any more."""

    code = "voice.no_such_talk"


def request_hangup(actor: Actor, conversation_id: UUID) -> None:
    """End the call. Raises NoSuchTalk, NotFound, PermissionDenied, as all of these."""
    request(actor, conversation_id, Request.HANG_UP)


def request_hold(actor: Actor, conversation_id: UUID) -> None:
    """Let the customer hear music."""
    request(actor, conversation_id, Request.HOLD)


def request_unhold(actor: Actor, conversation_id: UUID) -> None:
    request(actor, conversation_id, Request.UNHOLD)


def request_rejoin(actor: Actor, conversation_id: UUID) -> None:
    """Ring the page in which the agent works now; it answers by itself."""
    request(actor, conversation_id, Request.REJOIN)


def pause_recording(actor: Actor, conversation_id: UUID, *, why: str = "agent") -> None:
    """Keep nothing of a talk from now on, for a reason (`agent`, `payment`): each reason is lifted by itself, and the recording goes on
    when none is left. Asked twice it is asked once. Raises as `request_hangup` does."""
    request(actor, conversation_id, Request.PAUSE_RECORDING, {"why": why})


def resume_recording(actor: Actor, conversation_id: UUID, *, why: str = "agent") -> None:
    """This reason is gone."""
    request(actor, conversation_id, Request.RESUME_RECORDING, {"why": why})


def request_mute(actor: Actor, conversation_id: UUID) -> None:
    """The page has turned its microphone off: the board and the path shall know."""
    request(actor, conversation_id, Request.MUTE)


def request_unmute(actor: Actor, conversation_id: UUID) -> None:
    request(actor, conversation_id, Request.UNMUTE)


def request_park(actor: Actor, conversation_id: UUID) -> None:
    """Music for the customer until a colleague picks the talk up by the number it gets; after a while it is back."""
    request(actor, conversation_id, Request.PARK)


def pick_up(actor: Actor, orbit: int) -> UUID:
    """Take over the talk that is parked by this number: the actor's own telephone rings, and it is his as it answers. The conversation.
    Raises NothingParked (also beyond the actor's reach), PermissionDenied."""
    actor.require("voice.phone")
    call = Call.objects.filter(orbit=orbit, ended_at=None).first()
    if call is None:
        raise NothingParked
    try:
        talk = get_conversation(call.conversation_id, actor)
    except NotFound:
        raise NothingParked from None
    _emit(actor, call.conversation_id, Request.PICK_UP, {"staff_id": str(actor.id)})
    return talk.id


@dataclass(frozen=True, slots=True)
class Parked:
    """A talk that waits to be picked up. `staff_id`: who parked it."""

    orbit: int
    conversation_id: UUID
    staff_id: UUID | None
    until: datetime | None


def parked(actor: Actor) -> list[Parked]:
    """What is parked within the actor's reach, by number."""
    calls = list(Call.objects.filter(orbit__isnull=False, ended_at=None).order_by("orbit"))
    if not calls:
        return []
    talks = {each.id: each for each in visible(actor).filter(id__in=[call.conversation_id for call in calls])}
    found = []
    for call in calls:
        talk = talks.get(call.conversation_id) or _taken_part_in(actor, call.conversation_id)
        if talk is not None:
            found.append(Parked(call.orbit or 0, talk.id, talk.agent_id, call.parked_until))
    return found


def _taken_part_in(actor: Actor, conversation_id: UUID) -> Conversation | None:
    return get_conversation(conversation_id) if took_part(actor, conversation_id) else None


def line_of(conversation_id: UUID) -> Line:
    """How the line of a talk stands; an ordinary one where nobody talks."""
    call = Call.going_on(conversation_id)
    return Line() if call is None else Line(Silent(call.silent), call.muted, call.orbit, call.parked_until)


def media_state(conversation_id: UUID) -> Media | None:
    """What the caller hears of a talk; None where nobody talks."""
    call = Call.going_on(conversation_id)
    return None if call is None else _MEDIA.get(CallState(call.state))


def telephones() -> Telephones:
    """How the telephones are, as the voice processes last said; of one not heard of lately nobody knows. One of several nodes is enough."""
    since = clock.now() - SEEN_WITHIN
    found = list(Exchange.objects.filter(seen_at__gt=since).values_list("up", flat=True))
    if not found:
        return Telephones.UNHEARD
    return Telephones.UP if any(found) else Telephones.LOST


def request(
    actor: Actor, conversation_id: UUID, what: Request, wanted: Mapping[str, object] | None = None
) -> None:
    """Tell the voice process a wish: of one's own call, of another's with the right to steer."""
    actor.require("voice.phone")
    conversation = get_conversation(conversation_id)
    if actor.is_staff and conversation.agent_id != actor.id and not _steers(actor, conversation.agent_id):
        raise NotFound
    call = Call.going_on(conversation_id)
    if call is None or call.state not in (*WITH_AGENT, CallState.RINGING, CallState.DIALLING):
        raise NoSuchTalk
    _emit(actor, conversation_id, what, wanted)


def _steers(actor: Actor, staff_id: UUID | None) -> bool:
    """Whether the talks of an agent are the actor's to steer, by a right that reaches that far."""
    rights = [each for each in ("routing.force", "voice.supervise") if actor.can(each)]
    reaches = [staff_within(actor, each) for each in rights]
    return any(reach is None or staff_id in reach for reach in reaches)


def _emit(actor: Actor, conversation_id: UUID, what: Request, wanted: Mapping[str, object] | None) -> None:
    events.emit(
        "call.request",
        subject=("conversation", conversation_id),
        staff_id=actor.id,
        audience="process",
        data={"conversation_id": conversation_id, "request": str(what)}
        | ({"wanted": dict(wanted)} if wanted else {}),
    )
