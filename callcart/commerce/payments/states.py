"""What a payment's amounts say about its state, and how much may be given back. Pure."""

from __future__ import annotations

from callcart.commerce.payments.models import PaymentMethod, PaymentState, RefundState

# A refund in one of these is money that is, or will be, gone.
SPOKEN_FOR = frozenset({RefundState.DUE, RefundState.IN_FLIGHT, RefundState.DONE})
OPEN = frozenset({RefundState.DUE, RefundState.IN_FLIGHT, RefundState.FAILED})

_CASH = frozenset({PaymentState.DUE_ON_DELIVERY, PaymentState.COLLECTED, PaymentState.REMITTED})


def derive_state(*, method: str, owed: int, captured: int, collected: bool, cancelled: bool) -> PaymentState:
    """The state of a payment. Cash counts as captured only when the carrier has handed it to us."""
    if cancelled:
        return PaymentState.CANCELLED
    if method == PaymentMethod.COD:
        if captured and captured >= owed:
            return PaymentState.REMITTED
        return PaymentState.COLLECTED if collected else PaymentState.DUE_ON_DELIVERY
    if captured >= owed:
        return PaymentState.PAID
    return PaymentState.PART_PAID if captured else PaymentState.DUE


def refundable(captured: int, spoken_for: int) -> int:
    """What may still be given back: captured less what is done, in flight or decided; never below zero."""
    return max(captured - spoken_for, 0)


def excess(*, owed: int, captured: int, spoken_for: int, cancelled: bool) -> int:
    """What we hold and must give back: all of it after a cancellation, else what is above the amount owed."""
    return max(captured - spoken_for - (0 if cancelled else owed), 0)
