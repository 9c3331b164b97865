"""Giving money back: decided by a person with the right to that amount, sent by a job, never more than came in."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.payments import ledger
from callcart.commerce.payments.jobs import send_refund
from callcart.commerce.payments.models import Payment, Refund, RefundState
from callcart.commerce.payments.states import refundable
from callcart.core import audit, idempotency, jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.money import Money
from callcart.core.text import clean, problem


class TooMuchRefund(Conflict):
    """At most %(most)s can be given back for this order."""

    code = "payment.too_much_refund"


class RefundNotOpen(Conflict):
    """This refund was already dealt with."""

    code = "payment.refund_not_open"


def request_refund(
    actor: Actor, order_id: UUID, *, amount: Money, reason: str, idempotency_key: str
) -> list[Refund]:
    """Give an amount back and send it. Raises PermissionDenied above the actor's limit, Invalid, NoPayment,
    TooMuchRefund, KeyReused."""
    actor.require("payments.refund", amount=amount.minor)
    reason = clean(reason)
    problems = {"reason": said} if (said := problem(reason, longest=500, required=True)) else {}
    if amount.minor <= 0:
        problems["amount"] = gettext("Give an amount above zero.")
    if problems:
        raise Invalid(fields=problems)
    body = {"order": str(order_id), "amount": amount.minor, "currency": amount.currency}
    with idempotency.claim(actor, "payments.refund", idempotency_key, body) as claim:
        if claim.stored is not None:
            return list(Refund.objects.filter(id__in=claim.stored.get("refunds", [])))
        payment = ledger.locked(order_id=order_id)
        most = refundable(payment.captured_minor, ledger.spoken_for(payment))
        if amount.currency != payment.currency or amount.minor > most:
            raise TooMuchRefund(most=Money(most, payment.currency).format(actor.language))
        rows = ledger.owe_back(payment, amount.minor, reason=reason)
        for row in rows:
            _send(row)
        _note(actor, payment, rows, reason)
        claim.store({"refunds": [str(row.id) for row in rows]})
    return rows


def pay_refund(actor: Actor, refund_id: UUID) -> Refund:
    """Send a refund that is due or has failed (after a cancellation or an overpayment); cash is booked as given back.
    Raises NotFound, PermissionDenied above the actor's limit, RefundNotOpen."""
    found = Refund.objects.filter(id=refund_id).first()
    if found is None:
        raise NotFound
    actor.require("payments.refund", amount=found.amount_minor)
    payment = ledger.locked(payment_id=found.payment_id)
    row = Refund.objects.get(id=refund_id)  # again, under the payment's lock
    if row.state not in {RefundState.DUE, RefundState.FAILED}:
        raise RefundNotOpen
    most = refundable(payment.captured_minor, ledger.spoken_for(payment))
    if row.state == RefundState.FAILED and row.amount_minor > most:
        raise TooMuchRefund(most=Money(most, payment.currency).format(actor.language))
    _send(row)
    _note(actor, payment, [row], row.reason)
    return row


def _send(row: Refund) -> None:
    row.state = RefundState.IN_FLIGHT if row.attempt_id else RefundState.DONE
    row.failure, row.changed_at = "", now()
    row.save(update_fields=["state", "failure", "changed_at"])
    if row.attempt_id:
        jobs.defer(send_refund, refund_id=str(row.id))


def _note(actor: Actor, payment: Payment, rows: list[Refund], reason: str) -> None:
    audit.record(
        actor,
        "payments.refund",
        subject=("payment", payment.id),
        after={
            "refunds": [str(row.id) for row in rows],
            "amount_minor": sum(row.amount_minor for row in rows),
        },
        reason=reason,
    )
    ledger.tell(payment)
