"""The life of a call as data: what each leg does in it. Derived state of the voice process, kept in a row so that a
restarted process finds its calls again. The truth about the customer's turn is routing's."""

from __future__ import annotations

from enum import StrEnum


class CallState(StrEnum):
    NEW = "new"
    MENU = "menu"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    AGENT_LOST = "agent_lost"
    ENDED = "ended"


_S = CallState

TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    _S.NEW: frozenset({_S.MENU, _S.WAITING, _S.ENDED}),
    _S.MENU: frozenset({_S.WAITING, _S.ENDED}),
    _S.WAITING: frozenset({_S.RINGING, _S.ENDED}),
    _S.RINGING: frozenset({_S.WAITING, _S.TALKING, _S.ENDED}),
    _S.TALKING: frozenset({_S.HELD, _S.AGENT_LOST, _S.WAITING, _S.ENDED}),
    _S.HELD: frozenset({_S.TALKING, _S.AGENT_LOST, _S.WAITING, _S.ENDED}),
    _S.AGENT_LOST: frozenset({_S.TALKING, _S.WAITING, _S.ENDED}),
    _S.ENDED: frozenset(),
}

WITH_AGENT = (_S.TALKING, _S.HELD, _S.AGENT_LOST)


class Request(StrEnum):
    """What a desk may ask of a call."""

    HANG_UP = "hang_up"
    HOLD = "hold"
    UNHOLD = "unhold"
    REJOIN = "rejoin"


class Media(StrEnum):
    """What the caller hears, as the desk shows it (event `call.media`)."""

    TALK = "talk"
    HOLD = "hold"
    AGENT_LOST = "agent_lost"


TELEPHONY_DOWN = "telephony_down"
HUNG_UP_IN_MENU = "hung_up_in_menu"
FAILED = "failed"
