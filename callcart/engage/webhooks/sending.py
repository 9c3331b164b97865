"""Sending what waits for an endpoint, one after the other, the oldest event first. One worker at a time is at an endpoint; what it
does not take is tried again later, and until then nothing newer is sent. After the last try the endpoint is stopped.

Each delivery is claimed and its end written in transactions of their own; it is sent outside of any. A worker that dies in between
sends it again: programs know it by its id.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import httpcore
import structlog
from django.db.models import Q

from callcart.core.clock import now
from callcart.core.errors import AppError
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.core.tokens import unseal
from callcart.engage.webhooks import guard, stopped
from callcart.engage.webhooks.models import SEALED_WITH, Delivery, DeliveryState, Endpoint, EndpointState

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
AGAIN_AFTER_SECONDS = (10, 60, 300, 1800, 7200, 6 * 3600, 12 * 3600)  # then it is dead
AT_ONCE = 100
"""So many deliveries one run sends before it makes room for other work."""


@dataclass(frozen=True, slots=True)
class Todo:
    """A delivery in hand."""

    delivery_id: UUID
    url: str
    secret: str
    body: bytes
    kind: str


def send_waiting(endpoint_id: UUID) -> int | None:
    """Send what is due. In how many seconds to look again; None where nothing waits, somebody else is at it, or it is not on. Outside
    of a transaction, acting for the tenant."""
    if not _take(endpoint_id):
        return None
    try:
        for _each in range(AT_ONCE):
            todo = _next(endpoint_id)
            if todo is None:
                break
            status, failure = _send(todo)
            _write(todo, status, failure)
    finally:
        _release(endpoint_id)
    return _look_again(endpoint_id)


def signature(secret: str, moment: int, body: bytes) -> str:
    """The header: `t` is Unix time, `v1` the HMAC-SHA256 of `<t>.<body>` with the endpoint's secret, in hex."""
    mac = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={mac.hexdigest()}"


def _take(endpoint_id: UUID) -> bool:
    moment = now()
    free = Q(sending_until__isnull=True) | Q(sending_until__lte=moment)
    with tenant_transaction(current_tenant()):
        found = Endpoint.objects.filter(free, id=endpoint_id, state=EndpointState.ON)
        return bool(found.update(sending_until=moment + LEASE))


def _release(endpoint_id: UUID) -> None:
    with tenant_transaction(current_tenant()):
        Endpoint.objects.filter(id=endpoint_id).update(sending_until=None)


def _next(endpoint_id: UUID) -> Todo | None:
    """The oldest that waits, where its time has come; the lease is prolonged."""
    moment = now()
    with tenant_transaction(current_tenant()):
        endpoint = Endpoint.objects.filter(id=endpoint_id, state=EndpointState.ON).first()
        row = _first(endpoint_id)
        if endpoint is None or row is None or row.next_at > moment:
            return None
        Endpoint.objects.filter(id=endpoint_id).update(sending_until=moment + LEASE)
        return Todo(row.id, endpoint.url, unseal(SEALED_WITH, endpoint.secret), row.body.encode(), row.kind)


def _first(endpoint_id: UUID) -> Delivery | None:
    rows = Delivery.objects.filter(endpoint_id=endpoint_id, state=DeliveryState.WAITING)
    return rows.order_by("event_id").first()


def _send(todo: Todo) -> tuple[int | None, str]:
    """The status of the answer, and why it was not taken (empty where it was)."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Callcart-Webhooks/1",
        "Callcart-Event": todo.kind,
        "Callcart-Delivery": str(todo.delivery_id),
        "Callcart-Signature": signature(todo.secret, int(now().timestamp()), todo.body),
    }
    try:
        status = guard.post(todo.url, todo.body, headers)
    except AppError as error:
        return None, error.code
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        return None, type(error).__name__
    return status, "" if 200 <= status < 300 else f"HTTP {status}"


def _write(todo: Todo, status: int | None, failure: str) -> None:
    moment = now()
    with tenant_transaction(current_tenant()):
        row = (
            Delivery.objects.select_for_update(no_key=True)
            .filter(id=todo.delivery_id, state="waiting")
            .first()
        )
        if row is None:
            return
        row.tries, row.status, row.failure = row.tries + 1, status, failure[:200]
        if not failure:
            row.state, row.ended_at = DeliveryState.DELIVERED, moment
        elif row.tries > len(AGAIN_AFTER_SECONDS):
            row.state, row.ended_at = DeliveryState.DEAD, moment
            stopped.stop(row.endpoint)
        else:
            row.next_at = moment + timedelta(seconds=AGAIN_AFTER_SECONDS[row.tries - 1])
        row.save(update_fields=["tries", "status", "failure", "state", "ended_at", "next_at"])
    if failure:
        log.warning("webhooks.not_taken", delivery=str(todo.delivery_id), failure=failure)


def _look_again(endpoint_id: UUID) -> int | None:
    """Asked after the lease has ended: whoever came meanwhile was turned away, so what they came for is looked for here."""
    with tenant_transaction(current_tenant()):
        if not Endpoint.objects.filter(id=endpoint_id, state=EndpointState.ON).exists():
            return None
        row = _first(endpoint_id)
    return None if row is None else max(0, int((row.next_at - now()).total_seconds()) + 1)
