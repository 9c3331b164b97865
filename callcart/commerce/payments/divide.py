"""One order becomes two: what it owes, and what has come for it, is shared out by the largest remainder, so that both add up to
the whole. Each half of a receipt goes back the way the whole came: to the same visit of a payment company, the same card.

Called by the orders domain inside its own transaction, after its own checks.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.incoming import as_came, draw_up
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
    PaymentState,
    Receipt,
    ReceiptMethod,
    Refund,
)
from callcart.commerce.payments.models_receipts import TillKind
from callcart.commerce.payments.states import OPEN
from callcart.commerce.payments.stored_entries import move_spent
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
_OVER = (InstalmentState.PAID, InstalmentState.CANCELLED)


class MoneyUnderWay(Conflict):
    """Money of this order is on its way just now, in or back. Wait until it has arrived, then try again."""

    code = "payment.under_way"


class PartGivenBack(Conflict):
    """A part of what this order was paid with was given back while the order stayed as it was, so nobody can say which half of it
    that was for. It stays one order. Its goods can leave from several warehouses and in several parcels all the same."""

    code = "payment.part_given_back"


class HasPlan(Conflict):
    """This order is paid in instalments, and its plan runs: days and amounts were agreed for the order as it is, and each is
    collected in one sum. It can be split once the plan is paid off. Its goods can leave from several warehouses and in several
    parcels all the same."""

    code = "payment.has_plan"


def divisible(order_id: UUID) -> Payment:
    """The payment under lock, where it can be shared out. Raises NoPayment, HasPlan, PartGivenBack, MoneyUnderWay."""
    payment = ledger.locked(order_id=order_id)
    running = Instalment.objects.filter(payment=payment).exclude(state__in=_OVER)
    if payment.method == PaymentMethod.INSTALMENTS and running.exists():
        raise HasPlan
    paying = Attempt.objects.filter(
        payment=payment,
        state__in=[AttemptState.INTENDED, AttemptState.OPEN],
        made_at__gt=now() - PAYING,
    )
    open_refunds = Refund.objects.filter(payment=payment, state__in=OPEN)
    if payment.state not in _MOVABLE or open_refunds.exists() or paying.exists():
        raise MoneyUnderWay
    # what went back because the total had fallen is over and done with; other money given back belongs to neither half
    gone = ledger.spoken_for(payment)
    if gone and payment.captured_minor - gone < payment.amount_minor:
        raise PartGivenBack
    return payment


def shares(payment: Payment, kept: Money, moved: Money) -> tuple[Money, Money]:
    """What has come and was not given back, shared out over both parts of what is owed."""
    there = Money(payment.captured_minor - ledger.spoken_for(payment), payment.currency)
    weights = [kept.minor, moved.minor]
    first, second = there.allocate(weights if any(weights) else [1, 0])
    return first, second


def divide_payment(
    actor: Actor, order_id: UUID, *, to: tuple[UUID, str], kept: Money, moved: Money
) -> Payment:
    """Leave `kept` of an order's debt with it and give `moved` to another order (id and number), with their shares of the money
    that has come; the new payment, of one family with the first. Raises as `divisible`; ValueError where the parts are not the whole."""
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
        family=payment.root,
    )
    new.save(force_insert=True)
    payment.family = payment.root
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
        if left <= 0:
            break
        part = min(left, ledger.left_on(receipt))
        if part <= 0:
            continue
        left -= part
        other = _hand_over(receipt, new) if part == receipt.amount_minor else _divide(receipt, new, part)
        move_spent(actor, receipt, to=other, before=payment, after=new, part=part)
        if receipt.method == ReceiptMethod.GATEWAY:
            new.provider, new.reference = receipt.holder, receipt.reference
    payment.captured_minor -= amount_minor
    new.captured_minor += amount_minor


def _hand_over(receipt: Receipt, new: Payment) -> Receipt:
    receipt.payment, receipt.order_id, receipt.order_number = new, new.order_id, new.order_number
    receipt.save(update_fields=["payment", "order_id", "order_number"])
    return receipt


def _divide(receipt: Receipt, new: Payment, part: int) -> Receipt:
    money, taker = as_came(receipt, part)
    till = TillRef(TillKind(receipt.till_kind), receipt.holder)
    number = ids.next_number("receipt")
    other = draw_up(new, money, till, number=number, taker=taker, attempt_id=receipt.attempt_id)
    other.save(force_insert=True)
    enter(till, -part, receipt.currency, receipt=receipt)
    enter(till, part, receipt.currency, receipt=other)
    receipt.amount_minor -= part
    receipt.save(update_fields=["amount_minor"])
    return other
