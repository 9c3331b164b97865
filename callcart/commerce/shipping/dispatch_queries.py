"""Reads of dispatch documents: those of orders, and the lists a warehouse works from. The scope of `shipping.view` is warehouses'
ids given by the caller, who knows their codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from callcart.commerce.shipping.dispatch import OPEN, Dispatch, DispatchState
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.ids import read_id


@dataclass(frozen=True, slots=True)
class DispatchFilters:
    """Empty fields do not filter. `warehouse_ids` None: all."""

    states: tuple[str, ...] = ()
    warehouse_ids: tuple[UUID, ...] | None = None
    carrier: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class DispatchPage:
    rows: tuple[Dispatch, ...]
    cursor: str


def dispatches_of(
    order_ids: Iterable[UUID], *, states: Collection[str] | None = None
) -> dict[UUID, list[Dispatch]]:
    """Documents by order, oldest first, with their lines at hand (`dispatch.lines.all()`)."""
    rows = Dispatch.objects.filter(order_id__in=list(order_ids))
    if states is not None:
        rows = rows.filter(state__in=list(states))
    found: dict[UUID, list[Dispatch]] = {}
    for row in rows.prefetch_related("lines").order_by("id"):
        found.setdefault(row.order_id, []).append(row)
    return found


def open_dispatches(order_id: UUID) -> list[Dispatch]:
    """Those of an order whose goods have not left."""
    return dispatches_of([order_id], states=OPEN).get(order_id, [])


def get_dispatch(actor: Actor, dispatch_id: UUID) -> Dispatch:
    """Raises NotFound."""
    actor.require("shipping.view")
    row = Dispatch.objects.prefetch_related("lines").filter(id=dispatch_id).first()
    if row is None:
        raise NotFound
    return row


def list_dispatches(
    actor: Actor, filters: DispatchFilters | None = None, *, cursor: str = "", limit: int = 50
) -> DispatchPage:
    """A page of documents, oldest first: what has waited longest is next."""
    actor.require("shipping.view")
    wanted = filters or DispatchFilters()
    rows = Dispatch.objects.filter(state__in=wanted.states or list(DispatchState))
    if wanted.warehouse_ids is not None:
        rows = rows.filter(warehouse_id__in=wanted.warehouse_ids)
    if wanted.carrier:
        rows = rows.filter(carrier=wanted.carrier)
    if text := wanted.text.strip()[:40]:
        rows = rows.filter(Q(number=text) | Q(order_number=text))
    if last := read_id(cursor):
        rows = rows.filter(id__gt=last)
    found = list(rows.prefetch_related("lines").order_by("id")[: limit + 1])
    following = str(found[limit - 1].id) if len(found) > limit else ""
    return DispatchPage(tuple(found[:limit]), following)
