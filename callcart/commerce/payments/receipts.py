"""Taking money by hand and taking it back off the books: each receipt is numbered, has somebody who wrote it, and is voided with
a reason where it was wrong. Nothing is ever deleted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.payments import ledger, sources
from callcart.commerce.payments.incoming import Incoming
from callcart.commerce.payments.models import (
    Attempt,
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
    Receipt,
    ReceiptMethod,
    Refund,
    RefundState,
)
from callcart.commerce.payments.models_receipts import TillKind
from callcart.commerce.payments.tills import TillRef, enter
from callcart.core import audit, idempotency
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now, today
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.people.tenants.public import get_tenant

# Money of the other methods is booked by what brings it: the gateway's message, the carrier's file, the card's account.
BY_HAND = frozenset(
    {ReceiptMethod.CASH, ReceiptMethod.BANK_TRANSFER, ReceiptMethod.CHEQUE, ReceiptMethod.OTHER}
)
NEEDS_REFERENCE = frozenset({ReceiptMethod.BANK_TRANSFER, ReceiptMethod.CHEQUE})
OLDEST = timedelta(days=3650)
CLOCKS_DIFFER = timedelta(minutes=5)
MOST = 10**14


class AlreadyVoid(Conflict):
    """This receipt is already void."""

    code = "payment.receipt_void"


class GivenBack(Conflict):
    """Money of this receipt has been given back, or is on its way. It cannot be voided any more."""

    code = "payment.receipt_refunded"


class NotByHand(Conflict):
    """A payment company reported this money; it can be refunded, but not voided."""

    code = "payment.receipt_of_gateway"


def receive(
    actor: Actor,
    *,
    order_id: UUID,
    method: str,
    amount: Money,
    idempotency_key: str,
    reference: str = "",
    payer: str = "",
    received_at: datetime | None = None,
    holder: str = "",
) -> Receipt:
    """Book money that came for an order. What is more than was owed becomes a refund that is due. Staff take cash, transfers,
    cheques and other; the system takes stored value too (`holder` then stays empty). Raises PermissionDenied above the actor's
    limit, Invalid, NoPayment, KeyReused."""
    actor.require("payments.receive", amount=amount.minor)
    money = _checked(actor, method, amount, reference, payer, received_at, holder)
    body = {
        "order": str(order_id),
        "method": method,
        "amount": amount.minor,
        "currency": amount.currency,
        "reference": money.reference,
    }
    with idempotency.claim(actor, "payments.receive", idempotency_key, body) as claim:
        if claim.stored is not None:
            return Receipt.objects.get(id=claim.stored["receipt"])
        payment = ledger.locked(order_id=order_id)
        if payment.currency != amount.currency:
            said = gettext("This order is in %(currency)s.") % {"currency": payment.currency}
            raise Invalid(fields={"amount": said})
        receipt = write(actor, payment, money)
        claim.store({"receipt": str(receipt.id)})
    return receipt


def write(actor: Actor, payment: Payment, money: Incoming) -> Receipt:
    """Book checked money on a locked payment: receipt, instalments, refund of what is too much, audit, event."""
    receipt = ledger.book(actor, payment, money)
    cover_instalments(payment)
    ledger.settle(payment)
    audit.record(
        actor,
        "payments.receive",
        subject=("payment", payment.id),
        after={
            "receipt": receipt.number,
            "method": receipt.method,
            "amount_minor": receipt.amount_minor,
            "currency": receipt.currency,
            "reference": receipt.reference,
        },
    )
    return receipt


def void_receipt(actor: Actor, receipt_id: UUID, *, reason: str) -> Receipt:
    """Take a receipt off the books: the order owes its amount again. Raises NotFound, PermissionDenied above the actor's limit,
    which counts what they voided of this order before, Invalid without a reason, AlreadyVoid, GivenBack, NotByHand."""
    found = Receipt.objects.filter(id=receipt_id).first()
    if found is None:
        raise NotFound
    actor.require("payments.void", amount=found.amount_minor)
    form = Fields()
    reason = form.block("reason", reason, most=500, required=True)
    form.done()
    payment, receipt = _locked_with(found)
    _check_voidable(receipt)
    amount = Money(receipt.amount_minor, receipt.currency)
    approvals.use(actor, "payments.void", amount=amount, subject=payment.root, may_ask=False)
    receipt.voided_at, receipt.voided_by_name, receipt.void_reason = now(), actor.name, reason
    receipt.save(update_fields=["voided_at", "voided_by_name", "void_reason"])
    till = TillRef(TillKind(receipt.till_kind), receipt.holder)
    enter(till, -receipt.amount_minor, receipt.currency, receipt=receipt)
    # What is only owed of it goes with it; `settle` decides anew what is too much.
    Refund.objects.filter(receipt=receipt, state__in=[RefundState.DUE, RefundState.FAILED]).update(
        state=RefundState.CANCELLED, changed_at=now()
    )
    sources.reopen(receipt)
    payment.captured_minor -= receipt.amount_minor
    cover_instalments(payment)
    ledger.settle(payment)
    audit.record(
        actor,
        "payments.void",
        subject=("payment", payment.id),
        before={"receipt": receipt.number, "amount_minor": receipt.amount_minor},
        reason=reason,
    )
    return receipt


def _locked_with(found: Receipt) -> tuple[Payment, Receipt]:
    """The payment a receipt belongs to, under lock, and the receipt as it is then: a split may have handed it to another order while
    we waited."""
    payment = ledger.locked(payment_id=found.payment_id)
    receipt = Receipt.objects.get(id=found.id)
    return (payment, receipt) if receipt.payment_id == payment.id else _locked_with(receipt)


def _check_voidable(receipt: Receipt) -> None:
    if receipt.voided_at is not None:
        raise AlreadyVoid
    if receipt.method in {ReceiptMethod.GATEWAY, ReceiptMethod.GIFT_CARD, ReceiptMethod.STORE_CREDIT}:
        raise NotByHand
    gone = [RefundState.IN_FLIGHT, RefundState.DONE]
    if Refund.objects.filter(receipt=receipt, state__in=gone).exists():
        raise GivenBack


def _checked(
    actor: Actor,
    method: str,
    amount: Money,
    reference: str,
    payer: str,
    received_at: datetime | None,
    holder: str,
) -> Incoming:
    form = Fields()
    known = set(ReceiptMethod) if actor.kind is ActorKind.SYSTEM else BY_HAND
    form.choice("method", method, known)
    if not 0 < amount.minor < MOST:
        form.refuse("amount", gettext("Give an amount above zero."))
    reference = form.line("reference", reference, most=200, required=method in NEEDS_REFERENCE)
    payer = form.line("payer", payer, most=200)
    holder = form.line("holder", holder, most=100)
    if received_at is not None and received_at > now() + CLOCKS_DIFFER:
        form.refuse("received_at", gettext("This moment has not come yet."))
    elif received_at is not None and received_at < now() - OLDEST:
        form.refuse("received_at", gettext("This is too long ago."))
    form.done()
    return Incoming(ReceiptMethod(method), amount.minor, payer, reference, holder, received_at)


def cover_instalments(payment: Payment) -> None:
    """Instalments that what has come covers are paid, in their order; those that it no longer covers are open again. What a
    gateway charged for one stays with that one."""
    if payment.method != PaymentMethod.INSTALMENTS:
        return
    left = payment.captured_minor
    day = today(get_tenant(payment.tenant_id).timezone)
    charged = set(
        Attempt.objects.filter(payment=payment, state="captured", instalment__isnull=False).values_list(
            "instalment_id", flat=True
        )
    )
    for row in Instalment.objects.filter(payment=payment).order_by("number"):
        left -= row.amount_minor
        if left >= 0 and row.state in {InstalmentState.SCHEDULED, InstalmentState.OVERDUE}:
            row.state, row.paid_at = InstalmentState.PAID, now()
        elif left < 0 and row.state == InstalmentState.PAID and row.id not in charged:
            row.state = InstalmentState.OVERDUE if row.due_on < day else InstalmentState.SCHEDULED
            row.paid_at = None
        else:
            continue
        row.save(update_fields=["state", "paid_at"])
