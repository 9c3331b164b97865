"""Background work on money: asking about attempts that were never reported, charging instalments on their day, sending
refunds. Each may run twice; each commits before it calls a provider, and again after.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import F

from callcart.commerce.payments import dunning, ledger
from callcart.commerce.payments.accounts import open_gateway
from callcart.commerce.payments.gateway import (
    ChargeRequest,
    GatewayRefused,
    GatewayUnreachable,
    RefundRequest,
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

RECONCILE_AFTER_SECONDS = 120
ASKED_EVERY_SECONDS = 900
GIVEN_UP_AFTER = timedelta(hours=48)


@jobs.job(queue="payments", retry=8, atomic=False)
def reconcile_attempt(*, attempt_id: str) -> None:
    """Ask the provider what became of an attempt that no message has told us of; again later while it is open, or while
    the provider does not answer."""
    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        attempt = Attempt.objects.select_related("instalment", "payment").filter(id=attempt_id).first()
    if attempt is None or attempt.state not in {AttemptState.INTENDED, AttemptState.OPEN}:
        return
    try:
        settled = _ask(attempt)
    except GatewayUnreachable:
        settled = False
    else:
        if not settled and now() - attempt.made_at > GIVEN_UP_AFTER:
            with tenant_transaction(tenant_id):
                _give_up(attempt)
            return
    if not settled:
        with tenant_transaction(tenant_id):
            jobs.defer_in(ASKED_EVERY_SECONDS, reconcile_attempt, attempt_id=attempt_id)


def _ask(attempt: Attempt) -> bool:
    """Whether the provider knows how an attempt ended; it is booked then. A charge that never reached the provider is sent
    again: the same key is charged once, however often it comes."""
    from callcart.commerce.payments.webhook import apply_event

    tenant_id = current_tenant()
    event = open_gateway(attempt.provider).look_up(key_of(tenant_id, attempt.id), attempt.reference or "")
    if event is not None:
        with tenant_transaction(tenant_id):
            apply_event(attempt.provider, event)
        return True
    if _holds_claim(attempt):
        _charge(attempt, mandate=attempt.payment.mandate, number=attempt.payment.order_number)
        return True
    return False


def _holds_claim(attempt: Attempt) -> bool:
    """Whether its instalment is claimed, and by this very attempt: a page for the same instalment may be open besides."""
    row = attempt.instalment
    return row is not None and row.state == InstalmentState.CLAIMED and row.claimed_at == attempt.made_at


def _give_up(attempt: Attempt) -> None:
    """Nobody paid. A late payment would still be booked."""
    payment = ledger.locked(payment_id=attempt.payment_id)
    waiting = [AttemptState.INTENDED, AttemptState.OPEN]
    moved = Attempt.objects.filter(id=attempt.id, state__in=waiting).update(
        state=AttemptState.EXPIRED, changed_at=now()
    )
    if moved:
        release_instalment(attempt)
        ledger.tell(payment)


def release_instalment(attempt: Attempt) -> None:
    """An instalment whose charge came to nothing is overdue: the customer may pay it, and its schedule charges it again. The
    caller holds the payment's lock."""
    if attempt.instalment_id is None:
        return
    row = Instalment.objects.filter(
        id=attempt.instalment_id, state=InstalmentState.CLAIMED, claimed_at=attempt.made_at
    )
    if row.update(state=InstalmentState.OVERDUE):
        instalment = Instalment.objects.select_related("payment").get(id=attempt.instalment_id)
        dunning.failed(instalment, instalment.payment, failure=attempt.failure or "expired")


@jobs.job(queue="payments", retry=8, atomic=False)
def charge_instalment(*, instalment_id: str) -> None:
    """Collect one instalment on the customer's mandate. Whoever claims the row charges; nobody else does."""
    with tenant_transaction(current_tenant()):
        claimed = claim_instalment(UUID(instalment_id))
    if claimed is not None:
        attempt, mandate, number = claimed
        _charge(attempt, mandate=mandate, number=number)


