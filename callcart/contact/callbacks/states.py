"""The life of a callback as data, and what follows from an attempt. Pure.

The truth about an attempt is its conversation; a callback is brought up to date with it by the timers, so a process may die at any
moment between the two.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from callcart.contact.conversations.public import EndReason


class State(StrEnum):
    SCHEDULED = "scheduled"  # its time has not come, or comes again
    WAITING = "waiting"  # has its place in the queue
    CALLING = "calling"  # somebody has it, or the customer is being called
    HERE = "here"  # the customer has called himself and waits
    DONE = "done"
    NOT_REACHED = "not_reached"
    CAME = "came"  # the customer called himself and was answered
    WITHDRAWN = "withdrawn"  # somebody said that it is not needed


class Source(StrEnum):
    """How it came about."""

    QUEUE = "queue"  # asked for by key while waiting
    MENU = "menu"
    CHAT = "chat"
    WEB = "web"
    ABANDONED = "abandoned"
    MISSED = "missed"  # out of hours, or no place
    PERSONAL = "personal"  # an agent's word


class Outcome(StrEnum):
    """What an attempt came to."""

    GOING = "going"
    REACHED = "reached"
    MISSED = "missed"  # was called, and nobody answered
    LOST = "lost"  # it never got as far as being called


_S = State

TRANSITIONS: dict[State, frozenset[State]] = {
    _S.SCHEDULED: frozenset({_S.WAITING, _S.CALLING, _S.HERE, _S.DONE, _S.NOT_REACHED, _S.WITHDRAWN}),
    _S.WAITING: frozenset({_S.SCHEDULED, _S.CALLING, _S.HERE, _S.DONE, _S.NOT_REACHED, _S.WITHDRAWN}),
    _S.CALLING: frozenset({_S.SCHEDULED, _S.HERE, _S.DONE, _S.CAME, _S.NOT_REACHED}),
    _S.HERE: frozenset({_S.SCHEDULED, _S.CAME, _S.DONE}),
    _S.DONE: frozenset(),
    _S.NOT_REACHED: frozenset(),
    _S.CAME: frozenset(),
    _S.WITHDRAWN: frozenset(),
}

OPEN = (_S.SCHEDULED, _S.WAITING, _S.CALLING, _S.HERE)
UNANSWERED = (Source.ABANDONED, Source.MISSED)


def outcome_of(ended_at: datetime | None, answered_at: datetime | None, end_reason: str) -> Outcome:
    """What an attempt came to, by its conversation."""
    if answered_at is not None:
        return Outcome.REACHED if ended_at is not None else Outcome.GOING
    if ended_at is None:
        return Outcome.GOING
    lost = (EndReason.TELEPHONY_LOST, EndReason.WITHDRAWN, EndReason.FAILED)
    return Outcome.LOST if end_reason in lost else Outcome.MISSED


def is_worth_it(reason: str, waited: timedelta, abandoned_s: int | None, *, missed: bool) -> Source | None:
    """Whether a call that nobody answered becomes a callback by the queue's rules, and as what. Who gave up sooner than after
    `abandoned_s` seconds (None: whenever) is let go."""
    if reason == EndReason.ABANDONED and abandoned_s is not None:
        return Source.ABANDONED if waited >= timedelta(seconds=abandoned_s) else None
    if reason == EndReason.REJECTED and missed:
        return Source.MISSED
    return None
