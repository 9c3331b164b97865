"""Parcels of the past taken over from another system with the dates that are known of them, many in few statements. No customer is
told and no carrier is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callcart.commerce.shipping.models import Parcel, ParcelEvent, ParcelLine, ParcelState
from callcart.commerce.shipping.states import Report, fold
from callcart.core import ids
from callcart.core.actor import Actor


@dataclass(frozen=True, slots=True)
class PastParcel:
    """A box that left: what lay in it, and when it reached which state."""

    order_id: UUID
    units: Mapping[UUID, int]
    reports: tuple[tuple[ParcelState, datetime], ...]
    carrier: str = ""
    tracking: str = ""
    warehouse_id: UUID | None = None


def take_over(actor: Actor, past: Sequence[PastParcel]) -> list[Parcel]:
    """Keep the parcels with their contents and reports."""
    numbers = iter(ids.next_numbers("parcel", len(past)))
    parcels, lines, reports = [], [], []
    for each in past:
        standing = fold(Report(state, at) for state, at in each.reports)
        if standing is None:
            raise ValueError("a parcel of the past has at least one report")
        parcel = Parcel(
            number=next(numbers),
            order_id=each.order_id,
            carrier=each.carrier,
            tracking=each.tracking,
            state=standing.state,
            state_at=standing.at,
            scanned_at=standing.at,
            warehouse_id=each.warehouse_id,
        )
        parcels.append(parcel)
        lines += [
            ParcelLine(parcel=parcel, line_id=line, quantity=units) for line, units in each.units.items()
        ]
        reports += [
            ParcelEvent(parcel=parcel, at=at, state=state, reference=f"import {state}")
            for state, at in each.reports
        ]
    Parcel.objects.bulk_create(parcels)
    ParcelLine.objects.bulk_create(lines)
    ParcelEvent.objects.bulk_create(reports)
    return parcels


def moved_since(order_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these orders have parcels that something was reported of since."""
    rows = ParcelEvent.objects.filter(parcel__order_id__in=order_ids).exclude(reference__startswith="import ")
    return set(rows.values_list("parcel__order_id", flat=True))


def forget_taken(order_ids: Sequence[UUID]) -> None:
    """Take back what was taken over."""
    Parcel.objects.filter(order_id__in=order_ids).delete()
