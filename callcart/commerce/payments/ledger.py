"""The one place that moves sums between a payment, its receipts, attempts, instalments and refunds. Callers hold the payment's lock
(`locked`), so its sums are always taken one after the other.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Sum

from callcart.commerce.payments.incoming import Incoming, Taker, draw_up
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
    RefundState,
    RefundWay,
)
from callcart.commerce.payments.states import SPOKEN_FOR, derive_state, excess
from callcart.commerce.payments.tills import TillRef, enter, till_of
from callcart.core import events, ids
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.people.tasks.public import close_tasks


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


def book(actor: Actor, payment: Payment, money: Incoming, *, attempt: Attempt | None = None) -> Receipt:
    """Write the receipt and its till's entry, and count it as captured. The caller settles afterwards."""
    till = till_of(actor, money.method, money.holder)
    receipt = draw_up(
        payment,
        money,
        till,
        number=ids.next_number("receipt"),
        taker=Taker.of(actor),
        attempt_id=attempt.id if attempt is not None else None,
    )
    receipt.save(force_insert=True)
    enter(till, money.amount_minor, payment.currency, receipt=receipt)
    payment.captured_minor += money.amount_minor
    return receipt


def capture(payment: Payment, attempt: Attempt, amount_minor: int, *, mandate: str = "") -> None:
    """Book money that a provider has taken for an attempt; once for each attempt."""
    attempt.state, attempt.captured_minor, attempt.changed_at = AttemptState.CAPTURED, amount_minor, now()
    attempt.failure = ""
    attempt.save(update_fields=["state", "captured_minor", "changed_at", "failure", "reference"])
    if amount_minor > 0:  # a provider may say "paid" of nothing
        gateway = Actor.system(payment.tenant_id, attempt.provider, channel="gateway")
        money = Incoming(
            ReceiptMethod.GATEWAY, amount_minor, reference=attempt.reference or "", holder=attempt.provider
        )
        book(gateway, payment, money, attempt=attempt)
    payment.provider, payment.reference = attempt.provider, attempt.reference or ""
    payment.mandate = mandate or payment.mandate
    if attempt.instalment_id is not None:
        Instalment.objects.filter(id=attempt.instalment_id).update(state=InstalmentState.PAID, paid_at=now())
    settle(payment)


def settle(payment: Payment, *, collected: bool | None = None, reason: str = "") -> None:
    """Derive the payment's state from its sums, decide refunds of what is too much, take back those that no longer are, save,
    and tell."""
    from callcart.commerce.payments import dunning

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
    if payment.arrears_since is not None:
        dunning.clear_arrears(payment)
    gone, due = spoken_for(payment, failed=True), _due(payment)
    surplus = excess(
        owed=payment.amount_minor,
        captured=payment.captured_minor,
        spoken_for=gone - due,
        cancelled=cancelled,
    )
    if surplus > due:
        owe_back(payment, surplus - due, reason=reason or ("cancelled" if cancelled else "overpaid"))
    elif surplus < due:
        _owe_less(payment, due - surplus)
    if payment.state not in {PaymentState.DUE, PaymentState.PART_PAID}:
        close_tasks("collect", ("order", payment.order_id), outcome=payment.state)
    tell(payment)


def _due(payment: Payment) -> int:
    total = Refund.objects.filter(payment=payment, state=RefundState.DUE).aggregate(sum=Sum("amount_minor"))
    return int(total["sum"] or 0)


def _owe_less(payment: Payment, amount_minor: int) -> None:
    """What was owed back and not yet sent is owed no more: the order's total rose again, or a receipt was void."""
    left = amount_minor
    for row in Refund.objects.filter(payment=payment, state=RefundState.DUE).order_by("-id"):
        if left <= 0:
            return
        part = min(left, row.amount_minor)
        left -= part
        if part == row.amount_minor:
            row.state = RefundState.CANCELLED
        else:
            row.amount_minor -= part
        row.changed_at = now()
        row.save(update_fields=["state", "amount_minor", "changed_at"])


def left_on(receipt: Receipt) -> int:
    """Minor units of a receipt that were not given back, and are not about to be."""
    gone = Refund.objects.filter(receipt=receipt, state__in=SPOKEN_FOR).aggregate(sum=Sum("amount_minor"))
    return receipt.amount_minor - int(gone["sum"] or 0)


