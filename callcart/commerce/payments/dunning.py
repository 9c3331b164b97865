"""What happens to an instalment around its day: a notice, a charge, the charge again, and in the end a person.

The schedule is data (`DUNNING`). Each instalment keeps which step is next and when; a sweep takes due steps one by one, each
in a transaction of its own that moves the instalment on before anything else can see it. A worker that dies has either taken a
step or not; a charge is claimed apart (`jobs.claim_instalment`), so nobody is charged twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.utils.translation import gettext_lazy as _

from callcart.commerce.payments import ledger
from callcart.commerce.payments.models import (
    Attempt,
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
    PaymentState,
)
from callcart.core import events, jobs
from callcart.core.clock import now
from callcart.core.database import parameters
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.people.tasks import public as tasks
from callcart.people.tenants.public import get_tenant

TASK = "instalment_overdue"
HOUR = time(9)
PORTION = 100
OPEN = (InstalmentState.SCHEDULED, InstalmentState.OVERDUE)

tasks.declare(
    TASK,
    label=_("Instalments overdue"),
    sentence=_("An instalment of order %(number)s could not be collected"),
    link="office:order",
    permission="payments.view",
    calls=True,
)


class Act(StrEnum):
    NOTICE = "notice"
    CHARGE = "charge"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Step:
    """`days` from the due day on; before it where negative."""

    days: int
    act: Act


DUNNING = (
    Step(-3, Act.NOTICE),
    Step(0, Act.CHARGE),
    Step(1, Act.CHARGE),
    Step(3, Act.CHARGE),
    Step(7, Act.CHARGE),
    Step(8, Act.PERSON),
)
CHARGES = sum(step.act is Act.CHARGE for step in DUNNING)


def moment_of(due_on: date, step: Step) -> datetime:
    """Nine in the morning of a step's day, by the shop's clock."""
    zone = ZoneInfo(get_tenant(current_tenant()).timezone)
    return datetime.combine(due_on + timedelta(days=step.days), HOUR, tzinfo=zone)


def schedule(payment: Payment) -> None:
    """Give each instalment that has none its first step: a notice only where there is time for it."""
    for row in Instalment.objects.filter(payment=payment, state=InstalmentState.SCHEDULED, next_at=None):
        put_on_schedule(row)


def put_on_schedule(row: Instalment) -> None:
    """Begin an instalment's schedule anew."""
    row.step = 0
    while DUNNING[row.step].act is Act.NOTICE and moment_of(row.due_on, DUNNING[row.step]) < now():
        row.step += 1
    row.next_at = max(moment_of(row.due_on, DUNNING[row.step]), now())
    row.save(update_fields=["step", "next_at"])


def after_capture(payment: Payment, attempt: Attempt) -> None:
    """A provider has taken money for an order: what it covers is paid; the first brings the mandate, and the others are put on
    their schedule. The caller holds the payment's lock."""
    from callcart.commerce.payments.receipts import cover_instalments

    if payment.method != PaymentMethod.INSTALMENTS:
        return
    cover_instalments(payment)
    schedule(payment)
    clear_arrears(payment)
    data = {"order_id": payment.order_id, "instalment_id": attempt.instalment_id}
    events.emit("payments.instalment_paid", subject=("order", payment.order_id), data=data)


def clear_arrears(payment: Payment) -> None:
    """Nothing is overdue any more: the flag and the task go."""
    if payment.arrears_since is None:
        return
    overdue = Instalment.objects.filter(payment=payment, state=InstalmentState.OVERDUE)
    if payment.state != PaymentState.CANCELLED and overdue.exists():
        return
    payment.arrears_since = None
    Payment.objects.filter(id=payment.id).update(arrears_since=None)
    tasks.close_tasks(TASK, ("order", payment.order_id), outcome="paid")


def failed(row: Instalment, payment: Payment, *, failure: str) -> None:
    """A charge came to nothing: tell. What comes next stands in the schedule already."""
    Instalment.objects.filter(id=row.id).update(failure=failure[:200])
    _emit("payments.instalment_failed", row, payment, reason=failure[:100], number=row.number)


