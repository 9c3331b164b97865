"""Sending a customer to a provider's page: commit the attempt, ask the provider, commit the answer.

Runs outside of any transaction of the caller's. If we die in between, the attempt stands as `intended`; the webhook or
the reconciling job finds out what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.accounts import chosen, open_gateway
from callcart.commerce.payments.gateway import SessionRequest, key_of
from callcart.commerce.payments.jobs import RECONCILE_AFTER_SECONDS, reconcile_attempt
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    Instalment,
    InstalmentState,
    Payment,
    PaymentMethod,
)
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
    order_id: UUID,
    *,
    return_url: str,
    notify_url: str,
    language: str = "en",
    provider: str = "",
    all_of_it: bool = False,
    mobile: bool = False,
) -> Redirect:
    """The provider's page for what an order owes now, or with `all_of_it` for everything it still owes (instalments paid early).
    `notify_url` may hold `{provider}`. A page opened minutes ago for the same amount is used again, and one that is being
    opened is asked for under the same key: two clicks are one page. Raises NoPayment, NothingDue, NoWayToPay, NotFound for a
    provider not on offer, GatewayUnreachable, GatewayRefused."""
    tenant_id = current_tenant()
    with tenant_transaction(tenant_id):
        payment = ledger.locked(order_id=order_id)
        offer = chosen(provider, payment.currency)
        attempt = _intend(payment, offer.provider, all_of_it=all_of_it)
        description = payment.order_number
        keep_mandate = payment.method == PaymentMethod.INSTALMENTS and offer.mandates and not all_of_it
    amount = Money(attempt.amount_minor, attempt.currency)
    if attempt.url:
        return Redirect(attempt.url, attempt.id, amount)
    session = open_gateway(offer.provider).create_session(
        SessionRequest(
            key=key_of(tenant_id, attempt.id),
            amount=amount,
            description=description,
            language=language,
            return_url=return_url,
            notify_url=notify_url.replace("{provider}", offer.provider),
            keep_mandate=keep_mandate,
            mobile=mobile,
        )
    )
    with tenant_transaction(tenant_id):
        _opened(attempt.id, session.reference, session.url)
    return Redirect(session.url, attempt.id, amount)


def _intend(payment: Payment, provider: str, *, all_of_it: bool) -> Attempt:
    due, instalment = ledger.amount_due_now(payment)
    if all_of_it and due > 0:
        due, instalment = payment.amount_minor - payment.captured_minor - under_way(payment), None
    if due <= 0:
        raise NothingDue
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
    return attempt


def under_way(payment: Payment) -> int:
    """Minor units of instalments that are being charged at this moment."""
    rows = Instalment.objects.filter(payment=payment, state=InstalmentState.CLAIMED)
    return sum(row.amount_minor for row in rows)


def _opened(attempt_id: UUID, reference: str, url: str) -> None:
    """Keep the provider's answer. The webhook may have been faster: then only what it could not know is added."""
    attempt = Attempt.objects.select_for_update(no_key=True).get(id=attempt_id)
    attempt.reference, attempt.url = attempt.reference or reference or None, url
    if attempt.state == AttemptState.INTENDED:
        attempt.state = AttemptState.OPEN
    attempt.save(update_fields=["reference", "url", "state"])
