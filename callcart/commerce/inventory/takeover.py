"""What orders of the past took out of stock, taken over from another system: counts stay as they are, for those goods left long
before ours were counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callcart.commerce.inventory.models import Reservation, ReservationState, Stock, Warehouse
from callcart.commerce.inventory.moves import lock_rows


@dataclass(frozen=True, slots=True)
class PastUnits:
    """Units of a line that left."""

    order_id: UUID
    line_id: UUID
    variant_id: UUID
    quantity: int
    left_at: datetime


def main_warehouse() -> Warehouse | None:
    """The warehouse that is asked first."""
    return Warehouse.objects.filter(is_active=True).order_by("priority", "code").first()


def take_over(warehouse: Warehouse, past: Sequence[PastUnits]) -> None:
    """Note that these units were sent, without moving a count."""
    rows = lock_rows({(each.variant_id, warehouse.id) for each in past})
    Reservation.objects.bulk_create(
        [
            Reservation(
                order_id=each.order_id,
                line_id=each.line_id,
                stock=rows[(each.variant_id, warehouse.id)],
                warehouse=warehouse,
                variant_id=each.variant_id,
                quantity=each.quantity,
                state=ReservationState.SHIPPED,
                made_at=each.left_at,
                ended_at=each.left_at,
            )
            for each in past
        ]
    )


def allow_backorder(warehouse: Warehouse, variant_ids: Iterable[UUID]) -> None:
    """Goods that came in with open orders and have never been counted may be promised."""
    rows = lock_rows({(each, warehouse.id) for each in variant_ids})
    Stock.objects.filter(id__in=[row.id for row in rows.values()]).update(backorderable=True)


def forget_taken(order_ids: Sequence[UUID]) -> None:
    """Take back what was noted; stock rows that were made for it and never counted go too."""
    mine = Reservation.objects.filter(order_id__in=order_ids)
    stock = list(mine.values_list("stock_id", flat=True))
    mine.delete()
    Stock.objects.filter(id__in=stock, on_hand=0, allocated=0, movements=None, reservations=None).delete()
