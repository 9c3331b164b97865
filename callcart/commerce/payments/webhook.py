"""What providers tell us, taken in once: by webhook, by asking, or as the answer to a charge. All come through `apply_event`.

A message may come before our own commit, twice, at once with its twin, late, or for something we do not know; the row
in `ProviderEvent` is unique, and the payment is locked before any sum is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

import structlog
from django.db import transaction
from django.db.utils import IntegrityError

from callcart.commerce.payments import ledger
from callcart.commerce.payments.gateway import EventKind, GatewayEvent, gateway, read_key
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    ProviderEvent,
)
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.people.tenants.public import get_tenant

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """What a message did."""

    APPLIED = "applied"
    KNOWN = "known"
    UNMATCHED = "unmatched"


def apply_webhook(provider: str, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Verify a provider's message and book it, in a transaction of its own and of the tenant that its key names. Raises
    ForgedWebhook; NotFound for an unknown provider. Answer 200 to every outcome, so that it is not sent again."""
    event = gateway(provider).parse_webhook(headers, body)
    found = read_key(event.key)
    if found is None or not _is_tenant(found[0]):
        log.warning("payment.foreign_key", provider=provider, event_id=event.event_id)
        return Outcome.UNMATCHED
    with tenant_transaction(found[0]):
        return apply_event(provider, event)


def _is_tenant(tenant_id: int) -> bool:
    """A key may name a tenant that is gone, or never was one of this installation."""
    try:
        get_tenant(tenant_id)
    except NotFound:
        return False
    return True


def apply_event(provider: str, event: GatewayEvent) -> Outcome:
    """Book what became of an attempt, in the transaction in hand."""
    found = read_key(event.key)
    attempt = Attempt.objects.filter(id=found[1], provider=provider).first() if found else None
    matched = attempt is not None and attempt.currency == event.amount.currency
    payment = ledger.locked(payment_id=attempt.payment_id) if attempt is not None and matched else None
    if not _first_time(provider, event, attempt.id if attempt and matched else None):
        return Outcome.KNOWN
    if attempt is None or payment is None:
        log.warning("payment.unmatched", provider=provider, event_id=event.event_id)
        events.emit("payment.unmatched", data={"provider": provider, "event_id": event.event_id})
        return Outcome.UNMATCHED
    attempt.refresh_from_db()  # now under the payment's lock
    if attempt.state == AttemptState.CAPTURED:
        return Outcome.KNOWN
    attempt.reference = attempt.reference or event.reference
    if event.kind is EventKind.CAPTURED:
        ledger.capture(payment, attempt, event.amount.minor, mandate=event.mandate)
        _schedule_rest(attempt)
    else:
        _not_paid(attempt, event)
        ledger.tell(payment)
    audit.record(
        Actor.system(current_tenant(), provider, channel="gateway"),
        f"payments.{event.kind}",
        subject=("payment", payment.id),
        after={"attempt": attempt.id, "amount_minor": event.amount.minor, "event_id": event.event_id},
    )
    return Outcome.APPLIED


def _first_time(provider: str, event: GatewayEvent, attempt_id: UUID | None) -> bool:
    try:
        with transaction.atomic():
            ProviderEvent.objects.create(
                provider=provider,
                event_id=event.event_id,
                kind=event.kind,
                reference=event.reference,
                attempt_id=attempt_id,
                amount_minor=event.amount.minor,
                currency=event.amount.currency,
            )
    except IntegrityError:
        return False
    return True


def _not_paid(attempt: Attempt, event: GatewayEvent) -> None:
    from callcart.commerce.payments.jobs import release_instalment

    declined = event.kind is EventKind.DECLINED
    attempt.state = AttemptState.DECLINED if declined else AttemptState.EXPIRED
    attempt.failure, attempt.changed_at = event.failure[:200], now()
    attempt.save(update_fields=["state", "failure", "changed_at", "reference"])
    release_instalment(attempt)


def _schedule_rest(attempt: Attempt) -> None:
    """The first instalment brought the mandate: the others are charged on their days."""
    from callcart.commerce.payments.jobs import schedule_instalments

    if attempt.instalment_id is not None:
        schedule_instalments(attempt.payment_id)
