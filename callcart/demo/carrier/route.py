"""What will become of a shipment, step by step. Pure: the reference decides, so the same shipment always goes the same way."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """How it will go."""

    WELL = "well"
    SECOND_TRY = "second_try"
    LOCKER = "locker"
    LATE = "late"
    STUCK = "stuck"
    WRONG_ADDRESS = "wrong_address"
    REFUSED = "refused"
    LOST = "lost"


# How many of a hundred go which way.
_SHARES: tuple[tuple[Fate, int], ...] = (
    (Fate.WELL, 66), (Fate.SECOND_TRY, 8), (Fate.LOCKER, 8), (Fate.LATE, 6), (Fate.STUCK, 3), (Fate.WRONG_ADDRESS, 4),
    (Fate.REFUSED, 3), (Fate.LOST, 2),
)  # fmt: skip

_WAY = ("collected", "arrived", "departed", "arrived")
_ENDS: Mapping[Fate, tuple[str, ...]] = {
    Fate.WELL: ("loaded", "delivered"),
    Fate.SECOND_TRY: ("loaded", "not_home", "loaded", "delivered"),
    Fate.LOCKER: ("loaded", "locker", "delivered"),
    Fate.LATE: ("delayed", "delayed", "delayed", "loaded", "delivered"),
    Fate.STUCK: (),
    Fate.WRONG_ADDRESS: ("loaded", "bad_address", "sent_back", "back"),
    Fate.REFUSED: ("loaded", "rejected", "sent_back", "back"),
    Fate.LOST: ("missing",),
}


@dataclass(frozen=True, slots=True)
class Telling:
    """How a shop is told of a scan: how often, and after how many seconds each time."""

    after: tuple[float, ...]


def fate_of(reference: str) -> Fate:
    """What will become of a shipment."""
    at = _number(reference, "fate") % 100
    for fate, share in _SHARES:
        at -= share
        if at < 0:
            return fate
    return Fate.WELL


def steps(fate: Fate) -> tuple[str, ...]:
    """All that will happen to it."""
    return _WAY + _ENDS[fate]


def pause_before(reference: str, step: int, *, seconds: float) -> float:
    """How long a step takes: about `seconds`, each a little different."""
    return seconds * (50 + _number(reference, f"pause {step}") % 100) / 100


def telling(scan_id: str, *, seconds: float) -> Telling:
    """One message in ten comes twice, one in ten so late that the next has overtaken it."""
    at = _number(scan_id, "telling") % 10
    if at == 0:
        return Telling((0, 1))
    return Telling((2.5 * seconds,)) if at == 1 else Telling((0,))


def _number(text: str, purpose: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{purpose}:{text}".encode()).digest()[:4])
