"""Background work on money: asking about attempts that were never reported, charging instalments on their day, sending
refunds. Each may run twice; each commits before it calls a provider, and again after.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F

from callcart.commerce.payments import ledger
from callcart.commerce.payments.gateway import (
    ChargeRequest,
    GatewayRefused,
    RefundRequest,
    gateway,
    key_of,
)
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    Instalment,
    InstalmentState,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from callcart.core import audit, jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.people.tenants.public import get_tenant

RECONCILE_AFTER_SECONDS = 120
ASKED_EVERY_SECONDS = 900
GIVEN_UP_AFTER = timedelta(hours=48)
CHARGE_HOUR = time(9)
MOST_TRIES = 4


@jobs.job(queue="payments", retry=8, atomic=False)
def reconcile_attempt(*, attempt_id: str) -> None:
    """Ask the provider what became of an attempt that no message has told us of; again later while it is open."""
    from callcart.commerce.payments.webhook import apply_event

    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        attempt = Attempt.objects.filter(id=attempt_id).first()
    if attempt is None or attempt.state not in {AttemptState.INTENDED, AttemptState.OPEN}:
        return
    event = gateway(attempt.provider).look_up(key_of(tenant_id, attempt.id))
    with tenant_transaction(tenant_id):
        if event is not None:
            apply_event(attempt.provider, event)
        elif now() - attempt.made_at > GIVEN_UP_AFTER:
            _give_up(attempt)
        else:
            jobs.defer_in(ASKED_EVERY_SECONDS, reconcile_attempt, attempt_id=attempt_id)


def _give_up(attempt: Attempt) -> None:
    """Nobody paid. A late payment would still be booked."""
    payment = ledger.locked(payment_id=attempt.payment_id)
    waiting = [AttemptState.INTENDED, AttemptState.OPEN]
    moved = Attempt.objects.filter(id=attempt.id, state__in=waiting).update(
        state=AttemptState.EXPIRED, changed_at=now()
    )
    if moved:
        Instalment.objects.filter(id=attempt.instalment_id, state=InstalmentState.CLAIMED).update(
            state=InstalmentState.OVERDUE
        )
        ledger.tell(payment)


def schedule_instalments(payment_id: UUID) -> None:
    """Have each open instalment charged at nine in the morning of its day."""
    zone = ZoneInfo(get_tenant(current_tenant()).timezone)
    for row in Instalment.objects.filter(payment_id=payment_id, state=InstalmentState.SCHEDULED):
        moment = datetime.combine(row.due_on, CHARGE_HOUR, tzinfo=zone)
        seconds = max(int((moment - now()).total_seconds()), 0)
        jobs.defer_in(seconds, charge_instalment, instalment_id=str(row.id))


@jobs.job(queue="payments", retry=8, atomic=False)
def charge_instalment(*, instalment_id: str) -> None:
    """Collect one instalment on the customer's mandate. Whoever claims the row charges; nobody else does."""
    from callcart.commerce.payments.webhook import apply_event

    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        claimed = claim_instalment(UUID(instalment_id))
    if claimed is None:
        return
    attempt, mandate, number = claimed
    event = gateway(attempt.provider).charge(
        ChargeRequest(
            key=key_of(tenant_id, attempt.id),
            amount=Money(attempt.amount_minor, attempt.currency),
            mandate=mandate,
            description=number,
        )
    )
    with tenant_transaction(tenant_id):
        apply_event(attempt.provider, event)


def claim_instalment(instalment_id: UUID) -> tuple[Attempt, str, str] | None:
    """Claim an instalment by conditional update and note the attempt; None where another has it, it is paid, or there is
    no mandate."""
    row = Instalment.objects.select_related("payment").filter(id=instalment_id).first()
    if row is None:
        return None
    payment = ledger.locked(payment_id=row.payment_id)
    if payment.state == PaymentState.CANCELLED or not payment.mandate:
        return None
    won = Instalment.objects.filter(
        id=instalment_id,
        state__in=[InstalmentState.SCHEDULED, InstalmentState.OVERDUE],
        tries__lt=MOST_TRIES,
        amount_minor__gt=0,
    ).update(state=InstalmentState.CLAIMED, claimed_at=now(), tries=F("tries") + 1)
    if not won:
        return None
    row.refresh_from_db()
    attempt = Attempt.objects.create(
        payment=payment,
        instalment=row,
        provider=payment.provider,
        amount_minor=row.amount_minor,
        currency=payment.currency,
        made_at=now(),
    )
    jobs.defer_in(RECONCILE_AFTER_SECONDS, reconcile_attempt, attempt_id=str(attempt.id))
    return attempt, payment.mandate, payment.order_number


@jobs.job(queue="payments", retry=8, atomic=False)
def send_refund(*, refund_id: str) -> None:
    """Give money back. The provider does the same key once, so a second run cannot pay twice."""
    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        row = Refund.objects.select_related("attempt").filter(id=refund_id).first()
        if row is None or row.state != RefundState.IN_FLIGHT or row.attempt is None:
            return
        attempt = row.attempt
    reference, failure = "", ""
    try:
        reference = gateway(attempt.provider).refund(
            RefundRequest(
                key=key_of(tenant_id, row.id),
                reference=attempt.reference or "",
                amount=Money(row.amount_minor, row.currency),
            )
        )
    except GatewayRefused as error:
        failure = error.code
    with tenant_transaction(tenant_id):
        _refunded(row.id, row.payment_id, reference, failure)


def _refunded(refund_id: UUID, payment_id: UUID, reference: str, failure: str) -> None:
    payment: Payment = ledger.locked(payment_id=payment_id)
    state = RefundState.FAILED if failure else RefundState.DONE
    moved = Refund.objects.filter(id=refund_id, state=RefundState.IN_FLIGHT).update(
        state=state, reference=reference, failure=failure, changed_at=now()
    )
    if moved:
        audit.record(
            Actor.system(current_tenant(), "gateway", channel="gateway"),
            f"payments.refund_{state}",
            subject=("payment", payment.id),
            after={"refund": refund_id, "reference": reference, "failure": failure},
        )
        ledger.tell(payment)
