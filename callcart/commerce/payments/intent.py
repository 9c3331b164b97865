"""What an order owes: made when it is placed, changed when it is edited, ended when it is cancelled. Called by the orders
domain inside its own transactions, after its own checks.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.models import (
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
    PaymentState,
)
from callcart.commerce.payments.plan import LEAST, MOST, Plan, parts_of_plan
from callcart.core import audit, many
from callcart.core.actor import Actor
from callcart.core.clock import now, today
from callcart.core.errors import NotFound
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant

MOST_INSTALMENTS, LEAST_INSTALMENTS = MOST, LEAST


def create_intent(
    actor: Actor,
    *,
    order_id: UUID,
    order_number: str,
    method: PaymentMethod,
    amount: Money,
    instalments: int = 0,
    customer_id: UUID | None = None,
    payer: str = "",
    taken_by: UUID | None = None,
) -> Payment:
    """Note what an order owes. Instalments are equal parts (largest remainder), the first due today, then every month
    (`plan.due_days` holds the month-end rule)."""
    payment = Payment(
        order_id=order_id,
        order_number=order_number,
        method=method,
        state=PaymentState.DUE_ON_DELIVERY if method == PaymentMethod.COD else PaymentState.DUE,
        amount_minor=amount.minor,
        currency=amount.currency,
        customer_id=customer_id,
        payer_name=payer,
        taken_by=taken_by,
        made_at=now(),
    )
    if not amount and method != PaymentMethod.COD:
        payment.state = PaymentState.PAID
    many.insert([payment], kept=True)
    if method == PaymentMethod.INSTALMENTS:
        _plan(payment, instalments)
    return payment


def parts_of(amount: Money, count: int) -> list[Money]:
    """What each instalment of a new plan comes to, the first first."""
    return amount.allocate([1] * count)


def _plan(payment: Payment, count: int) -> None:
    if not LEAST_INSTALMENTS <= count <= MOST_INSTALMENTS:
        raise ValueError("the number of instalments was not checked")
    made_on = today(get_tenant(payment.tenant_id).timezone)
    write_plan(payment, Plan(count, made_on), made_on=made_on)


def write_plan(payment: Payment, plan: Plan, *, made_on: date, after: int = 0) -> None:
    """Write the instalments of a plan for what is owed; numbers begin after `after`."""
    parts = parts_of_plan(plan, Money(payment.amount_minor, payment.currency), made_on=made_on)
    Instalment.objects.bulk_create(
        [
            Instalment(payment=payment, number=number, due_on=part.due_on, amount_minor=part.amount.minor)
            for number, part in enumerate(parts, start=after + 1)
        ]
    )


def change_amount(actor: Actor, order_id: UUID, amount: Money, *, reason: str = "") -> Payment:
    """The order's total has changed: ask for the difference, or give it back. Unpaid instalments share what is left."""
    payment = ledger.locked(order_id=order_id)
    before = payment.amount_minor
    payment.relieved_minor = min(payment.relieved_minor, amount.minor)
    if before == amount.minor - payment.relieved_minor:
        return payment
    payment.amount_minor = amount.minor - payment.relieved_minor
    _replan(payment)
    ledger.settle(payment, reason=reason or "order changed")
    audit.record(
        actor,
        "payments.change_amount",
        subject=("payment", payment.id),
        before={"amount_minor": before},
        after={"amount_minor": payment.amount_minor},
        reason=reason,
    )
    return payment


def _replan(payment: Payment) -> None:
    rows = list(Instalment.objects.filter(payment=payment).order_by("number"))
    fixed = [row for row in rows if row.state in {InstalmentState.PAID, InstalmentState.CLAIMED}]
    open_rows = [row for row in rows if row.state in {InstalmentState.SCHEDULED, InstalmentState.OVERDUE}]
    if not open_rows:
        return
    left = max(payment.amount_minor - sum(row.amount_minor for row in fixed), 0)
    parts = Money(left, payment.currency).allocate([1] * len(open_rows))
    for row, part in zip(open_rows, parts, strict=True):
        row.amount_minor = part.minor
    Instalment.objects.bulk_update(open_rows, ["amount_minor"])


def cancel_payment(actor: Actor, order_id: UUID, *, reason: str = "") -> Payment | None:
    """The order is cancelled: nothing is owed any more, and what has come must go back. None where there was no
    payment. A second call changes nothing."""
    try:
        payment = ledger.locked(order_id=order_id)
    except NotFound:
        return None
    if payment.state == PaymentState.CANCELLED:
        return payment
    before = payment.state
    payment.state = PaymentState.CANCELLED
    Instalment.objects.filter(
        payment=payment, state__in=[InstalmentState.SCHEDULED, InstalmentState.OVERDUE]
    ).update(state=InstalmentState.CANCELLED)
    ledger.settle(payment, reason=reason)
    audit.record(
        actor,
        "payments.cancel",
        subject=("payment", payment.id),
        before={"state": before},
        after={"state": payment.state},
        reason=reason,
    )
    return payment
