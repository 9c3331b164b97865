"""What stands in the way of taking units off a shelf: that they are promised, and to whom."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.inventory.models import Reservation, ReservationState, Stock
from callcart.core.errors import Conflict

MOST_NAMED = 20


class BelowAllocated(Conflict):
    """%(allocated)d of these are promised to orders; the count cannot go below that."""

    code = "stock.below_allocated"

    def __init__(self, *, allocated: int, orders: tuple[UUID, ...] = ()) -> None:
        super().__init__(None, allocated=allocated)
        self.orders = orders
        """The orders that hold them, oldest first, the first twenty."""


def orders_holding(stock_id: UUID) -> tuple[UUID, ...]:
    """The orders units of a stock row are held for, oldest first, the first twenty."""
    held = Reservation.objects.filter(
        stock_id=stock_id, state=ReservationState.HELD, holder_kind="order"
    ).order_by("id")
    return tuple(dict.fromkeys(held.values_list("order_id", flat=True)[: 2 * MOST_NAMED]))[:MOST_NAMED]


def below_allocated(row: Stock) -> BelowAllocated:
    """The refusal for a stock row whose promised units would not be there any more."""
    return BelowAllocated(allocated=row.allocated, orders=orders_holding(row.id))
