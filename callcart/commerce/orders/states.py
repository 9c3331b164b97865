"""An order's life as data, and the two axes that follow from ledgers. Pure: no database, no clock.

The life is moved by verbs only, along `TRANSITIONS`. Payment and fulfilment are never set by hand: `derive_payment` reads
what payments know, `derive_fulfilment` what stock and carriers know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from callcart.core.errors import Conflict


class OrderState(StrEnum):
    DRAFT = "draft"
    PLACED = "placed"
    ON_HOLD = "on_hold"
    CONFIRMED = "confirmed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[OrderState, frozenset[OrderState]] = {
    OrderState.DRAFT: frozenset({OrderState.PLACED}),
    OrderState.PLACED: frozenset({OrderState.ON_HOLD, OrderState.CONFIRMED, OrderState.CANCELLED}),
    OrderState.ON_HOLD: frozenset({OrderState.PLACED, OrderState.CANCELLED}),
    OrderState.CONFIRMED: frozenset({OrderState.CLOSED, OrderState.CANCELLED}),
    OrderState.CLOSED: frozenset(),
    OrderState.CANCELLED: frozenset(),
}

EDITABLE = frozenset({OrderState.PLACED, OrderState.ON_HOLD})


class WrongState(Conflict):
    """This cannot be done to the order any more. Load it again to see where it stands."""

    code = "order.wrong_state"


def check_transition(before: OrderState | str, after: OrderState) -> None:
    """Raise WrongState unless the life allows the step."""
    if after not in TRANSITIONS[OrderState(before)]:
        raise WrongState(state=str(before), wanted=str(after))


class PaymentAxis(StrEnum):
    """Where the money of an order stands."""

    DUE = "due"
    PART_PAID = "part_paid"
    PAID = "paid"
    DUE_ON_DELIVERY = "due_on_delivery"
    COLLECTED = "collected_by_carrier"
    REMITTED = "remitted"
    REFUND_DUE = "refund_due"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"
    NOTHING_DUE = "nothing_due"


@dataclass(frozen=True, slots=True)
class MoneyFacts:
    """Sums of an order's payment ledger, in minor units. `collected`: the carrier holds the cash."""

    owed: int
    captured: int = 0
    refund_open: int = 0
    refunded: int = 0
    on_delivery: bool = False
    collected: bool = False
    cancelled: bool = False


def derive_payment(facts: MoneyFacts) -> PaymentAxis:
    """The payment axis. Money we must give back shows before anything else."""
    if facts.refund_open:
        return PaymentAxis.REFUND_DUE
    if facts.refunded and facts.refunded >= facts.captured:
        return PaymentAxis.REFUNDED
    kept = facts.captured - facts.refunded
    if facts.cancelled:
        return PaymentAxis.REFUND_DUE if kept > 0 else PaymentAxis.NOTHING_DUE
    if facts.refunded and kept < facts.owed:
        return PaymentAxis.PART_REFUNDED
    if facts.on_delivery:
        return _derive_cash(facts, kept)
    if facts.owed <= 0 and kept <= 0:
        return PaymentAxis.NOTHING_DUE
    if kept >= facts.owed:
        return PaymentAxis.PAID
    return PaymentAxis.PART_PAID if kept > 0 else PaymentAxis.DUE


def _derive_cash(facts: MoneyFacts, kept: int) -> PaymentAxis:
    if kept > 0 and kept >= facts.owed:
        return PaymentAxis.REMITTED
    if facts.collected:
        return PaymentAxis.COLLECTED
    return PaymentAxis.DUE_ON_DELIVERY if facts.owed > 0 else PaymentAxis.NOTHING_DUE


class Fulfilment(StrEnum):
    """Where the goods of an order stand."""

    UNRESERVED = "unreserved"
    RESERVED = "reserved"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    PART_DELIVERED = "part_delivered"
    DELIVERED = "delivered"
    PART_RETURNED = "part_returned"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class ParcelFact:
    """A parcel: its state's name and how many units of which lines lie in it."""

    state: str
    units: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Back:
    """Units that customers give back after they had arrived: on their way to us, and here for good."""

    returning: int = 0
    returned: int = 0


_BACK = {"returning": Fulfilment.RETURNING, "returned": Fulfilment.RETURNED, "lost": Fulfilment.LOST}


def derive_fulfilment(
    ordered: Mapping[UUID, int],
    held: Mapping[UUID, int],
    parcels: Iterable[ParcelFact],
    *,
    cancelled: bool = False,
    back: Back = Back(),
) -> Fulfilment:
    """The fulfilment axis, from units ordered, units held, parcels, each by order line, and what customers gave back."""
    boxes = list(parcels)
    total = sum(ordered.values())
    if boxes:
        sent = _derive_sent(boxes, total=total)
        return _given_back(sent, back, boxes, total=total) if sent in _AT_THE_DOOR else sent
    if cancelled:
        return Fulfilment.RELEASED
    covered = all(held.get(line, 0) >= quantity for line, quantity in ordered.items())
    return Fulfilment.RESERVED if ordered and covered else Fulfilment.UNRESERVED


# All that was sent has come to its end, and something of it was taken.
_AT_THE_DOOR = frozenset({Fulfilment.DELIVERED, Fulfilment.PART_RETURNED})


def _given_back(sent: Fulfilment, back: Back, boxes: Iterable[ParcelFact], *, total: int) -> Fulfilment:
    """What arrived may be given back; while something is on its way that is what has to be looked after."""
    if back.returning:
        return Fulfilment.RETURNING
    if back.returned:
        return (
            Fulfilment.RETURNED
            if back.returned + _units(boxes, "returned") >= total
            else Fulfilment.PART_RETURNED
        )
    return sent


def _units(boxes: Iterable[ParcelFact], state: str = "") -> int:
    """Units in parcels of one state, or in all of them."""
    return sum(sum(box.units.values()) for box in boxes if not state or box.state == state)


def _derive_sent(boxes: list[ParcelFact], *, total: int) -> Fulfilment:
    """What is packed has not been sent yet; what stays behind is neither lost nor returned by what went before."""
    gone = [box for box in boxes if box.state != "packed"]
    if not gone:
        return Fulfilment.RESERVED
    sent, arrived = _units(gone), _units(gone, "delivered")
    if arrived >= total:
        return Fulfilment.DELIVERED
    if arrived:
        ended = arrived + _units(gone, "returned") >= total
        return Fulfilment.PART_RETURNED if ended else Fulfilment.PART_DELIVERED
    if sent < total:
        return Fulfilment.PART_SHIPPED
    back = {_BACK.get(box.state, Fulfilment.SHIPPED) for box in gone}
    for state in (Fulfilment.SHIPPED, Fulfilment.RETURNING, Fulfilment.RETURNED):
        if state in back:
            return state
    return Fulfilment.LOST
