"""Money of the past taken over from another system: what an order owed and what came of it, many orders in few statements.

Called by the orders domain after its own checks. Receipts lie in the till of the way they came by, on the day they came; what a
cancelled order was paid counts as given back. No customer is told and no provider is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from callcart.commerce.payments.incoming import Incoming, Taker, draw_up
from callcart.commerce.payments.models import (
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
    Receipt,
    ReceiptMethod,
    Refund,
    RefundState,
    RefundWay,
)
from callcart.commerce.payments.models_receipts import TillDay, TillEntry, TillKind
from callcart.commerce.payments.plan import due_days
from callcart.commerce.payments.states import derive_state
from callcart.commerce.payments.tills import TillRef
from callcart.core import ids
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant

UNKNOWN = "unknown"
_METHODS = {
    "cash": ReceiptMethod.CASH, "bank_transfer": ReceiptMethod.BANK_TRANSFER, "cheque": ReceiptMethod.CHEQUE,
    "cod": ReceiptMethod.COD,
}  # fmt: skip
_TILLS = {ReceiptMethod.BANK_TRANSFER: TillKind.BANK, ReceiptMethod.COD: TillKind.CARRIER}


@dataclass(frozen=True, slots=True)
class PastReceipt:
    """Money that came. `way` is one of ours (cash, bank_transfer, cheque, cod) or the other system's own word, under which it
    is booked as other money."""

    way: str
    amount_minor: int
    received_at: datetime
    reference: str = ""


@dataclass(frozen=True, slots=True)
class PastPayment:
    """What one order owed, by which method, and what came of it."""

    order_id: UUID
    order_number: str
    customer_id: UUID | None
    payer: str
    method: PaymentMethod
    amount_minor: int
    currency: str
    made_at: datetime
    cancelled: bool = False
    instalments: int = 0
    receipts: tuple[PastReceipt, ...] = ()


def take_over(actor: Actor, past: Sequence[PastPayment]) -> None:
    """Keep the payments with receipts, tills, instalments and what was given back."""
    zone = ZoneInfo(get_tenant(actor.tenant_id).timezone)
    payments = [_payment(each) for each in past]
    Payment.objects.bulk_create(payments)
    pairs = list(zip(payments, past, strict=True))
    Instalment.objects.bulk_create([row for payment, each in pairs for row in _plan(payment, each, zone)])
    numbers = iter(ids.next_numbers("receipt", sum(len(each.receipts) for each in past)))
    receipts = [
        (_receipt(actor, payment, money, next(numbers)), each)
        for payment, each in pairs
        for money in each.receipts
    ]
    Receipt.objects.bulk_create([receipt for receipt, _each in receipts])
    back = [_given_back(receipt) for receipt, each in receipts if each.cancelled]
    Refund.objects.bulk_create(back)
    days = _OpenDays(zone)
    entries = [days.entry(receipt) for receipt, _each in receipts]
    by_id = {receipt.id: receipt for receipt, _each in receipts}
    entries += [days.entry(by_id[refund.receipt_id], refund) for refund in back if refund.receipt_id]
    TillEntry.objects.bulk_create(entries)


def _payment(past: PastPayment) -> Payment:
    captured = sum(each.amount_minor for each in past.receipts)
    payment = Payment(
        order_id=past.order_id,
        order_number=past.order_number,
        customer_id=past.customer_id,
        payer_name=past.payer,
        method=past.method,
        amount_minor=past.amount_minor,
        captured_minor=captured,
        currency=past.currency,
        made_at=past.made_at,
        changed_at=max((each.received_at for each in past.receipts), default=past.made_at),
    )
    payment.state = derive_state(
        method=past.method,
        owed=past.amount_minor,
        captured=captured,
        collected=False,
        cancelled=past.cancelled,
    )
    return payment


def _plan(payment: Payment, past: PastPayment, zone: ZoneInfo) -> list[Instalment]:
    """Equal parts, monthly from the day of the order; covered by what came, the first first."""
    if past.method != PaymentMethod.INSTALMENTS or not past.amount_minor:
        return []
    days = due_days(past.made_at.astimezone(zone).date(), past.instalments)
    left, rows = payment.captured_minor, []
    for number, (due, part) in enumerate(
        zip(days, Money(past.amount_minor, past.currency).allocate([1] * past.instalments), strict=True),
        start=1,
    ):
        paid = left >= part.minor
        left -= part.minor if paid else 0
        open_state = InstalmentState.CANCELLED if past.cancelled else InstalmentState.SCHEDULED
        rows.append(
            Instalment(
                payment=payment,
                number=number,
                due_on=due,
                amount_minor=part.minor,
                state=InstalmentState.PAID if paid else open_state,
                paid_at=payment.changed_at if paid else None,
            )
        )
    return rows


def _receipt(actor: Actor, payment: Payment, money: PastReceipt, number: str) -> Receipt:
    method = _METHODS.get(money.way, ReceiptMethod.OTHER)
    return draw_up(
        payment,
        Incoming(
            method,
            money.amount_minor,
            reference=money.reference,
            received_at=money.received_at,
            source=("import", None),
        ),
        TillRef(_TILLS.get(method, TillKind.GATEWAY), money.way),
        number=number,
        taker=Taker.of(actor),
    )


def _given_back(receipt: Receipt) -> Refund:
    return Refund(
        payment_id=receipt.payment_id,
        receipt=receipt,
        way=RefundWay.OTHER,
        payee=receipt.payer,
        amount_minor=receipt.amount_minor,
        currency=receipt.currency,
        state=RefundState.DONE,
        done_at=receipt.received_at,
        reason="cancelled",
    )


class _OpenDays:
    """The day of a till that a sum of the past enters: that on which it came, unless its books are closed."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        rows = TillDay.objects.filter(closed_at__isnull=False).values_list("till_kind", "holder", "day")
        self._closed = set(rows) if TillDay.objects.filter(closed_at__isnull=False).exists() else set()

    def entry(self, receipt: Receipt, refund: Refund | None = None) -> TillEntry:
        day: date = receipt.received_at.astimezone(self._zone).date()
        while (receipt.till_kind, receipt.holder, day) in self._closed:
            day = date.fromordinal(day.toordinal() + 1)
        return TillEntry(
            till_kind=receipt.till_kind,
            holder=receipt.holder,
            day=day,
            amount_minor=-receipt.amount_minor if refund else receipt.amount_minor,
            currency=receipt.currency,
            receipt=None if refund else receipt,
            refund=refund,
        )


def moved_since(order_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these orders' money is no longer as it was taken over."""
    made = Receipt.objects.filter(payment__order_id__in=order_ids)
    other = set(made.exclude(source_kind="import").values_list("order_id", flat=True))
    other |= set(made.filter(voided_at__isnull=False).values_list("order_id", flat=True))
    payments = Payment.objects.filter(order_id__in=order_ids)
    own = set(
        Refund.objects.filter(payment__in=payments)
        .exclude(reason="cancelled")
        .values_list("payment__order_id", flat=True)
    )
    return other | own | set(payments.exclude(attempts=None).values_list("order_id", flat=True))


def forget_taken(order_ids: Sequence[UUID]) -> None:
    """Take back what was taken over: nothing of it has moved since."""
    payments = Payment.objects.filter(order_id__in=order_ids)
    receipts, refunds = (
        Receipt.objects.filter(payment__in=payments),
        Refund.objects.filter(payment__in=payments),
    )
    TillEntry.objects.filter(refund__in=refunds).delete()
    TillEntry.objects.filter(receipt__in=receipts).delete()
    refunds.delete()
    receipts.delete()
    payments.delete()
