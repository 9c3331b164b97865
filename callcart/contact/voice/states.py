"""The life of a call as data: what each leg does in it. Derived state of the voice process, kept in a row so that a
restarted process finds its calls again. The truth about the customer's turn is routing's."""

from __future__ import annotations

from enum import StrEnum

from callcart.contact.conversations.public import ConversationState


class CallState(StrEnum):
    NEW = "new"
    MENU = "menu"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    AGENT_LOST = "agent_lost"
    DIALLING = "dialling"  # called by us: an agent's page rings, then the other side; or that alone
    OUTSIDE = "outside"  # talks with somebody who is no agent; for us the conversation is over
    AFTER = "after"  # hears the flow once more, its agent has gone; for us the conversation is over
    ENDED = "ended"


_S = CallState

TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    _S.NEW: frozenset({_S.MENU, _S.ENDED}),
    _S.MENU: frozenset({_S.WAITING, _S.RINGING, _S.ENDED}),
    _S.WAITING: frozenset({_S.RINGING, _S.MENU, _S.ENDED}),
    _S.RINGING: frozenset({_S.WAITING, _S.TALKING, _S.DIALLING, _S.ENDED}),
    _S.TALKING: frozenset({_S.HELD, _S.AGENT_LOST, _S.WAITING, _S.MENU, _S.OUTSIDE, _S.AFTER, _S.ENDED}),
    _S.HELD: frozenset({_S.TALKING, _S.AGENT_LOST, _S.WAITING, _S.MENU, _S.OUTSIDE, _S.AFTER, _S.ENDED}),
    _S.AGENT_LOST: frozenset({_S.TALKING, _S.WAITING, _S.OUTSIDE, _S.ENDED}),
    _S.DIALLING: frozenset({_S.TALKING, _S.WAITING, _S.RINGING, _S.ENDED}),
    _S.OUTSIDE: frozenset({_S.ENDED}),
    _S.AFTER: frozenset({_S.ENDED}),
    _S.ENDED: frozenset(),
}

WITH_AGENT = (_S.TALKING, _S.HELD, _S.AGENT_LOST)
HEARS_FLOW = (_S.MENU, _S.AFTER)


class Request(StrEnum):
    """What a desk may ask of a call."""

    HANG_UP = "hang_up"
    HOLD = "hold"
    UNHOLD = "unhold"
    REJOIN = "rejoin"
    CONSULT = (
        "consult"  # ask a colleague, or somebody outside, to join; or pass the talk on as soon as they answer
    )
    GIVE_UP = "give_up"  # back to the customer, without them
    SWAP = "swap"
    THREE_WAY = "three_way"
    COMPLETE = "complete"  # they have the customer from now on
    PAUSE_RECORDING = "pause_recording"
    RESUME_RECORDING = "resume_recording"
    MUTE = "mute"  # the page has turned its microphone off, and says so
    UNMUTE = "unmute"
    PARK = "park"
    PICK_UP = "pick_up"  # a colleague takes a parked one
    WATCH = "watch"  # a supervisor
    UNWATCH = "unwatch"
    TO_QUEUE = "to_queue"
    TO_MENU = "to_menu"
    SURVEY = "survey"  # the agent has done, the caller is asked
    GONE = "gone"  # the page that is the other side has hung up, or says that it goes


class Silent(StrEnum):
    """Whose sound has not come for a while."""

    NOBODY = ""
    CALLER = "caller"
    AGENT = "agent"
    BOTH = "both"


class Watch(StrEnum):
    """What a supervisor does on a talk."""

    LISTEN = "listen"
    WHISPER = "whisper"  # the agent alone hears him
    BARGE = "barge"  # all hear him


class Side(StrEnum):
    """Where somebody is whom the agent asked to join."""

    CALLING = "calling"
    IN = "in"  # hears the agent
    OUT = "out"  # hears music


class Media(StrEnum):
    """What the caller hears, as the desk shows it (event `call.media`)."""

    TALK = "talk"
    HOLD = "hold"
    AGENT_LOST = "agent_lost"


def agreed(state: CallState, turn: ConversationState) -> CallState:
    """How far a call is when its own row says `state` and routing says `turn`. Routing is right about whose turn it is: a
    process may have died between the two commits."""
    match turn:
        case ConversationState.CLOSED | ConversationState.WRAP_UP:
            return state if state in (_S.OUTSIDE, _S.AFTER) else _S.ENDED
        case ConversationState.ACTIVE:
            return state if state in (*WITH_AGENT, _S.DIALLING) else _S.TALKING
        case ConversationState.OFFERED:
            return state if state is _S.RINGING else _S.WAITING
        case ConversationState.WAITING:
            return _S.WAITING
        case _:
            return state if state in (_S.NEW, _S.DIALLING) else _S.MENU