def take_step(instalment_id: UUID) -> Act | None:
    """Take the step of an instalment that is due, in the transaction in hand; None where none is (any more)."""
    found = Instalment.objects.filter(id=instalment_id).values("payment_id").first()
    if found is None:
        return None
    payment = ledger.locked(payment_id=found["payment_id"])
    row = Instalment.objects.get(id=instalment_id)  # under the payment's lock
    if row.next_at is None or row.next_at > now():
        return None
    if row.state == InstalmentState.CLAIMED:
        _later(row)
        return None
    if row.state not in OPEN or payment.state in {PaymentState.CANCELLED, PaymentState.PAID}:
        Instalment.objects.filter(id=row.id).update(next_at=None)
        return None
    if DUNNING[row.step].act is Act.NOTICE and moment_of(row.due_on, DUNNING[row.step + 1]) <= now():
        row.step += 1  # the worker was down: a notice of a day that is past tells nobody anything
    step = DUNNING[row.step]
    _move_on(row)
    _act(step, row, payment)
    return step.act


def _act(step: Step, row: Instalment, payment: Payment) -> None:
    from callcart.commerce.payments.jobs import charge_instalment

    if step.act is Act.NOTICE:
        _emit("payments.instalment_due", row, payment, days=-step.days)
    elif step.act is Act.CHARGE and payment.mandate:
        jobs.defer(charge_instalment, instalment_id=str(row.id))
    elif step.act is Act.CHARGE and step.days <= 0:
        _emit("payments.instalment_due", row, payment, days=0)
    elif step.act is Act.CHARGE:
        Instalment.objects.filter(id=row.id).update(state=InstalmentState.OVERDUE)
        _emit("payments.instalment_failed", row, payment, reason="unpaid", number=row.number)
    else:
        _hand_over(row, payment)


def _hand_over(row: Instalment, payment: Payment) -> None:
    """The schedule is at its end: a person calls, and the order carries a flag."""
    Instalment.objects.filter(id=row.id).update(state=InstalmentState.OVERDUE)
    if payment.arrears_since is None:
        Payment.objects.filter(id=payment.id).update(arrears_since=now())
    tasks.open_task(
        TASK,
        subject=("order", payment.order_id),
        customer_id=payment.customer_id,
        data={"number": payment.order_number},
    )
    _emit("payments.instalment_overdue", row, payment)
    ledger.tell(payment)


def _move_on(row: Instalment) -> None:
    """The next step, on its day; where that is past (the worker was down) not before tomorrow morning."""
    row.step += 1
    row.next_at = None
    if row.step < len(DUNNING):
        tomorrow = moment_of(now().astimezone(_zone()).date() + timedelta(days=1), Step(0, Act.CHARGE))
        row.next_at = max(moment_of(row.due_on, DUNNING[row.step]), tomorrow)
    row.save(update_fields=["step", "next_at"])


def _later(row: Instalment) -> None:
    """It is being charged at this moment: look again in an hour."""
    Instalment.objects.filter(id=row.id).update(next_at=now() + timedelta(hours=1))


def _zone() -> ZoneInfo:
    return ZoneInfo(get_tenant(current_tenant()).timezone)


def _emit(kind: str, row: Instalment, payment: Payment, **more: object) -> None:
    data = {"order_id": payment.order_id, "instalment_id": row.id, **more}
    events.emit(kind, subject=("order", payment.order_id), data=data)


_DUE_TENANTS = """
SELECT DISTINCT tenant_id FROM payments_instalment WHERE next_at <= %s AND state IN ('scheduled', 'claimed', 'overdue')
"""


@jobs.periodic(cron="*/5 * * * *")
def dun() -> None:
    """Have every shop with due steps take them."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        due = [int(row[0]) for row in connection.execute(_DUE_TENANTS, [now()])]
    for tenant_id in due:
        with tenant_transaction(tenant_id):
            jobs.defer(dun_shop)


@jobs.job(queue="payments", retry=5, atomic=False)
def dun_shop() -> None:
    """Take all due steps of a shop, each in a transaction of its own; ends where none is left."""
    while True:
        with tenant_transaction(current_tenant()):
            due = Instalment.objects.filter(next_at__lte=now(), state__in=[*OPEN, InstalmentState.CLAIMED])
            ids = list(due.order_by("next_at", "id").values_list("id", flat=True)[:PORTION])
        for instalment_id in ids:
            with tenant_transaction(current_tenant()):
                take_step(instalment_id)
        if len(ids) < PORTION:
            return
