"""Reading endpoints and what was delivered to them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q

from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.engage.webhooks.models import Delivery, Endpoint


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An endpoint, how many deliveries wait for it and how many were given up."""

    endpoint: Endpoint
    waiting: int
    dead: int


def list_endpoints(actor: Actor) -> list[EndpointRow]:
    """All endpoints by name."""
    actor.require("webhooks.manage")
    rows = Endpoint.objects.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state="waiting")),
        dead=Count("deliveries", filter=Q(deliveries__state="dead")),
    )
    return [EndpointRow(row, row.waiting, row.dead) for row in rows.order_by("name")]


def get_endpoint(actor: Actor, endpoint_id: UUID) -> Endpoint:
    """One endpoint; NotFound."""
    actor.require("webhooks.manage")
    found = Endpoint.objects.filter(id=endpoint_id).first()
    if found is None:
        raise NotFound
    return found


def list_deliveries(
    actor: Actor, endpoint_id: UUID, *, state: str = "", after: UUID | None = None, limit: int = 50
) -> list[Delivery]:
    """What was or is to be delivered, the newest first; `after` is the last one of the page before."""
    actor.require("webhooks.manage")
    rows = Delivery.objects.filter(endpoint_id=endpoint_id).order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows[:limit])
