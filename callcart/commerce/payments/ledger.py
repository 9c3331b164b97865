"""The one place that moves sums between a payment, its attempts, instalments and refunds. Callers hold the payment's lock
(`locked`), so its sums are always taken one after the other.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Sum

from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
    PaymentState,
    Refund,
    RefundState,
)
from callcart.commerce.payments.states import SPOKEN_FOR, derive_state, excess
from callcart.core import events
from callcart.core.clock import now
from callcart.core.errors import NotFound


class NoPayment(NotFound):
    """There is no payment for this order."""

    code = "payment.none"


def locked(*, order_id: UUID | None = None, payment_id: UUID | None = None) -> Payment:
    """The payment under lock; every change of money starts here. Raises NoPayment."""
    wanted = {"id": payment_id} if payment_id is not None else {"order_id": order_id}
    payment = Payment.objects.select_for_update(no_key=True).filter(**wanted).first()
    if payment is None:
        raise NoPayment
    return payment


def spoken_for(payment: Payment, *, failed: bool = False) -> int:
    """Minor units given back, on their way, or decided to be; with `failed`, also what the provider refused to give back
    and somebody must look at."""
    states = {*SPOKEN_FOR, RefundState.FAILED} if failed else SPOKEN_FOR
    total = Refund.objects.filter(payment=payment, state__in=states).aggregate(sum=Sum("amount_minor"))
    return int(total["sum"] or 0)


def capture(payment: Payment, attempt: Attempt, amount_minor: int, *, mandate: str = "") -> None:
    """Book money that a provider has taken for an attempt; once for each attempt."""
    attempt.state, attempt.captured_minor, attempt.changed_at = AttemptState.CAPTURED, amount_minor, now()
    attempt.failure = ""
    attempt.save(update_fields=["state", "captured_minor", "changed_at", "failure", "reference"])
    payment.captured_minor += amount_minor
    payment.provider, payment.reference = attempt.provider, attempt.reference or ""
    payment.mandate = mandate or payment.mandate
    if attempt.instalment_id is not None:
        Instalment.objects.filter(id=attempt.instalment_id).update(state=InstalmentState.PAID, paid_at=now())
    settle(payment)


def settle(payment: Payment, *, collected: bool | None = None, reason: str = "") -> None:
    """Derive the payment's state from its sums, decide refunds of what is too much, save, and tell."""
    cancelled = payment.state == PaymentState.CANCELLED
    if collected is None:
        collected = payment.state in {PaymentState.COLLECTED, PaymentState.REMITTED}
    payment.state = derive_state(
        method=payment.method,
        owed=payment.amount_minor,
        captured=payment.captured_minor,
        collected=collected,
        cancelled=cancelled,
    )
    payment.changed_at = now()
    payment.save()
    surplus = excess(
        owed=payment.amount_minor,
        captured=payment.captured_minor,
        spoken_for=spoken_for(payment, failed=True),
        cancelled=cancelled,
    )
    if surplus:
        owe_back(payment, surplus, reason=reason or ("cancelled" if cancelled else "overpaid"))
    tell(payment)


def owe_back(payment: Payment, amount_minor: int, *, reason: str) -> list[Refund]:
    """Decide to give an amount back, of the newest captures first; cash has no capture to go back to."""
    rows: list[Refund] = []
    left = amount_minor
    captures = Attempt.objects.filter(payment=payment, state=AttemptState.CAPTURED).order_by("-id")
    for attempt in captures:
        gone = Refund.objects.filter(attempt=attempt, state__in=SPOKEN_FOR).aggregate(sum=Sum("amount_minor"))
        part = min(left, attempt.captured_minor - int(gone["sum"] or 0))
        if part > 0:
            rows.append(_refund(payment, attempt, part, reason))
            left -= part
    if left > 0:
        rows.append(_refund(payment, None, left, reason))
    Refund.objects.bulk_create(rows)
    return rows


def _refund(payment: Payment, attempt: Attempt | None, amount_minor: int, reason: str) -> Refund:
    return Refund(
        payment=payment,
        attempt=attempt,
        amount_minor=amount_minor,
        currency=payment.currency,
        state=RefundState.DUE,
        reason=reason,
    )


def tell(payment: Payment) -> None:
    """Emit that the money of an order has changed."""
    events.emit(
        "payment.changed",
        subject=("order", payment.order_id),
        data={"order_id": payment.order_id, "payment_id": payment.id, "state": payment.state},
    )


def amount_due_now(payment: Payment) -> tuple[int, Instalment | None]:
    """What the customer is asked for next: the first unpaid instalment, or all that is missing."""
    if payment.state in {PaymentState.CANCELLED, PaymentState.PAID} or payment.method == PaymentMethod.COD:
        return 0, None
    missing = max(payment.amount_minor - payment.captured_minor, 0)
    if payment.method == PaymentMethod.INSTALMENTS and missing:
        unpaid = Instalment.objects.filter(
            payment=payment, state__in=[InstalmentState.SCHEDULED, InstalmentState.OVERDUE]
        )
        first = unpaid.order_by("number").first()
        return (min(first.amount_minor, missing), first) if first else (0, None)
    return missing, None