def owe_back(
    payment: Payment, amount_minor: int, *, reason: str, way: RefundWay | None = None
) -> list[Refund]:
    """Decide to give an amount back, of the newest receipts first; each by the way it came, unless a `way` is named."""
    rows: list[Refund] = []
    left = amount_minor
    for receipt in Receipt.objects.filter(payment=payment, voided_at=None).order_by("-id"):
        part = min(left, left_on(receipt))
        if part > 0:
            rows.append(_refund(payment, receipt, part, reason, way))
            left -= part
    if left > 0:
        raise ValueError("more to give back than the receipts hold")
    Refund.objects.bulk_create(rows)
    return rows


# How money of a receipt goes back unless somebody says otherwise; a carrier cannot give cash back to who paid at the door.
WAY_BACK = {
    ReceiptMethod.GATEWAY: RefundWay.GATEWAY,
    ReceiptMethod.CASH: RefundWay.CASH,
    ReceiptMethod.BANK_TRANSFER: RefundWay.BANK_TRANSFER,
    ReceiptMethod.CHEQUE: RefundWay.CHEQUE,
    ReceiptMethod.COD: RefundWay.BANK_TRANSFER,
    ReceiptMethod.GIFT_CARD: RefundWay.GIFT_CARD,
    ReceiptMethod.STORE_CREDIT: RefundWay.STORE_CREDIT,
    ReceiptMethod.OTHER: RefundWay.OTHER,
}


def _refund(
    payment: Payment, receipt: Receipt, amount_minor: int, reason: str, way: RefundWay | None
) -> Refund:
    chosen = way or WAY_BACK[ReceiptMethod(receipt.method)]
    if chosen is RefundWay.GATEWAY and receipt.attempt_id is None:
        chosen = RefundWay.OTHER  # taken before we were there: no gateway knows it, a person has to
    return Refund(
        payment=payment,
        receipt=receipt,
        attempt_id=receipt.attempt_id if chosen is RefundWay.GATEWAY else None,
        way=chosen,
        payee=receipt.payer,
        amount_minor=amount_minor,
        currency=payment.currency,
        state=RefundState.DUE,
        reason=reason,
        made_at=now(),
    )


def refunded(actor: Actor, payment: Payment, row: Refund, *, reference: str) -> None:
    """The money of a refund has gone: out of the till it left, for good. The caller holds the payment's lock."""
    row.state, row.reference, row.failure = RefundState.DONE, reference, ""
    row.changed_at = row.done_at = now()
    row.save(update_fields=["state", "reference", "failure", "changed_at", "done_at"])
    holder = row.receipt.holder if row.receipt is not None and row.way == RefundWay.GATEWAY else ""
    till = till_of(actor, ReceiptMethod(row.way), holder)
    enter(TillRef(till.kind, till.holder), -row.amount_minor, row.currency, refund=row)
    events.emit(
        "payments.refund_done",
        subject=("order", payment.order_id),
        data={"order_id": payment.order_id, "refund_id": row.id},
    )


def tell(payment: Payment) -> None:
    """Emit that the money of an order has changed."""
    events.emit(
        "payment.changed",
        subject=("order", payment.order_id),
        data={"order_id": payment.order_id, "payment_id": payment.id, "state": payment.state},
    )


def amount_due_now(payment: Payment) -> tuple[int, Instalment | None]:
    """What the customer is asked for next: the first unpaid instalment, or all that is missing, also of a plan that is paid off
    (its order grew since, or was split off the one that had the plan)."""
    if payment.state in {PaymentState.CANCELLED, PaymentState.PAID} or payment.method == PaymentMethod.COD:
        return 0, None
    missing = max(payment.amount_minor - payment.captured_minor, 0)
    if payment.method == PaymentMethod.INSTALMENTS and missing:
        plan = Instalment.objects.filter(payment=payment)
        unpaid = plan.filter(state__in=[InstalmentState.SCHEDULED, InstalmentState.OVERDUE])
        first = unpaid.order_by("number").first()
        if first is not None:
            return min(first.amount_minor, missing), first
        if plan.filter(state=InstalmentState.CLAIMED).exists():
            return 0, None
    return missing, None