def _charge(attempt: Attempt, *, mandate: str, number: str) -> None:
    """Take the money of a committed attempt, and book what the provider says. A refusal to charge at all is a charge that
    failed; where the provider is not reached nothing is known, and the reconciling job sends it again."""
    from callcart.commerce.payments.webhook import apply_event

    tenant_id = current_tenant()
    request = ChargeRequest(
        key=key_of(tenant_id, attempt.id),
        amount=Money(attempt.amount_minor, attempt.currency),
        mandate=mandate,
        description=number,
    )
    try:
        event = open_gateway(attempt.provider).charge(request)
    except GatewayRefused as error:
        with tenant_transaction(tenant_id):
            _charge_failed(attempt, error.code)
        return
    if event is None:
        return  # the provider has not decided: it will tell, or is asked
    with tenant_transaction(tenant_id):
        apply_event(attempt.provider, event)


def _charge_failed(attempt: Attempt, failure: str) -> None:
    payment = ledger.locked(payment_id=attempt.payment_id)
    moved = Attempt.objects.filter(id=attempt.id, state=AttemptState.INTENDED).update(
        state=AttemptState.FAILED, failure=failure, changed_at=now()
    )
    if moved:
        attempt.failure = failure
        release_instalment(attempt)
        ledger.tell(payment)


def claim_instalment(instalment_id: UUID) -> tuple[Attempt, str, str] | None:
    """Claim an instalment by conditional update and note the attempt; None where another has it, it is paid, or there is
    no mandate."""
    row = Instalment.objects.select_related("payment").filter(id=instalment_id).first()
    if row is None:
        return None
    payment = ledger.locked(payment_id=row.payment_id)
    missing = payment.amount_minor - payment.captured_minor
    if payment.state == PaymentState.CANCELLED or not payment.mandate or missing <= 0:
        return None
    moment = now()
    won = Instalment.objects.filter(
        id=instalment_id,
        state__in=[InstalmentState.SCHEDULED, InstalmentState.OVERDUE],
        tries__lt=dunning.CHARGES,
        amount_minor__gt=0,
    ).update(state=InstalmentState.CLAIMED, claimed_at=moment, tries=F("tries") + 1)
    if not won:
        return None
    row.refresh_from_db()
    attempt = Attempt.objects.create(
        payment=payment,
        instalment=row,
        provider=payment.provider,
        amount_minor=min(row.amount_minor, missing),
        currency=payment.currency,
        made_at=moment,
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
        reference = open_gateway(attempt.provider).refund(
            RefundRequest(
                key=key_of(tenant_id, row.id),
                reference=attempt.reference or "",
                amount=Money(row.amount_minor, row.currency),
            )
        )
    except GatewayRefused as error:
        failure = error.code
    except GatewayUnreachable:
        with tenant_transaction(tenant_id):
            jobs.defer_in(ASKED_EVERY_SECONDS, send_refund, refund_id=refund_id)
        return
    with tenant_transaction(tenant_id):
        _refunded(row.id, row.payment_id, reference, failure)


def _refunded(refund_id: UUID, payment_id: UUID, reference: str, failure: str) -> None:
    payment: Payment = ledger.locked(payment_id=payment_id)
    row = Refund.objects.select_related("receipt").filter(id=refund_id, state=RefundState.IN_FLIGHT).first()
    if row is None:
        return  # another run of this job was faster
    actor = Actor.system(current_tenant(), "gateway", channel="gateway")
    if failure:
        row.state, row.failure, row.changed_at = RefundState.FAILED, failure, now()
        row.save(update_fields=["state", "failure", "changed_at"])
    else:
        ledger.refunded(actor, payment, row, reference=reference)
    audit.record(
        actor,
        f"payments.refund_{row.state}",
        subject=("payment", payment.id),
        after={"refund": refund_id, "reference": reference, "failure": failure},
    )
    ledger.tell(payment)
