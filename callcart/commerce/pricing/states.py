"""A promotion's life as data. Pure. One that ended stays for the orders that used it and never runs again."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from callcart.core.errors import Conflict


class PromotionState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class UseState(StrEnum):
    """`used` counts against the limits; `released` (the order was cancelled, or no longer earns it) does not."""

    USED = "used"
    RELEASED = "released"


TRANSITIONS: Mapping[PromotionState, frozenset[PromotionState]] = {
    PromotionState.DRAFT: frozenset({PromotionState.ACTIVE, PromotionState.ENDED}),
    PromotionState.ACTIVE: frozenset({PromotionState.PAUSED, PromotionState.ENDED}),
    PromotionState.PAUSED: frozenset({PromotionState.ACTIVE, PromotionState.ENDED}),
    PromotionState.ENDED: frozenset(),
}


class WrongPromotionState(Conflict):
    """This promotion cannot be changed in that way any more. Load it again to see where it stands."""

    code = "pricing.wrong_state"


def check_transition(before: PromotionState | str, after: PromotionState) -> None:
    """Raise WrongPromotionState unless the life allows the step."""
    if after not in TRANSITIONS[PromotionState(before)]:
        raise WrongPromotionState(state=str(before), wanted=str(after))
