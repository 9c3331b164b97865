"""The life of a message as data."""

from __future__ import annotations

from enum import StrEnum


class VoicemailState(StrEnum):
    """`EMPTY`: nothing, or too little, was said. `LOST`: it was said, and could not be kept."""

    TAKING = "taking"
    KEPT = "kept"
    EMPTY = "empty"
    LOST = "lost"


_S = VoicemailState

TRANSITIONS: dict[VoicemailState, frozenset[VoicemailState]] = {
    _S.TAKING: frozenset({_S.KEPT, _S.EMPTY, _S.LOST}),
    _S.KEPT: frozenset(),
    _S.EMPTY: frozenset(),
    _S.LOST: frozenset(),
}
