"""Changing a plan of instalments: another day for one of them, or another plan while nothing has been paid."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.commerce.payments import ledger
from callcart.commerce.payments.dunning import OPEN, clear_arrears, put_on_schedule
from callcart.commerce.payments.intent import write_plan
from callcart.commerce.payments.models import (
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
    PaymentState,
)
from callcart.commerce.payments.plan import LEAST, MOST, MOST_DAYS_BETWEEN, Plan
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import today
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.people.tenants.public import get_tenant

FARTHEST = timedelta(days=366)


class PlanUnderWay(Conflict):
    """This plan can no longer be replaced: something was paid, is being paid, or the order is cancelled."""

    code = "instalment.plan_under_way"


class InstalmentClosed(Conflict):
    """This instalment is paid, being paid, or cancelled."""

    code = "instalment.closed"


def move_due(actor: Actor, instalment_id: UUID, *, due_on: date | None, reason: str) -> Instalment:
    """Agree on another day for an instalment: not before today, and in the order of the plan. Its reminders and charges begin
    anew. Raises PermissionDenied, NotFound, Invalid, InstalmentClosed."""
    actor.require("payments.change_plan")
    found = Instalment.objects.filter(id=instalment_id).first()
    if found is None:
        raise NotFound
    payment = ledger.locked(payment_id=found.payment_id)
    row = Instalment.objects.get(id=instalment_id)  # under the payment's lock
    if row.state not in OPEN or payment.state == PaymentState.CANCELLED:
        raise InstalmentClosed
    form = Fields()
    reason = form.line("reason", reason, most=200, required=True)
    _check_day(form, row, due_on)
    form.done()
    before = row.due_on
    row.due_on = due_on or before
    row.state, row.tries, row.failure = InstalmentState.SCHEDULED, 0, ""
    row.save(update_fields=["due_on", "state", "tries", "failure"])
    if payment.captured_minor or row.next_at is not None or row.step:
        put_on_schedule(row)
    clear_arrears(payment)
    audit.record(
        actor,
        "payments.change_plan",
        subject=("payment", payment.id),
        before={"instalment": row.number, "due_on": before},
        after={"due_on": row.due_on},
        reason=reason,
    )
    ledger.tell(payment)
    return row


def _check_day(form: Fields, row: Instalment, due_on: date | None) -> None:
    day = today(get_tenant().timezone)
    if due_on is None:
        form.refuse("due_on", _("Give a day."))
        return
    if due_on < day:
        form.refuse("due_on", _("Give today or a day to come."))
    elif due_on > day + FARTHEST:
        form.refuse("due_on", _("At most a year from now."))
    others = Instalment.objects.filter(payment_id=row.payment_id, state__in=OPEN).exclude(id=row.id)
    before = others.filter(number__lt=row.number, due_on__gt=due_on)
    if before.exists() or others.filter(number__gt=row.number, due_on__lt=due_on).exists():
        form.refuse("due_on", _("This would change the order of the instalments."))


def replace_plan(actor: Actor, order_id: UUID, *, plan: Plan, reason: str) -> Payment:
    """Another plan for an order of which nothing was paid. Raises PermissionDenied, NoPayment, Invalid, PlanUnderWay."""
    actor.require("payments.change_plan")
    payment = ledger.locked(order_id=order_id)
    rows = Instalment.objects.filter(payment=payment)
    started = rows.filter(state__in=[InstalmentState.PAID, InstalmentState.CLAIMED]).exists()
    if payment.method != PaymentMethod.INSTALMENTS or payment.captured_minor or started:
        raise PlanUnderWay
    if payment.state == PaymentState.CANCELLED:
        raise PlanUnderWay
    form, day = Fields(), today(get_tenant().timezone)
    reason = form.line("reason", reason, most=200, required=True)
    _check_plan(form, plan, payment, day)
    form.done()
    last = max(rows.values_list("number", flat=True), default=0)
    before = [f"{row.due_on} {row.amount_minor}" for row in rows.exclude(state=InstalmentState.CANCELLED)]
    # Kept, as visits to a provider may hang on them; of no amount, so that they count for nothing.
    rows.update(state=InstalmentState.CANCELLED, amount_minor=0, next_at=None)
    write_plan(payment, plan, made_on=day, after=last)
    audit.record(
        actor,
        "payments.change_plan",
        subject=("payment", payment.id),
        before={"plan": before},
        after={"count": plan.count, "first_due": plan.first_due, "deposit_minor": plan.deposit_minor},
        reason=reason,
    )
    ledger.tell(payment)
    return payment


def _check_plan(form: Fields, plan: Plan, payment: Payment, day: date) -> None:
    if not LEAST <= plan.count <= MOST:
        form.refuse("count", _("Give a number from %(least)s to %(most)s.") % {"least": LEAST, "most": MOST})
    if not day <= plan.first_due <= day + FARTHEST:
        form.refuse("first_due", _("Give today or a day to come."))
    if not 0 <= plan.days <= MOST_DAYS_BETWEEN:
        form.refuse("days", _("Give a number of days up to %(most)s.") % {"most": MOST_DAYS_BETWEEN})
    if not 0 <= plan.deposit_minor < payment.amount_minor:
        form.refuse("deposit", _("The deposit has to be less than the amount of the order."))
