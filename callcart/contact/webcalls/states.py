"""The life of a web call as data. Whether one that has begun goes on is voice's to say; here it is only closed afterwards."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    ASKED = "asked"  # by the visitor: the agent has to agree
    INVITED = "invited"  # by the agent: the visitor has to agree
    CALLING = "calling"  # both want it: the voice process rings both, or they talk
    ENDED = "ended"


class Why(StrEnum):
    """How one came to its end."""

    DECLINED = "declined"  # by who was asked
    WITHDRAWN = "withdrawn"  # by who had asked
    EXPIRED = "expired"  # nobody answered in time
    NOT_REACHED = "not_reached"  # agreed, and never brought together
    OVER = "over"  # they have talked


WAITING = (State.ASKED, State.INVITED)
TRANSITIONS: dict[State, frozenset[State]] = {
    State.ASKED: frozenset({State.CALLING, State.ENDED}),
    State.INVITED: frozenset({State.CALLING, State.ENDED}),
    State.CALLING: frozenset({State.ENDED}),
    State.ENDED: frozenset(),
}
