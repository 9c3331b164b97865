"""What is written down for programs: the body of each event, once for each endpoint that asked for its kind; and replaying it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from callcart.core import audit, events, jobs, models
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.engage.webhooks.jobs import send
from callcart.engage.webhooks.kinds import TEST
from callcart.engage.webhooks.models import Delivery, DeliveryState, Endpoint, EndpointState

LOOKED_BACK = 1000


class StillWaiting(Conflict):
    """This one still waits to be sent; it goes out by itself."""

    code = "webhooks.still_waiting"


def tell(event: events.Event) -> None:
    """Write an event down for whoever asked for its kind. Handlers run side by side, and this one may be before that of an earlier
    event of the same thing: those are written down with it, so that they go out in their order."""
    endpoints = list(Endpoint.objects.filter(kinds__contains=[event.kind]).exclude(state=EndpointState.OFF))
    if not endpoints:
        return
    before = models.Event.objects.filter(id__gt=event.id - LOOKED_BACK, id__lt=event.id)
    earlier = list(before.filter(subject_id=event.subject_id, subject_kind=event.subject_kind).order_by("id"))
    for endpoint in endpoints:
        rows = [each for each in earlier if each.kind in endpoint.kinds and each.at >= endpoint.created_at]
        made = [_delivery(endpoint, row) for row in rows]
        made.append(_delivery(endpoint, event))
        Delivery.objects.bulk_create(made, ignore_conflicts=True)
        _wake(endpoint)


def send_test(actor: Actor, endpoint_id: UUID) -> Delivery:
    """Have an endpoint told that it is an endpoint. Raises NotFound."""
    actor.require("webhooks.manage")
    endpoint = _endpoint(endpoint_id)
    event_id = events.emit(TEST, subject=("webhook", endpoint.id), audience="process")
    delivery = Delivery(
        endpoint=endpoint, event_id=event_id, kind=TEST, next_at=now(), made_at=now(),
        body=_body(event_id, TEST, now(), "webhook", endpoint.id, {}),
    )  # fmt: skip
    delivery.save(force_insert=True)
    _wake(endpoint)
    return delivery


def replay(actor: Actor, delivery_id: UUID) -> Delivery:
    """Send the very same bytes once more, before what is newer. Raises NotFound, StillWaiting."""
    actor.require("webhooks.manage")
    row = Delivery.objects.select_for_update(no_key=True).filter(id=delivery_id).first()
    if row is None:
        raise NotFound
    if row.state == DeliveryState.WAITING:
        raise StillWaiting
    row.state, row.tries, row.next_at, row.ended_at, row.failure = DeliveryState.WAITING, 0, now(), None, ""
    row.save(update_fields=["state", "tries", "next_at", "ended_at", "failure"])
    audit.record(
        actor, "webhooks.replay", subject=("webhook", row.endpoint_id), after={"event": row.event_id}
    )
    _wake(_endpoint(row.endpoint_id))
    return row


def _endpoint(endpoint_id: UUID) -> Endpoint:
    found = Endpoint.objects.filter(id=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def _wake(endpoint: Endpoint) -> None:
    if endpoint.state == EndpointState.ON:
        jobs.defer(send, endpoint_id=str(endpoint.id))


def _delivery(endpoint: Endpoint, event: events.Event | models.Event) -> Delivery:
    return Delivery(
        endpoint=endpoint, event_id=event.id, kind=event.kind, next_at=now(), made_at=now(),
        body=_body(event.id, event.kind, event.at, event.subject_kind, event.subject_id, dict(event.data)),
    )  # fmt: skip


def _body(
    event_id: int, kind: str, at: datetime, subject_kind: str, subject_id: UUID | None, data: dict[str, Any]
) -> str:
    told = {
        "id": str(event_id),
        "kind": kind,
        "at": at.isoformat().replace("+00:00", "Z"),
        "subject": {"kind": subject_kind, "id": str(subject_id) if subject_id else None},
        "data": data,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
