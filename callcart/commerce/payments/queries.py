"""Reads of money: the sums of orders, and an order's payment with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from callcart.commerce.payments.models import (
    Attempt,
    Instalment,
    Payment,
    PaymentMethod,
    PaymentState,
    ProviderEvent,
    Receipt,
    ReceiptMethod,
    Refund,
    RefundState,
)
from callcart.commerce.payments.states import OPEN, SPOKEN_FOR, refundable
from callcart.core.money import Money


@dataclass(frozen=True, slots=True)
class Sums:
    """An order's money in minor units; `owed` is without what was `relieved`."""

    owed: int
    captured: int
    refund_open: int
    refunded: int
    on_delivery: bool
    collected: bool
    cancelled: bool
    relieved: int = 0


@dataclass(frozen=True, slots=True)
class PaymentDetail:
    """A payment with its receipts (void ones too), attempts, plan and refunds."""

    payment: Payment
    attempts: tuple[Attempt, ...]
    instalments: tuple[Instalment, ...]
    refunds: tuple[Refund, ...]
    refundable: Money
    receipts: tuple[Receipt, ...] = ()

    @property
    def amount(self) -> Money:
        return Money(self.payment.amount_minor, self.payment.currency)

    @property
    def relieved(self) -> Money:
        return Money(self.payment.relieved_minor, self.payment.currency)

    @property
    def captured(self) -> Money:
        return Money(self.payment.captured_minor, self.payment.currency)


def sums_of(order_ids: Iterable[UUID]) -> dict[UUID, Sums]:
    """The money of orders, by order; those without a payment are left out."""
    payments = {row.id: row for row in Payment.objects.filter(order_id__in=list(order_ids))}
    opened: dict[UUID, int] = {}
    done: dict[UUID, int] = {}
    for row in Refund.objects.filter(payment__in=list(payments)):
        if row.state in OPEN:
            opened[row.payment_id] = opened.get(row.payment_id, 0) + row.amount_minor
        elif row.state == RefundState.DONE:
            done[row.payment_id] = done.get(row.payment_id, 0) + row.amount_minor
    return {
        row.order_id: Sums(
            owed=row.amount_minor,
            captured=row.captured_minor,
            refund_open=opened.get(row.id, 0),
            refunded=done.get(row.id, 0),
            on_delivery=row.method == PaymentMethod.COD,
            collected=row.state in {PaymentState.COLLECTED, PaymentState.REMITTED},
            cancelled=row.state == PaymentState.CANCELLED,
            relieved=row.relieved_minor,
        )
        for row in payments.values()
    }


def payment_of(order_id: UUID) -> PaymentDetail | None:
    """An order's payment and all that belongs to it; None where it has none."""
    payment = Payment.objects.filter(order_id=order_id).first()
    if payment is None:
        return None
    refunds = tuple(Refund.objects.filter(payment=payment).order_by("id"))
    gone = sum(row.amount_minor for row in refunds if row.state in SPOKEN_FOR)
    return PaymentDetail(
        payment=payment,
        attempts=tuple(Attempt.objects.filter(payment=payment).order_by("id")),
        instalments=tuple(Instalment.objects.filter(payment=payment).order_by("number")),
        refunds=refunds,
        refundable=Money(refundable(payment.captured_minor, gone), payment.currency),
        receipts=tuple(Receipt.objects.filter(payment=payment).order_by("received_at", "id")),
    )


def paid_besides_cash(order_ids: Iterable[UUID]) -> dict[UUID, int]:
    """What of orders was paid in any other way than at the door and is not given back, in minor units; those of which nothing was
    are left out."""
    receipts = Receipt.objects.filter(payment__order_id__in=list(order_ids), voided_at=None).exclude(
        method=ReceiptMethod.COD
    )
    came = dict(receipts.order_by().values_list("order_id").annotate(Sum("amount_minor")))
    if not came:
        return {}
    back = Refund.objects.filter(receipt__in=receipts, state__in=SPOKEN_FOR).order_by()
    gone = dict(back.values_list("payment__order_id").annotate(Sum("amount_minor")))
    return {each: left for each, minor in came.items() if (left := minor - gone.get(each, 0)) > 0}


def family_of(order_id: UUID) -> UUID:
    """What limits of an order count by: one for all that were split off one another."""
    payment = Payment.objects.filter(order_id=order_id).only("id", "family").first()
    return payment.root if payment is not None else order_id


def unmatched_events(limit: int = 50) -> list[ProviderEvent]:
    """What providers reported that belongs to no payment of ours; finance looks at it."""
    return list(ProviderEvent.objects.filter(attempt__isnull=True).order_by("-id")[:limit])
