"""What the rules propose for orders that wait for approval: which warehouses send what, and who carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import prefetch_related_objects

from callcart.commerce.inventory.public import Warehouse, list_warehouses
from callcart.commerce.orders.dispatches import Carriage, cash_of_each, plans_of_each, propose_each
from callcart.commerce.orders.doubts import Said, say_doubts
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.queries import OrderRow, rows_of
from callcart.commerce.orders.waiting import Queue, in_queue, read_cursor, since_of
from callcart.core.actor import Actor
from callcart.core.money import Money


@dataclass(frozen=True, slots=True)
class Proposed:
    """What one warehouse would send."""

    warehouse: Warehouse
    units: int
    carriage: Carriage
    cod: Money


@dataclass(frozen=True, slots=True)
class ToApprove:
    """An order as its approver sees it."""

    order: OrderRow
    doubts: tuple[Said, ...]
    proposed: tuple[Proposed, ...]
    address: str


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    rows: tuple[ToApprove, ...]
    cursor: str


def list_to_approve(actor: Actor, *, only: str = "", cursor: str = "", limit: int = 25) -> ApprovalPage:
    """A page of what waits for an approver, the longest first; `only`: `doubtful` or `clean`. Raises PermissionDenied."""
    actor.require("orders.approve")
    rows = in_queue(actor, Queue.APPROVER)
    if only == "doubtful":
        rows = rows.exclude(flags=[])
    elif only == "clean":
        rows = rows.filter(flags=[])
    found = list(read_cursor(rows, cursor).defer("search_text", "search_grams")[: limit + 1])
    page = found[:limit]
    following = f"{since_of(page[-1]).isoformat()}_{page[-1].id}" if len(found) > limit else ""
    return ApprovalPage(tuple(_shown(actor, page)), following)


def _shown(actor: Actor, orders: Sequence[Order]) -> list[ToApprove]:
    proposed = proposals_of(orders, {each.id: each for each in list_warehouses()})
    return [
        ToApprove(
            order=row,
            doubts=tuple(say_doubts(order, actor.language)),
            proposed=tuple(proposed[order.id]),
            address=_address(order),
        )
        for row, order in zip(rows_of(actor, orders), orders, strict=True)
    ]


def proposals_of(orders: Sequence[Order], places: Mapping[UUID, Warehouse]) -> dict[UUID, list[Proposed]]:
    """What each warehouse would send of orders, and with whom. Asked for all of a page at once: orders, holds and rate sheets
    are read as often for one as for many."""
    prefetch_related_objects(orders, "lines")
    plans = plans_of_each(orders)
    sent = [
        (order, plan, cod)
        for order, its, cash in zip(orders, plans, cash_of_each(orders, plans), strict=True)
        for plan, cod in zip(its, cash, strict=True)
        if plan.warehouse_id in places
    ]
    found: dict[UUID, list[Proposed]] = {order.id: [] for order in orders}
    for (order, plan, cod), carriage in zip(sent, propose_each(sent), strict=True):
        units = sum(each.quantity for each in plan.units)
        found[order.id].append(Proposed(places[plan.warehouse_id], units, carriage, cod))
    return found


def _address(order: Order) -> str:
    chinese = order.ship_country == "CN"
    parts = [order.ship_province, order.ship_city, order.ship_district, order.ship_street]
    kept = list(dict.fromkeys(part for part in parts if part))
    return "".join(kept) if chinese else ", ".join(reversed(kept))
