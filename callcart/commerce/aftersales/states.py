"""A case's life as data, what it can be about, and what becomes of goods and customer. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from callcart.core.errors import Conflict


class Kind(StrEnum):
    RETURN = "return"
    EXCHANGE = "exchange"
    CLAIM = "claim"
    REPAIR = "repair"


class Reason(StrEnum):
    """Why. Whose fault it is decides on the fee and the carriage."""

    CHANGED_MIND = "changed_mind"
    DOES_NOT_FIT = "does_not_fit"
    NOT_AS_DESCRIBED = "not_as_described"
    FAULTY = "faulty"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING = "missing"
    NOT_DELIVERED = "not_delivered"
    OTHER = "other"


OUR_FAULT = frozenset({
    Reason.NOT_AS_DESCRIBED, Reason.FAULTY, Reason.DAMAGED, Reason.WRONG_ITEM, Reason.MISSING,
})  # fmt: skip
REASONS: Mapping[Kind, tuple[Reason, ...]] = {
    Kind.RETURN: (
        Reason.CHANGED_MIND, Reason.DOES_NOT_FIT, Reason.NOT_AS_DESCRIBED, Reason.FAULTY, Reason.OTHER,
    ),
    Kind.EXCHANGE: (Reason.DOES_NOT_FIT, Reason.CHANGED_MIND, Reason.FAULTY, Reason.WRONG_ITEM, Reason.OTHER),
    Kind.CLAIM: (Reason.DAMAGED, Reason.MISSING, Reason.WRONG_ITEM, Reason.NOT_AS_DESCRIBED, Reason.FAULTY),
    Kind.REPAIR: (Reason.FAULTY, Reason.DAMAGED, Reason.OTHER),
}  # fmt: skip
# Nothing can come back of what never arrived.
NOTHING_COMES = frozenset({Reason.MISSING})


class Wish(StrEnum):
    """What the customer gets, if what was said is so."""

    REFUND = "refund"
    REPLACE = "replace"
    REPAIR = "repair"


WISHES: Mapping[Kind, tuple[Wish, ...]] = {
    Kind.RETURN: (Wish.REFUND,),
    Kind.EXCHANGE: (Wish.REPLACE,),
    Kind.CLAIM: (Wish.REFUND, Wish.REPLACE),
    Kind.REPAIR: (Wish.REPAIR,),
}


class CaseState(StrEnum):
    ASKED = "asked"
    WAITING = "waiting"
    APPROVED = "approved"
    RECEIVED = "received"
    INSPECTED = "inspected"
    SETTLED = "settled"
    CLOSED = "closed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.ASKED: frozenset({
        CaseState.WAITING, CaseState.APPROVED, CaseState.REFUSED, CaseState.CANCELLED,
    }),
    CaseState.WAITING: frozenset({CaseState.RECEIVED, CaseState.CANCELLED}),
    CaseState.APPROVED: frozenset({CaseState.SETTLED, CaseState.CANCELLED}),
    CaseState.RECEIVED: frozenset({CaseState.INSPECTED}),
    CaseState.INSPECTED: frozenset({CaseState.SETTLED}),
    CaseState.SETTLED: frozenset({CaseState.CLOSED}),
    CaseState.CLOSED: frozenset(),
    CaseState.REFUSED: frozenset(),
    CaseState.CANCELLED: frozenset(),
}  # fmt: skip
OPEN = (
    CaseState.ASKED, CaseState.WAITING, CaseState.APPROVED, CaseState.RECEIVED, CaseState.INSPECTED,
    CaseState.SETTLED,
)  # fmt: skip
# Their units are spoken for: nobody else may ask for them.
LIVE = (CaseState.ASKED, CaseState.WAITING, CaseState.APPROVED, CaseState.RECEIVED, CaseState.INSPECTED)
ENDED = (CaseState.SETTLED, CaseState.CLOSED)
COMING_BACK = (CaseState.WAITING, CaseState.RECEIVED, CaseState.INSPECTED)


class Goods(StrEnum):
    """What becomes of units that were looked at."""

    RESTOCK = "restock"
    DAMAGED = "damaged"
    WRITE_OFF = "write_off"
    REPAIR = "repair"
    SEND_BACK = "send_back"


# What the customer can get by what becomes of the goods; the last one is rejected: it goes back as it came.
REMEDIES: Mapping[Goods, tuple[Wish, ...]] = {
    Goods.RESTOCK: (Wish.REFUND, Wish.REPLACE),
    Goods.DAMAGED: (Wish.REFUND, Wish.REPLACE),
    Goods.WRITE_OFF: (Wish.REFUND, Wish.REPLACE),
    Goods.REPAIR: (Wish.REPAIR,),
    Goods.SEND_BACK: (),
}
STAYS_HERE = frozenset({Goods.RESTOCK, Goods.DAMAGED, Goods.WRITE_OFF})


class CostKind(StrEnum):
    GOODS = "goods"
    FREIGHT = "freight"
    LABOUR = "labour"


class Carriage(StrEnum):
    """When what was paid for delivery goes back: never; its share where we are at fault; also where all of an order comes back."""

    NEVER = "never"
    FAULT = "fault"
    ALL_BACK = "all_back"


class WrongCaseState(Conflict):
    """This cannot be done to the case any more. Look at it again to see where it stands."""

    code = "aftersales.wrong_state"


def check_transition(before: CaseState | str, after: CaseState) -> None:
    """Raise WrongCaseState unless the life allows the step."""
    if after not in TRANSITIONS[CaseState(before)]:
        raise WrongCaseState(state=str(before), wanted=str(after))
