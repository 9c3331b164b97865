"""How many units of an order's lines may still be asked for. Read under the order's lock by whoever takes some.

A unit is sent once and can be taken once: by a customer from what was delivered, or by the case of a parcel that came back. All
that cases take never adds up to more than was sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from callcart.commerce.aftersales.models import CaseLine
from callcart.commerce.aftersales.states import COMING_BACK, ENDED, CaseState
from callcart.commerce.orders.public import Back
from callcart.commerce.shipping.public import Parcel, ParcelState, parcels_of, units_in


@dataclass(slots=True)
class Units:
    """Of one line. `gone` are no longer the customer's for good; `taken` counts those too. `delivered_at` is of the last."""

    sent: int = 0
    delivered: int = 0
    delivered_at: datetime | None = None
    taken: int = 0
    taken_of_delivered: int = 0
    gone: int = 0

    @property
    def free(self) -> int:
        """How many a customer may still ask for."""
        return max(min(self.delivered - self.taken_of_delivered, self.sent - self.taken), 0)

    @property
    def left(self) -> int:
        """How many have not been taken at all, wherever they are."""
        return max(self.sent - self.taken, 0)


@dataclass(slots=True)
class OrderUnits:
    """Of all lines of an order."""

    lines: dict[UUID, Units] = field(default_factory=dict)

    def of(self, line_id: UUID) -> Units:
        return self.lines.setdefault(line_id, Units())


def units_of(order_id: UUID, *, besides: UUID | None = None) -> OrderUnits:
    """What was sent, what arrived and what cases take (but for the case `besides`)."""
    found = OrderUnits()
    parcels = parcels_of([order_id]).get(order_id, [])
    _count_parcels(found, parcels)
    rows = CaseLine.objects.filter(case__order=order_id).select_related("case")
    for row in rows:
        line = found.of(row.line_id)
        if row.case.state in ENDED:
            line.gone += row.gone
        if row.case_id == besides:
            continue
        count = taken_by(row)
        line.taken += count
        if row.case.parcel_id is None:
            line.taken_of_delivered += count
    return found


def taken_by(row: CaseLine) -> int:
    """How many units a case takes: what was asked for until it is here, then what came, then what is gone for good."""
    state = CaseState(row.case.state)
    if state in (CaseState.REFUSED, CaseState.CANCELLED):
        return 0
    if state in ENDED:
        return row.gone
    return row.received if state in (CaseState.RECEIVED, CaseState.INSPECTED) else row.quantity


def _count_parcels(found: OrderUnits, parcels: Iterable[Parcel]) -> None:
    boxes = [each for each in parcels if each.state != ParcelState.PACKED]
    inside = units_in(boxes)
    for parcel in boxes:
        for line_id, count in inside.get(parcel.id, {}).items():
            line = found.of(line_id)
            line.sent += count
            if parcel.state == ParcelState.DELIVERED:
                line.delivered += count
                line.delivered_at = max(line.delivered_at or parcel.state_at, parcel.state_at)


def given_back(order_id: UUID) -> dict[UUID, Back]:
    """What orders are told: units on their way back and gone for good, by line, but for parcels that came back by
    themselves, which orders know from their carrier."""
    found: dict[UUID, Back] = {}
    rows = CaseLine.objects.filter(case__order=order_id, case__parcel_id=None).select_related("case")
    for row in rows:
        known = found.get(row.line_id, Back())
        if row.case.state in COMING_BACK:
            found[row.line_id] = Back(known.returning + taken_by(row), known.returned)
        elif row.case.state in ENDED:
            found[row.line_id] = Back(known.returning, known.returned + row.gone)
    return found
