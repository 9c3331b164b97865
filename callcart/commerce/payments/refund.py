"""Giving money back: decided by a person with the right to that amount, never more than came in.

It is split over the receipts, newest first, and each part goes the way it came: a gateway is asked by a job, stored value is
credited at once, and cash, transfers and cheques are a worklist that finance works off (`finish_refund`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext, gettext_lazy

from callcart.commerce.payments import ledger
from callcart.commerce.payments.jobs import send_refund
from callcart.commerce.payments.models import Payment, Receipt, Refund, RefundState, RefundWay
from callcart.commerce.payments.payout import credit_of
from callcart.commerce.payments.states import refundable
from callcart.core import audit, idempotency, jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.money import Money
from callcart.core.text import clean, problem
from callcart.people.approvals import public as approvals

BY_HAND = frozenset({RefundWay.CASH, RefundWay.BANK_TRANSFER, RefundWay.CHEQUE, RefundWay.OTHER})
TO_CREDIT = "store_credit"
WAY_PAID = ""


class TooMuchRefund(Conflict):
    """At most %(most)s can be given back for this order."""

    code = "payment.too_much_refund"


class RefundNotOpen(Conflict):
    """This refund was already dealt with."""

    code = "payment.refund_not_open"


class NotByHand(Conflict):
    """The provider gives this money back by itself; it cannot be marked by hand. Choose another way first if it has failed."""

    code = "payment.not_by_hand"


def request_refund(
    actor: Actor, order_id: UUID, *, amount: Money, reason: str, idempotency_key: str, to: str = WAY_PAID
) -> list[Refund]:
    """Give an amount back, by the way it was paid or (`to`) by another one, such as store credit. Raises NeedsApproval
    above the actor's limit, which counts what they sent back of this order before, Invalid, NoPayment, TooMuchRefund, KeyReused."""
    approvals.require(actor, "payments.refund", amount=amount)
    reason = clean(reason)
    problems = {"reason": said} if (said := problem(reason, longest=500, required=True)) else {}
    if amount.minor <= 0:
        problems["amount"] = gettext("Give an amount above zero.")
    way = _way(to, problems)
    if problems:
        raise Invalid(fields=problems)
    body = {"order": str(order_id), "amount": amount.minor, "currency": amount.currency} | (
        {"to": way} if way else {}
    )
    with idempotency.claim(actor, "payments.refund", idempotency_key, body) as claim:
        if claim.stored is not None:
            return list(Refund.objects.filter(id__in=claim.stored.get("refunds", [])))
        payment = ledger.locked(order_id=order_id)
        most = refundable(payment.captured_minor, ledger.spoken_for(payment))
        if amount.currency != payment.currency or amount.minor > most:
            raise TooMuchRefund(most=Money(most, payment.currency).format(actor.language))
        approvals.require(actor, "payments.refund", amount=amount + _sent_before(actor, payment))
        rows = ledger.owe_back(payment, amount.minor, reason=reason, way=way)
        for row in rows:
            _send(actor, payment, row)
        _note(actor, payment, rows, reason)
        claim.store({"refunds": [str(row.id) for row in rows]})
    return rows


@approvals.action("payments.refund", label=gettext_lazy("Refund"), link="office:order")
def refund_as_approved(actor: Actor, payload: Mapping[str, Any]) -> None:
    """What an approval of a refund does."""
    request_refund(
        actor,
        UUID(str(payload["order"])),
        amount=Money(int(payload["amount"]), str(payload["currency"])),
        reason=str(payload["reason"]),
        idempotency_key=str(payload["key"]),
        to=str(payload.get("to", WAY_PAID)),
    )


def pay_refund(actor: Actor, refund_id: UUID, *, to: str = WAY_PAID) -> Refund:
    """Send a refund that is due or has failed (after a cancellation, an overpayment, a provider's refusal), if wanted by another
    way than before. Raises NotFound, PermissionDenied above the actor's limit, Invalid, RefundNotOpen, TooMuchRefund."""
    found = Refund.objects.filter(id=refund_id).first()
    if found is None:
        raise NotFound
    actor.require("payments.refund", amount=found.amount_minor)
    problems: dict[str, str] = {}
    way = _way(to, problems)
    if problems:
        raise Invalid(fields=problems)
    payment, row = _open(found)
    if row.state == RefundState.FAILED:
        _check_still_there(actor, payment, row)
    actor.require("payments.refund", amount=row.amount_minor + _sent_before(actor, payment).minor)
    if way:
        row.way, row.attempt = way, None
        row.save(update_fields=["way", "attempt"])
    _send(actor, payment, row)
    _note(actor, payment, [row], row.reason)
    return row


