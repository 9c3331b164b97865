"""What becomes of a message, as chosen on the centre's page for a telephone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """Of what the shop sends to a telephone."""

    WELL = "well"
    LATE = "late"
    NEVER = "never"
    TWICE = "twice"
    FAILED = "failed"
    REFUSED = "refused"
    BUSY = "busy"
    SILENT = "silent"


class Way(StrEnum):
    """How the parts of what a telephone sends come to the shop."""

    WELL = "well"
    BACKWARDS = "backwards"
    DOUBLED = "doubled"
    ONE_MISSING = "one_missing"
    SLOWLY = "slowly"


@dataclass(frozen=True, slots=True)
class Telling:
    """The receipts of a message: after how many seconds each, and whether it arrived."""

    after: tuple[float, ...]
    delivered: bool = True


RECEIPT_AFTER, LATE_AFTER, PART_EVERY = 0.3, 90.0, 2.0
_TELLINGS = {
    Fate.LATE: Telling((LATE_AFTER,)),
    Fate.NEVER: Telling(()),
    Fate.TWICE: Telling((RECEIPT_AFTER, RECEIPT_AFTER + 1)),
    Fate.FAILED: Telling((RECEIPT_AFTER,), delivered=False),
}


def telling(fate: Fate) -> Telling:
    """What the shop is told of a message that was taken."""
    return _TELLINGS.get(fate, Telling((RECEIPT_AFTER,)))


def order(way: Way, parts: int) -> list[tuple[int, float]]:
    """Which parts come, as places from 0, and after how many seconds."""
    places = list(range(parts))
    if way is Way.BACKWARDS:
        places.reverse()
    elif way is Way.DOUBLED and parts > 1:  # a whole message twice is one written twice
        places = [each for each in places for _twice in range(2)]
    elif way is Way.ONE_MISSING and parts > 1:
        del places[parts // 2]
    pause = PART_EVERY if way is Way.SLOWLY else 0.0
    return [(place, pause * number) for number, place in enumerate(places)]
