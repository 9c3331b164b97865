"""Reads of supply: lists by keyset, the buyer's view of what was asked for, a customer's notices."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from callcart.commerce.supply.models import ArrivalNotice, LowStock, ReplenishmentRequest, RequestState
from callcart.commerce.supply.states import OPEN_NOTICES
from callcart.core.actor import Actor, ActorKind
from callcart.core.database import raw
from callcart.core.errors import NotFound

PAGE = 50


@dataclass(frozen=True, slots=True)
class LowPage:
    """`after` is where the next page begins; None on the last one."""

    rows: Sequence[LowStock]
    after: tuple[int, UUID] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """All open requests for one SKU. `first` is the id of the oldest."""

    variant_id: UUID
    units: int
    requests: int
    first: UUID
    asked_at: datetime


def list_low(
    actor: Actor,
    *,
    warehouse_id: UUID | None = None,
    after: tuple[int, UUID] | None = None,
    size: int = PAGE,
) -> LowPage:
    """What is low, the soonest to run out first. PermissionDenied."""
    actor.require("supply.view")
    # Looked up apart: joined, the planner may sort the whole list before it takes a page of it.
    rows = LowStock.objects.prefetch_related("variant", "warehouse", "stock")
    if warehouse_id:
        rows = rows.filter(warehouse_id=warehouse_id)
    if after:
        rows = rows.filter(cover_days__gte=after[0]).filter(
            Q(cover_days__gt=after[0]) | Q(cover_days=after[0], id__gt=after[1])
        )
    found = list(rows.order_by("cover_days", "id")[: size + 1])
    last = found[size - 1] if len(found) > size else None
    return LowPage(found[:size], (last.cover_days, last.id) if last else None)


_WANTED = """
SELECT variant_id, sum(quantity)::bigint, count(*), min(id::text)::uuid, min(asked_at) FROM supply_replenishmentrequest
 WHERE state = 'asked' GROUP BY variant_id HAVING min(id::text)::uuid > %s ORDER BY 4 LIMIT %s"""


def list_wanted(
    actor: Actor, *, after: UUID | None = None, size: int = PAGE
) -> tuple[list[Wanted], UUID | None]:
    """What the desk asks for, by SKU, whoever has waited longest first. PermissionDenied."""
    actor.require("supply.view")
    rows = [Wanted(*row) for row in raw.all(_WANTED, (after or UUID(int=0), size + 1))]
    return rows[:size], rows[size - 1].first if len(rows) > size else None


def list_requests(
    actor: Actor,
    *,
    state: str = "",
    mine: bool = False,
    variant_id: UUID | None = None,
    after: UUID | None = None,
    size: int = PAGE,
) -> tuple[list[ReplenishmentRequest], UUID | None]:
    """Requests, newest first; those one made oneself need `supply.ask` only. PermissionDenied."""
    if not (mine and actor.can("supply.ask")):
        actor.require("supply.view")
    rows = ReplenishmentRequest.objects.select_related("variant")
    if mine:
        rows = rows.filter(asked_by=actor.id)
    if state:
        rows = rows.filter(state=state)
    if variant_id:
        rows = rows.filter(variant_id=variant_id)
    if after:
        rows = rows.filter(id__lt=after)
    found = list(rows.order_by("-id")[: size + 1])
    return found[:size], found[size - 1].id if len(found) > size else None


def requests_for(variant_ids: Collection[UUID]) -> dict[UUID, list[ReplenishmentRequest]]:
    """Open questions by SKU, oldest first."""
    found: dict[UUID, list[ReplenishmentRequest]] = {each: [] for each in variant_ids}
    rows = ReplenishmentRequest.objects.filter(variant_id__in=list(variant_ids), state=RequestState.ASKED)
    for row in rows.order_by("id"):
        found[row.variant_id].append(row)
    return found


def list_notices(
    actor: Actor,
    *,
    state: str = "",
    variant_id: UUID | None = None,
    after: UUID | None = None,
    size: int = PAGE,
) -> tuple[list[ArrivalNotice], UUID | None]:
    """Arrival notices, newest first. PermissionDenied."""
    actor.require("supply.view")
    rows = ArrivalNotice.objects.select_related("variant")
    if state:
        rows = rows.filter(state=state)
    if variant_id:
        rows = rows.filter(variant_id=variant_id)
    if after:
        rows = rows.filter(id__lt=after)
    found = list(rows.order_by("-id")[: size + 1])
    return found[:size], found[size - 1].id if len(found) > size else None


def get_notice(actor: Actor, notice_id: UUID) -> ArrivalNotice:
    """One notice. NotFound, also to a customer whose it is not."""
    rows = ArrivalNotice.objects.select_related("variant__product")
    if actor.kind is ActorKind.CUSTOMER:
        rows = rows.filter(customer_id=actor.id) if actor.id else rows.none()
    elif not actor.can("supply.ask"):
        actor.require("supply.view")
    found = rows.filter(id=notice_id).first()
    if found is None:
        raise NotFound
    return found


def notices_of(customer_id: UUID, *, only_open: bool = True, most: int = 50) -> list[ArrivalNotice]:
    """What a customer waits for or was told of, newest first, for their own page."""
    rows = ArrivalNotice.objects.select_related("variant__product").filter(customer_id=customer_id)
    if only_open:
        rows = rows.filter(state__in=OPEN_NOTICES)
    return list(rows.order_by("-id")[:most])


def place_in_queue(notice: ArrivalNotice) -> int:
    """How many wait before this one, and itself."""
    rows = ArrivalNotice.objects.filter(variant_id=notice.variant_id, state=notice.state, id__lte=notice.id)
    return rows.count()
