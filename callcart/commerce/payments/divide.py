"""One order becomes two: what it owes, and what has come for it, is shared out by the largest remainder, so that both add up to
the whole. Called by the orders domain inside its own transaction, after its own checks.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    Payment,
    PaymentMethod,
    PaymentState,
    Receipt,
    ReceiptMethod,
    Refund,
    RefundState,
)
from callcart.commerce.payments.models_receipts import TillKind
from callcart.commerce.payments.tills import TillRef, enter
from callcart.core import audit, ids
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict
from callcart.core.money import Money

PAYING = timedelta(minutes=30)
_MOVABLE = frozenset(
    {PaymentState.DUE, PaymentState.PART_PAID, PaymentState.PAID, PaymentState.DUE_ON_DELIVERY}
)

# A payment company and a card's account give back only to the visit or card it was taken by.
_BY_HAND = (ReceiptMethod.CASH, ReceiptMethod.BANK_TRANSFER, ReceiptMethod.CHEQUE, ReceiptMethod.OTHER)


class MoneyUnderWay(Conflict):
    """Money of this order is on its way just now, in or back. Wait until it has arrived, then try again."""

    code = "payment.under_way"


class PaidInOneSum(Conflict):
    """This order was paid in one sum that can only go back where it came from, so it stays one order. Its goods can leave from
    several warehouses and in several parcels all the same."""

    code = "payment.one_sum"


class HasPlan(Conflict):
    """This order is paid in instalments; its plan belongs to the order as it is."""

    code = "payment.has_plan"


def divisible(order_id: UUID) -> Payment:
    """The payment under lock, where it can be shared out. Raises NoPayment, HasPlan, PaidInOneSum, MoneyUnderWay."""
    payment = ledger.locked(order_id=order_id)
    if payment.method == PaymentMethod.INSTALMENTS:
        raise HasPlan
    refunds = Refund.objects.filter(payment=payment).exclude(state=RefundState.CANCELLED)
    paying = Attempt.objects.filter(
        payment=payment,
        state__in=[AttemptState.INTENDED, AttemptState.OPEN],
        made_at__gt=now() - PAYING,
    )
    if Receipt.objects.filter(payment=payment, voided_at=None).exclude(method__in=_BY_HAND).exists():
        raise PaidInOneSum
    if payment.state not in _MOVABLE or refunds.exists() or paying.exists():
        raise MoneyUnderWay
    return payment


def shares(payment: Payment, kept: Money, moved: Money) -> tuple[Money, Money]:
    """What has come, shared out over both parts of what is owed."""
    captured = Money(payment.captured_minor, payment.currency)
    weights = [kept.minor, moved.minor]
    first, second = captured.allocate(weights if any(weights) else [1, 0])
    return first, second


def divide_payment(
    actor: Actor, order_id: UUID, *, to: tuple[UUID, str], kept: Money, moved: Money
) -> Payment:
    """Leave `kept` of an order's debt with it and give `moved` to another order (id and number), with their shares of the money
    that has come; the new payment. Raises as `divisible`; ValueError where the parts are not the whole."""
    payment = divisible(order_id)
    if kept.minor + moved.minor != payment.amount_minor or min(kept.minor, moved.minor) < 0:
        raise ValueError("the parts are not the whole")
    _stays, goes = shares(payment, kept, moved)
    new = Payment(
        order_id=to[0],
        order_number=to[1],
        customer_id=payment.customer_id,
        payer_name=payment.payer_name,
        taken_by=payment.taken_by,
        method=payment.method,
        state=payment.state,
        amount_minor=moved.minor,
        currency=payment.currency,
    )
    new.save(force_insert=True)
    _move_receipts(actor, payment, new, goes.minor)
    payment.amount_minor = kept.minor
    ledger.settle(payment, reason="split")
    ledger.settle(new, reason="split")
    audit.record(
        actor,
        "payments.divide",
        subject=("payment", payment.id),
        before={"amount_minor": kept.minor + moved.minor},
        after={
            "amount_minor": kept.minor,
            "to": str(new.id),
            "moved_minor": moved.minor,
            "captured": goes.minor,
        },
    )
    return new


def _move_receipts(actor: Actor, payment: Payment, new: Payment, amount_minor: int) -> None:
    """Receipts go over, the newest first; one that is divided gives a part to a receipt of its own. Tills stay as they are:
    what leaves one receipt enters the other on the same day."""
    left = amount_minor
    for receipt in Receipt.objects.filter(payment=payment, voided_at=None).order_by("-id"):
        part = min(left, receipt.amount_minor)
        if part <= 0:
            break
        left -= part
        if part == receipt.amount_minor:
            receipt.payment, receipt.order_id, receipt.order_number = new, new.order_id, new.order_number
            receipt.save(update_fields=["payment", "order_id", "order_number"])
        else:
            _divide(receipt, new, part)
    payment.captured_minor -= amount_minor
    new.captured_minor += amount_minor


def _divide(receipt: Receipt, new: Payment, part: int) -> None:
    other = Receipt(
        number=ids.next_number("receipt"),
        payment=new,
        order_id=new.order_id,
        order_number=new.order_number,
        customer_id=receipt.customer_id,
        method=receipt.method,
        amount_minor=part,
        currency=receipt.currency,
        payer=receipt.payer,
        reference=receipt.reference or receipt.number,
        till_kind=receipt.till_kind,
        holder=receipt.holder,
        received_at=receipt.received_at,
        received_by=receipt.received_by,
        received_by_name=receipt.received_by_name,
        source_kind="receipt",
        source_id=receipt.id,
    )
    other.save(force_insert=True)
    till = TillRef(TillKind(receipt.till_kind), receipt.holder)
    enter(till, -part, receipt.currency, receipt=receipt)
    enter(till, part, receipt.currency, receipt=other)
    receipt.amount_minor -= part
    receipt.save(update_fields=["amount_minor"])
