"""Sending a customer to a provider's page: commit the attempt, ask the provider, commit the answer.

Runs outside of any transaction of the caller's. If we die in between, the attempt stands as `intended`; the webhook or
the reconciling job finds out what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.gateway import SessionRequest, gateway, gateway_names, key_of
from callcart.commerce.payments.jobs import RECONCILE_AFTER_SECONDS, reconcile_attempt
from callcart.commerce.payments.models import Attempt, AttemptState, PaymentMethod
from callcart.core import jobs
from callcart.core.clock import now
from callcart.core.errors import Conflict
from callcart.core.money import Money
from callcart.core.tenancy import current_tenant, tenant_transaction

REUSED_FOR = timedelta(minutes=10)


class NothingDue(Conflict):
    """There is nothing to pay for this order now."""

    code = "payment.nothing_due"


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send the customer."""

    url: str
    attempt_id: UUID
    amount: Money


def start_payment(
    order_id: UUID, *, return_url: str, notify_url: str, language: str = "en", provider: str = ""
) -> Redirect:
    """The provider's page for what an order owes now. A page opened minutes ago for the same amount is used again, and one
    that is being opened is asked for under the same key: two clicks are one page. Raises NoPayment, NothingDue, GatewayUnreachable, GatewayRefused."""
    tenant_id = current_tenant()
    name = provider or gateway_names()[0]
    with tenant_transaction(tenant_id):
        attempt, description, keep_mandate = _intend(order_id, name)
    amount = Money(attempt.amount_minor, attempt.currency)
    if attempt.url:
        return Redirect(attempt.url, attempt.id, amount)
    session = gateway(name).create_session(
        SessionRequest(
            key=key_of(tenant_id, attempt.id),
            amount=amount,
            description=description,
            language=language,
            return_url=return_url,
            notify_url=notify_url,
            keep_mandate=keep_mandate,
        )
    )
    with tenant_transaction(tenant_id):
        _opened(attempt.id, session.reference, session.url)
    return Redirect(session.url, attempt.id, amount)


def _intend(order_id: UUID, provider: str) -> tuple[Attempt, str, bool]:
    payment = ledger.locked(order_id=order_id)
    due, instalment = ledger.amount_due_now(payment)
    if due <= 0:
        raise NothingDue
    description, keep = payment.order_number, payment.method == PaymentMethod.INSTALMENTS
    usable = Attempt.objects.filter(
        payment=payment,
        provider=provider,
        state__in=[AttemptState.INTENDED, AttemptState.OPEN],
        amount_minor=due,
        instalment=instalment,
        made_at__gt=now() - REUSED_FOR,
    )
    attempt = usable.order_by("-id").first()
    if attempt is None:
        attempt = Attempt.objects.create(
            payment=payment,
            instalment=instalment,
            provider=provider,
            amount_minor=due,
            currency=payment.currency,
            made_at=now(),
        )
        jobs.defer_in(RECONCILE_AFTER_SECONDS, reconcile_attempt, attempt_id=str(attempt.id))
    return attempt, description, keep


def _opened(attempt_id: UUID, reference: str, url: str) -> None:
    """Keep the provider's answer. The webhook may have been faster: then only what it could not know is added."""
    attempt = Attempt.objects.select_for_update(no_key=True).get(id=attempt_id)
    attempt.reference, attempt.url = attempt.reference or reference, url
    if attempt.state == AttemptState.INTENDED:
        attempt.state = AttemptState.OPEN
    attempt.save(update_fields=["reference", "url", "state"])
