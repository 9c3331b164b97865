"""What becomes of a line of a bank statement: booked for an order, sent back, or laid aside. Undone by voiding its receipt.

Locks: the payment, then the line; so two people who book one line, or one who voids meanwhile, wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from callcart.commerce.payments import ledger
from callcart.commerce.payments.incoming import Incoming
from callcart.commerce.payments.matching import CERTAIN
from callcart.commerce.payments.models import LineState, Payment, Receipt, ReceiptMethod, StatementLine
from callcart.commerce.payments.receipts import write
from callcart.commerce.payments.sources import STATEMENT_LINE
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import unspoken
from callcart.core.money import Money
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import get_tenant


class LineDone(Conflict):
    """This line was already dealt with. Load the page again."""

    code = "payment.line_done"


@dataclass(frozen=True, slots=True)
class Booked:
    """What booking all certain lines did."""

    booked: int
    passed_over: int


def book_line(actor: Actor, line_id: UUID, *, order_number: str = "", amount: Money | None = None) -> Receipt:
    """Book a line, or `amount` of it, for an order: the proposed one where none is named. More than the order owes becomes a refund
    that is due. Raises NotFound, PermissionDenied above the actor's limit, Invalid, LineDone."""
    found = StatementLine.objects.select_related("proposed", "statement").filter(id=line_id).first()
    if found is None:
        raise NotFound
    wanted = amount if amount is not None else found.left
    actor.require("payments.reconcile")
    actor.require("payments.receive", amount=wanted.minor)
    payment = ledger.locked(payment_id=_payment_for(found, order_number).id)
    line = _locked(line_id)
    _check(line, payment, wanted)
    receipt = write(
        actor,
        payment,
        Incoming(
            ReceiptMethod.BANK_TRANSFER,
            wanted.minor,
            payer=line.payer[:200],
            reference=(line.reference or line.text)[:200],
            holder=found.statement.account,
            received_at=_moment(line),
            source=(STATEMENT_LINE, line.id),
        ),
    )
    line.booked_minor += wanted.minor
    line.state = LineState.BOOKED if line.left_minor == 0 else LineState.OPEN
    _save(actor, line)
    return receipt


def book_certain(actor: Actor, statement_id: UUID | None = None) -> Booked:
    """Book every open line whose order is certain, each by itself: one that meanwhile is not so any more is passed over."""
    actor.require("payments.reconcile")
    rows = StatementLine.objects.filter(state=LineState.OPEN, confidence__gte=CERTAIN)
    if statement_id is not None:
        rows = rows.filter(statement_id=statement_id)
    booked = passed = 0
    for row in rows.select_related("proposed").order_by("proposed_id")[:2000]:  # payments in one order
        missing = 0 if row.proposed is None else row.proposed.amount_minor - row.proposed.captured_minor
        try:
            with transaction.atomic():
                if missing != row.left_minor:
                    raise LineDone
                book_line(actor, row.id)
        except (Conflict, Invalid):
            passed += 1
        else:
            booked += 1
    return Booked(booked, passed)


def lay_aside(actor: Actor, line_id: UUID, *, state: LineState, note: str) -> StatementLine:
    """A line that pays no order: `ignored` (interest, a transfer of our own), or `going_back` to its sender. Raises NotFound, Invalid
    without a note, LineDone."""
    actor.require("payments.reconcile")
    form = Fields()
    note = form.block("note", note, most=500, required=True)
    form.choice("state", state, (LineState.IGNORED, LineState.GOING_BACK))
    form.done()
    line = _locked(line_id)
    if line.state != LineState.OPEN or line.booked_minor:
        raise LineDone
    line.state, line.note = state, note
    _save(actor, line)
    _note(actor, "payments.lay_aside", line, note)
    return line


def sent_back(actor: Actor, line_id: UUID, *, reference: str) -> StatementLine:
    """The money of a line went back to its sender. Raises NotFound, PermissionDenied above the actor's limit, Invalid, LineDone."""
    line = _locked(line_id)
    actor.require("payments.pay_out", amount=line.left_minor)
    form = Fields()
    reference = form.line("reference", reference, most=200, required=True)
    form.done()
    if line.state != LineState.GOING_BACK:
        raise LineDone
    line.state, line.note = LineState.RETURNED, f"{line.note}\n{reference}"
    _save(actor, line)
    _note(actor, "payments.sent_back", line, reference)
    return line


def reopen_line(actor: Actor, line_id: UUID) -> StatementLine:
    """A line laid aside by mistake waits again. Raises NotFound, LineDone for one that is booked or went back."""
    actor.require("payments.reconcile")
    line = _locked(line_id)
    if line.state not in {LineState.IGNORED, LineState.GOING_BACK} or line.amount_minor <= 0:
        raise LineDone
    line.state = LineState.OPEN
    _save(actor, line)
    _note(actor, "payments.reopen_line", line, "")
    return line


def _payment_for(line: StatementLine, order_number: str) -> Payment:
    if not order_number.strip():
        if line.proposed is None:
            raise Invalid(fields={"order": _("Give the number of the order.")})
        return line.proposed
    number = unspoken(order_number) or order_number.strip()
    found = Payment.objects.filter(order_number=number[:40]).first()
    if found is None:
        raise Invalid(fields={"order": _("There is no order of this number.")})
    return found


def _check(line: StatementLine, payment: Payment, wanted: Money) -> None:
    if line.state != LineState.OPEN:
        raise LineDone
    if wanted.currency != payment.currency or wanted.currency != line.currency:
        raise Invalid(fields={"amount": _("This order is in %(currency)s.") % {"currency": payment.currency}})
    if not 0 < wanted.minor <= line.left_minor:
        raise Invalid(fields={"amount": _("At most what is left of the line can be booked.")})


def _locked(line_id: UUID) -> StatementLine:
    line = StatementLine.objects.select_for_update(no_key=True).filter(id=line_id).first()
    if line is None:
        raise NotFound
    return line


def _moment(line: StatementLine) -> datetime:
    """Noon of the bank's day, in the shop's zone; not later than now."""
    zone = ZoneInfo(get_tenant(current_tenant()).timezone)
    return min(datetime.combine(line.day, time(12), tzinfo=zone), now())


def _save(actor: Actor, line: StatementLine) -> None:
    line.changed_at, line.changed_by_name = now(), actor.name
    line.save(update_fields=["booked_minor", "state", "note", "changed_at", "changed_by_name"])


def _note(actor: Actor, action: str, line: StatementLine, reason: str) -> None:
    after = {"state": line.state, "amount_minor": line.amount_minor}
    audit.record(actor, action, subject=("statement_line", line.id), after=after, reason=reason)
