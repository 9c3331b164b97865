"""Parcels as lists and worklists: filters, keyset paging, the counts of troubles; and what staff note about one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from callcart.commerce.shipping.models import Parcel, ParcelState, Trouble
from callcart.commerce.shipping.report import locked_parcel
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.fields import Fields

MOST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class ParcelFilters:
    """What a list of parcels shows. `going` leaves out those that ended; `older_days` are days since it was made."""

    state: str = ""
    carrier_id: UUID | None = None
    warehouse_id: UUID | None = None
    trouble: str = ""
    older_days: int = 0
    going: bool = False
    text: str = ""


def list_parcels(
    actor: Actor, filters: ParcelFilters, *, after: UUID | None = None, limit: int = 50
) -> list[Parcel]:
    """Parcels, the newest first, with their carriers at hand; `after` is the last one of the page before."""
    actor.require("shipping.view")
    rows = _filtered(filters).order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.select_related("carried_by", "service")[:limit])


def list_troubles(
    actor: Actor, filters: ParcelFilters, *, after: tuple[datetime, UUID] | None = None, limit: int = 50
) -> list[Parcel]:
    """Parcels somebody has to look after, the longest in trouble first."""
    actor.require("shipping.view")
    rows = _filtered(filters).exclude(trouble="").order_by("trouble_at", "id")
    if after is not None:
        moment, last = after
        rows = rows.filter(trouble_at__gte=moment).exclude(trouble_at=moment, id__lte=last)
    return list(rows.select_related("carried_by", "service")[:limit])


def _filtered(filters: ParcelFilters) -> QuerySet[Parcel]:
    rows = Parcel.objects.all()
    if filters.state in set(ParcelState):
        rows = rows.filter(state=filters.state)
    # old parcels are looked for where they are few: among those that have not ended
    if filters.going or (filters.older_days and not filters.state):
        rows = rows.exclude(state__in=[ParcelState.DELIVERED, ParcelState.RETURNED])
    if filters.carrier_id is not None:
        rows = rows.filter(carried_by=filters.carrier_id)
    if filters.warehouse_id is not None:
        rows = rows.filter(warehouse_id=filters.warehouse_id)
    if filters.trouble in {each for each in Trouble if each}:
        rows = rows.filter(trouble=filters.trouble)
    if filters.older_days:
        rows = rows.filter(made_at__lte=now() - timedelta(days=filters.older_days))
    if filters.text:
        rows = rows.filter(id__in=_called(filters.text))
    return rows


def _called(text: str) -> list[UUID]:
    """The parcels with that number of ours or of a carrier's, however it is grouped; both are indexed."""
    plain = "".join(text.split())
    ours = Parcel.objects.filter(number=plain.replace("-", "")).values_list("id", flat=True)
    theirs = Parcel.objects.filter(tracking__in={plain, plain.upper(), text.strip()}).values_list(
        "id", flat=True
    )
    return [*ours[:20], *theirs[:20]]


def count_troubles(actor: Actor) -> dict[str, int]:
    """How many parcels are in which trouble."""
    actor.require("shipping.view")
    rows = Parcel.objects.exclude(trouble="").values_list("trouble").annotate(Count("id")).order_by()
    return {str(trouble): int(count) for trouble, count in rows}


def get_parcel(actor: Actor, parcel_id: UUID) -> Parcel:
    """A parcel with its carrier and scans at hand. Raises NotFound."""
    actor.require("shipping.view")
    rows = Parcel.objects.select_related("carried_by", "service").prefetch_related("events")
    found = rows.filter(id=parcel_id).first()
    if found is None:
        raise NotFound
    return found


def note_claim(actor: Actor, parcel_id: UUID, text: str) -> Parcel:
    """What staff know of a claim against the carrier; empty takes it off. Raises NotFound, Invalid."""
    actor.require("shipping.update")
    fields = Fields()
    text = fields.block("claim_note", text, most=MOST_NOTE)
    fields.done()
    parcel = locked_parcel(parcel_id)
    before, parcel.claim_note = parcel.claim_note, text
    parcel.save(update_fields=["claim_note"])
    audit.record(
        actor,
        "shipping.note_claim",
        subject=("parcel", parcel.id),
        before={"claim_note": before},
        after={"claim_note": text},
    )
    return parcel