def finish_refund(actor: Actor, refund_id: UUID, *, reference: str) -> Refund:
    """A person has given the money back: cash over the counter, a transfer, a cheque. Raises NotFound, PermissionDenied above the
    actor's limit, which counts what they paid out of this order before, Invalid without a reference, RefundNotOpen, NotByHand."""
    found = Refund.objects.filter(id=refund_id).first()
    if found is None:
        raise NotFound
    actor.require("payments.pay_out", amount=found.amount_minor)
    reference = clean(reference)
    if said := problem(reference, longest=200, required=True):
        raise Invalid(fields={"reference": said})
    payment = ledger.locked(payment_id=found.payment_id)
    row = Refund.objects.select_related("receipt").get(id=refund_id)
    if row.state not in {RefundState.DUE, RefundState.IN_FLIGHT}:
        raise RefundNotOpen
    if row.way not in BY_HAND:
        raise NotByHand
    amount = Money(row.amount_minor, row.currency)
    approvals.use(actor, "payments.pay_out", amount=amount, subject=payment.root, may_ask=False)
    ledger.refunded(actor, payment, row, reference=reference)
    audit.record(
        actor,
        "payments.pay_out",
        subject=("payment", payment.id),
        after={"refund": row.id, "amount_minor": row.amount_minor, "reference": reference},
    )
    ledger.tell(payment)
    return row


def _way(to: str, problems: dict[str, str]) -> RefundWay | None:
    """The way somebody asked for; None is the way it was paid. A gateway or a gift card only takes back its own."""
    if to == WAY_PAID:
        return None
    if to not in {*BY_HAND, RefundWay.STORE_CREDIT}:
        problems["to"] = gettext("Choose one of the values offered.")
        return None
    return RefundWay(to)


def _open(found: Refund) -> tuple[Payment, Refund]:
    payment = ledger.locked(payment_id=found.payment_id)
    row = Refund.objects.select_related("receipt").get(id=found.id)  # again, under the payment's lock
    if row.state not in {RefundState.DUE, RefundState.FAILED}:
        raise RefundNotOpen
    return payment, row


def _check_still_there(actor: Actor, payment: Payment, row: Refund) -> None:
    """What a failed refund was about may have been given back in another way meanwhile."""
    most = refundable(payment.captured_minor, ledger.spoken_for(payment))
    if row.receipt is not None:
        most = min(most, _left(row.receipt))
    if row.amount_minor > most:
        raise TooMuchRefund(most=Money(most, payment.currency).format(actor.language))


def _sent_before(actor: Actor, payment: Payment) -> Money:
    """What this actor sent back of the order already, and of those split off it or that it was split off. A limit holds for an
    order, not for a click: many small refunds are a large one. The caller holds the payment's lock."""
    if actor.id is None:
        return Money.zero(payment.currency)
    approvals.alone(actor, "payments.refund", payment.root)
    family = Q(payment=payment) if payment.family is None else Q(payment__family=payment.family)
    gone = [RefundState.IN_FLIGHT, RefundState.DONE]
    mine = Refund.objects.filter(family, asked_by=actor.id, state__in=gone)
    return Money(mine.aggregate(sum=Sum("amount_minor"))["sum"] or 0, payment.currency)


def _left(receipt: Receipt) -> int:
    return 0 if receipt.voided_at else ledger.left_on(receipt)


def _send(actor: Actor, payment: Payment, row: Refund) -> None:
    """On its way: by the provider's job, into stored value at once, or into the hands of finance."""
    row.state, row.failure, row.changed_at = RefundState.IN_FLIGHT, "", now()
    row.asked_by, row.asked_by_name = actor.id, actor.name
    row.save(update_fields=["state", "failure", "changed_at", "asked_by", "asked_by_name"])
    if row.attempt_id:
        jobs.defer(send_refund, refund_id=str(row.id))
    elif (credit := credit_of(row.way)) is not None:
        ledger.refunded(actor, payment, row, reference=credit(actor, payment, row))


def _note(actor: Actor, payment: Payment, rows: list[Refund], reason: str) -> None:
    audit.record(
        actor,
        "payments.refund",
        subject=("payment", payment.id),
        after={
            "refunds": [str(row.id) for row in rows],
            "ways": sorted({str(row.way) for row in rows}),
            "amount_minor": sum(row.amount_minor for row in rows),
        },
        reason=reason,
    )
    ledger.tell(payment)
