"""Booking the cash that a carrier hands over. To the cent it is booked at once; a difference is explained first: a fee, rounding or a
loss settles the customer's debt in full, `as_paid` books just what came. Nothing is booked twice: the order's lock is taken
before the line's.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from callcart.commerce.payments import ledger
from callcart.commerce.payments.incoming import Incoming
from callcart.commerce.payments.models import (
    CashState,
    DifferenceKind,
    Payment,
    PaymentMethod,
    Receipt,
    ReceiptMethod,
    RemittanceLine,
)
from callcart.commerce.payments.receipts import write
from callcart.commerce.payments.remittances import compare
from callcart.commerce.payments.sources import REMITTANCE_LINE
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import unspoken

AS_PAID = "as_paid"
SETTLES = (DifferenceKind.FEE, DifferenceKind.ROUNDING, DifferenceKind.LOSS)


class CashLineDone(Conflict):
    """This line was already dealt with, or its order has changed. Load the page again."""

    code = "payment.cash_line_done"


@dataclass(frozen=True, slots=True)
class BookedCash:
    booked: int
    passed_over: int


def book_matched(actor: Actor, remittance_id: UUID) -> BookedCash:
    """Book all lines of a file that are what we expect to the cent; one that meanwhile is not so any more is passed over."""
    actor.require("payments.reconcile")
    actor.require("payments.record_cash")
    rows = RemittanceLine.objects.filter(remittance_id=remittance_id, state=CashState.MATCHED)
    booked = passed = 0
    for row in rows.order_by("payment_id"):
        try:
            with transaction.atomic():
                _book(actor, row.id, state=CashState.MATCHED)
        except CashLineDone:
            passed += 1
        else:
            booked += 1
    return BookedCash(booked, passed)


def explain_line(actor: Actor, line_id: UUID, *, kind: str, reason: str) -> Receipt:
    """Book a line whose amount is not what we expect, with the reason why. Raises NotFound, PermissionDenied above the actor's limit
    for the difference, Invalid, CashLineDone."""
    found = RemittanceLine.objects.filter(id=line_id).first()
    if found is None:
        raise NotFound
    actor.require("payments.record_cash")
    actor.require("payments.explain", amount=abs(found.amount_minor - found.expected_minor))
    form = Fields()
    form.choice("kind", kind, (*SETTLES, AS_PAID))
    reason = form.block("reason", reason, most=500, required=True)
    form.done()
    return _book(actor, line_id, state=CashState.DIFFERS, kind=kind, reason=reason)


def assign_line(actor: Actor, line_id: UUID, *, order_number: str) -> RemittanceLine:
    """Name the order of a line whose number we do not know; it is compared anew. Raises NotFound, Invalid, CashLineDone."""
    actor.require("payments.reconcile")
    number = unspoken(order_number) or order_number.strip()
    payment = Payment.objects.filter(order_number=number[:40]).first()
    if payment is None:
        raise Invalid(fields={"order": _("There is no order of this number.")})
    if payment.method != PaymentMethod.COD:
        raise Invalid(fields={"order": _("This order is not paid on delivery.")})
    payment = ledger.locked(payment_id=payment.id)
    line = _locked(line_id)
    if line.state != CashState.UNKNOWN:
        raise CashLineDone
    line.payment = payment
    compare(line, payment, refused=False)
    _save(actor, line)
    return line


def drop_line(actor: Actor, line_id: UUID, *, reason: str) -> RemittanceLine:
    """Lay a line aside: the carrier was wrong. Raises NotFound, Invalid without a reason, CashLineDone."""
    actor.require("payments.reconcile")
    form = Fields()
    reason = form.block("reason", reason, most=500, required=True)
    form.done()
    line = _locked(line_id)
    if line.state in {CashState.BOOKED, CashState.DROPPED}:
        raise CashLineDone
    line.state, line.difference_reason = CashState.DROPPED, reason
    _save(actor, line)
    audit.record(
        actor,
        "payments.drop_cash_line",
        subject=("remittance_line", line.id),
        after={"number": line.number, "amount_minor": line.amount_minor},
        reason=reason,
    )
    return line


def _book(actor: Actor, line_id: UUID, *, state: CashState, kind: str = "", reason: str = "") -> Receipt:
    found = RemittanceLine.objects.select_related("remittance").filter(id=line_id).first()
    if found is None or found.payment_id is None:
        raise CashLineDone
    payment = ledger.locked(payment_id=found.payment_id)
    line = _locked(line_id)
    missing = payment.amount_minor - payment.captured_minor
    if line.state != state or missing <= 0 or line.expected_minor != missing:
        raise CashLineDone
    amount = line.amount_minor if kind == AS_PAID else missing
    if amount <= 0:
        raise Invalid(fields={"kind": _("No money came; lay the line aside instead.")})
    carrier = found.remittance.carrier
    payment.collected_at, payment.carrier = payment.collected_at or now(), payment.carrier or carrier
    ledger.settle(payment, collected=True)
    receipt = write(
        actor,
        payment,
        Incoming(
            ReceiptMethod.COD,
            amount,
            reference=(found.remittance.reference or found.number)[:200],
            holder=carrier,
            source=(REMITTANCE_LINE, line.id),
        ),
    )
    line.state, line.difference_kind, line.difference_reason = CashState.BOOKED, kind, reason
    _save(actor, line)
    return receipt


def _locked(line_id: UUID) -> RemittanceLine:
    line = RemittanceLine.objects.select_for_update(no_key=True).filter(id=line_id).first()
    if line is None:
        raise NotFound
    return line


def _save(actor: Actor, line: RemittanceLine) -> None:
    line.changed_at, line.changed_by_name = now(), actor.name
    line.save()
