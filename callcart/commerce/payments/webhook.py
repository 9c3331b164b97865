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
from callcart.commerce.payments.accounts import open_gateway
from callcart.commerce.payments.bounced import bounced
from callcart.commerce.payments.dunning import after_capture
from callcart.commerce.payments.gateway import EventKind, GatewayEvent, gateway, read_key, traits_of
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    ProviderEvent,
    Refund,
)
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.tenancy import acting_for, current_tenant, tenant_transaction
from callcart.people.tenants.public import get_tenant

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """What a message did."""

    APPLIED = "applied"
    KNOWN = "known"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"


def apply_webhook(
    provider: str, headers: Mapping[str, str], body: bytes, *, host_tenant: int | None = None
) -> Outcome:
    """Verify a provider's message and book it, in a transaction of its own and of the tenant that its key names. One of a
    provider that shops have accounts with is verified with the keys of `host_tenant`, the shop it was sent to, and speaks of
    that shop's payments only. Raises ForgedWebhook; NotFound for an unknown provider, NotSetUp for one without keys. Answer
    2xx to every outcome, so that it is not sent again."""
    event = _read(provider, headers, body, host_tenant)
    if event is None:
        return Outcome.IGNORED
    found = read_key(event.key)
    theirs = host_tenant if traits_of(provider).keys else None
    if found is None or (theirs is not None and found[0] != theirs) or not _is_tenant(found[0]):
        log.warning("payment.foreign_key", provider=provider, event_id=event.event_id)
        return Outcome.UNMATCHED
    with tenant_transaction(found[0]):
        return apply_event(provider, event)


def _read(
    provider: str, headers: Mapping[str, str], body: bytes, host_tenant: int | None
) -> GatewayEvent | None:
    if not traits_of(provider).keys:
        return gateway(provider).parse_webhook(headers, body)
    if host_tenant is None:
        raise NotFound
    with acting_for(host_tenant):
        return open_gateway(provider).parse_webhook(headers, body)


def _is_tenant(tenant_id: int) -> bool:
    """A key may name a tenant that is gone, or never was one of this installation."""
    try:
        get_tenant(tenant_id)
    except NotFound:
        return False
    return True


def apply_event(provider: str, event: GatewayEvent) -> Outcome:
    """Book what became of an attempt, in the transaction in hand."""
    if event.kind is EventKind.REFUND_FAILED:
        return _refund_failed(provider, event)
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
        after_capture(payment, attempt)
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


def _refund_failed(provider: str, event: GatewayEvent) -> Outcome:
    """Money that was taken to be on its way back has not arrived: finance sees it among those to be given back again."""
    found = read_key(event.key)
    row = Refund.objects.filter(id=found[1], attempt__provider=provider).first() if found else None
    payment = ledger.locked(payment_id=row.payment_id) if row is not None else None
    if not _first_time(provider, event, row.attempt_id if row is not None else None):
        return Outcome.KNOWN
    if row is None or payment is None:
        return Outcome.UNMATCHED
    bounced(payment, row.id, failure=event.failure[:200] or "failed")
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
