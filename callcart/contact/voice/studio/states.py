"""The life of a take as data: a telephone rings, somebody is told what to do, speaks, hears it and decides.

Nothing is kept without the key that keeps it: a prompt is heard by the next caller, and what was said before a hang-up may be a word
that nobody should hear.
"""

from __future__ import annotations

from enum import StrEnum


class TakeState(StrEnum):
    RINGING = "ringing"
    TOLD = "told"  # hears what to do, then the tone
    SPEAKING = "speaking"
    HEARD = "heard"  # hears it played back, and is asked
    KEPT = "kept"
    OVER = "over"  # nothing of it is kept


class Why(StrEnum):
    """How one ended of which nothing is kept."""

    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE = "unreachable"  # no page with a telephone, no way out, no such number
    HUNG_UP = "hung_up"
    SILENT = "silent"  # nothing was heard, however often it was tried
    UNDECIDED = "undecided"  # heard, and no key
    TOO_OFTEN = "too_often"
    NOT_WRITTEN = "not_written"
    DISK_FULL = "disk_full"
    NOT_ALLOWED = "not_allowed"  # may not change prompts any more, or the prompt is gone
    LOST = "lost"  # the line, or the telephones
    WITHDRAWN = "withdrawn"


_S = TakeState

TRANSITIONS: dict[TakeState, frozenset[TakeState]] = {
    _S.RINGING: frozenset({_S.TOLD, _S.OVER}),
    _S.TOLD: frozenset({_S.SPEAKING, _S.OVER}),
    _S.SPEAKING: frozenset({_S.TOLD, _S.HEARD, _S.OVER}),
    _S.HEARD: frozenset({_S.TOLD, _S.KEPT, _S.OVER}),
    _S.KEPT: frozenset(),
    _S.OVER: frozenset(),
}
