"""What is held goes over to another line or order, or to another warehouse. Callers are verbs of the orders domain, which have
checked the permission and hold the locks of both orders; they wrap themselves in `retrying`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.inventory.choosing import keep_by_hand
from callcart.commerce.inventory.locks import lock_stock
from callcart.commerce.inventory.models import Reservation, ReservationState
from callcart.commerce.inventory.reserve import (
    ORDER,
    Held,
    InsufficientStock,
    _allocate,
    _give_back,
    held_for,
)
from callcart.commerce.inventory.split import Shelf, Shortage, Take
from callcart.core.actor import Actor


@dataclass(frozen=True, slots=True)
class HandOn:
    """Units of a line that from now on are held for a line of another order."""

    line_id: UUID
    to_line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Units of a line as they are to be held in a warehouse."""

    line_id: UUID
    variant_id: UUID
    warehouse_id: UUID
    quantity: int


def hand_on(order_id: UUID, to_order_id: UUID, moves: Sequence[HandOn]) -> None:
    """Hold for another order what one holds; no count changes, so no movement is written. Where a line lies in several
    warehouses, what was reserved last goes first. Raises ValueError where less is held than is to go."""
    rows = list(Reservation.objects.filter(order_id=order_id, state=ReservationState.HELD).order_by("-id"))
    lock_stock({row.variant_id for row in rows})
    for move in moves:
        left = move.quantity
        for row in [each for each in rows if each.line_id == move.line_id]:
            if left:
                left -= _go_over(row, to_order_id, move.to_line_id, min(left, row.quantity))
        if left:
            raise ValueError("less is held than is to go over")


def _go_over(row: Reservation, order_id: UUID, line_id: UUID, units: int) -> int:
    if units == row.quantity:
        row.order_id, row.line_id = order_id, line_id
        row.save(update_fields=["order_id", "line_id"])
        return units
    row.quantity -= units
    row.save(update_fields=["quantity"])
    Reservation.objects.create(
        order_id=order_id,
        line_id=line_id,
        stock_id=row.stock_id,
        warehouse_id=row.warehouse_id,
        variant_id=row.variant_id,
        quantity=units,
    )
    return units


def rehold(actor: Actor, order_id: UUID, wanted: Sequence[Placed], *, reason: str) -> list[Held]:
    """Hold an order's units where somebody wants them, instead of where they are held. All or nothing: raises
    InsufficientStock where a warehouse has not enough. The units of each line are the caller's to check."""
    rows = Reservation.objects.filter(order_id=order_id, state=ReservationState.HELD)
    variants = {each.variant_id for each in wanted} | set(rows.values_list("variant_id", flat=True))
    shelves = {(shelf.variant_id, shelf.warehouse_id): shelf for shelf in lock_stock(variants)}
    surplus, missing = _difference(list(rows.order_by("id")), wanted)
    for row, units in surplus:
        shelf = shelves.get((row.variant_id, row.warehouse_id))
        if shelf is not None:
            shelf.available += units
    takes = [_take(each, shelves) for each in missing]
    _give_back(actor, order_id, surplus, reason)
    _allocate(actor, (ORDER, order_id), takes, reason)
    keep_by_hand(order_id, actor)
    return held_for(order_id)


def _difference(
    rows: Sequence[Reservation], wanted: Sequence[Placed]
) -> tuple[list[tuple[Reservation, int]], list[Placed]]:
    """Units held too many, by reservation, and those that are still to be held."""
    needed: Counter[tuple[UUID, UUID]] = Counter()
    for each in wanted:
        needed[each.line_id, each.warehouse_id] += each.quantity
    surplus = []
    for row in rows:
        place = (row.line_id, row.warehouse_id)
        kept = min(row.quantity, needed[place])
        needed[place] -= kept
        if kept < row.quantity:
            surplus.append((row, row.quantity - kept))
    variants = {each.line_id: each.variant_id for each in wanted}
    missing = [
        Placed(line_id, variants[line_id], warehouse_id, units)
        for (line_id, warehouse_id), units in needed.items()
        if units
    ]
    return surplus, missing


def _take(each: Placed, shelves: dict[tuple[UUID, UUID], Shelf]) -> Take:
    shelf = shelves.get((each.variant_id, each.warehouse_id))
    left = max(shelf.available, 0) if shelf else 0
    if shelf is None or (left < each.quantity and not shelf.backorderable):
        places = ((shelf.name, shelf.name_zh, left),) if shelf and left else ()
        raise InsufficientStock([Shortage(each.variant_id, (each.line_id,), each.quantity, left, places)])
    shelf.available -= each.quantity
    return Take(each.line_id, each.variant_id, shelf.stock_id, each.warehouse_id, each.quantity)
