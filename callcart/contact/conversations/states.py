"""The life of a conversation as data. Transitions are tried in one place only (`conversations_move` in functions.sql,
which holds the same table; a test compares the two)."""

from __future__ import annotations

from enum import StrEnum


class ConversationState(StrEnum):
    NEW = "new"
    IVR = "ivr"
    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    PENDING = (
        "pending"  # with nobody: the customer is to answer, or it sleeps until a time; written channels only
    )
    WRAP_UP = "wrap_up"
    CLOSED = "closed"


class RecordingState(StrEnum):
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


class EndReason(StrEnum):
    """Why a talk ended. `ABANDONED` is decided by the path: ended while waiting for, or being offered to, a person."""

    COMPLETED = "completed"
    ABANDONED = "abandoned"
    HUNG_UP_IN_MENU = "hung_up_in_menu"
    SELF_SERVED = "self_served"
    REJECTED = "rejected"
    TELEPHONY_LOST = "telephony_lost"
    FAILED = "failed"
    NOT_REACHED = "not_reached"  # called by us, and nobody answered
    AUTOMATIC = "automatic"  # a machine wrote, nobody is to answer
    SPAM = "spam"
    LEFT_MESSAGE = "left_message"  # a voicemail, which is a conversation of its own
    MERGED = "merged"  # goes on in another conversation of the same person
    FORGOTTEN = "forgotten"  # set aside, and the customer never answered
    CALLBACK = "callback"  # the customer hung up and keeps the place: we call back
    WITHDRAWN = "withdrawn"  # a call that we owed is not needed any more


_S = ConversationState

TRANSITIONS: dict[ConversationState, frozenset[ConversationState]] = {
    _S.NEW: frozenset({_S.IVR, _S.WAITING, _S.ACTIVE, _S.PENDING, _S.CLOSED}),
    _S.IVR: frozenset({_S.WAITING, _S.ACTIVE, _S.CLOSED}),
    _S.WAITING: frozenset({_S.IVR, _S.OFFERED, _S.CLOSED}),
    _S.OFFERED: frozenset({_S.WAITING, _S.ACTIVE, _S.CLOSED}),
    _S.ACTIVE: frozenset({_S.IVR, _S.WAITING, _S.PENDING, _S.WRAP_UP, _S.CLOSED}),
    _S.PENDING: frozenset({_S.WAITING, _S.CLOSED}),
    _S.WRAP_UP: frozenset({_S.CLOSED}),
    _S.CLOSED: frozenset(),
}


def may_move(before: ConversationState, after: ConversationState) -> bool:
    """Whether a conversation may go from one state to another."""
    return after in TRANSITIONS[before]
