"""Reads of picking, packing and handing over: what a page or a paper shows, in the warehouses the actor works in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q

from callcart.commerce.catalog.models import Variant
from callcart.commerce.fulfilment.models import (
    Box,
    Manifest,
    Packing,
    PackingState,
    Wave,
    WaveDispatch,
    WaveLine,
    WaveState,
)
from callcart.commerce.fulfilment.picking import units_of
from callcart.commerce.fulfilment.place import check_place, places_of
from callcart.commerce.shipping.public import OPEN, Dispatch, DispatchState
from callcart.core.actor import Actor
from callcart.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class PickLine:
    """An article of a wave: where it lies, how many, and into which slots they go."""

    row: WaveLine
    slots: tuple[tuple[int, int], ...]

    @property
    def variant(self) -> Variant:
        return self.row.variant


@dataclass(frozen=True, slots=True)
class WavePlan:
    """A wave with its walk and its slots."""

    wave: Wave
    lines: tuple[PickLine, ...]
    slots: tuple[tuple[WaveDispatch, Dispatch], ...]

    @property
    def units(self) -> int:
        return sum(each.row.quantity for each in self.lines)

    @property
    def picked(self) -> int:
        return sum(each.row.picked for each in self.lines)


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave in a list."""

    wave: Wave
    documents: int
    units: int
    picked: int


def wave_plan(actor: Actor, wave_id: UUID) -> WavePlan:
    """Raises NotFound, PermissionDenied."""
    wave = Wave.objects.filter(id=wave_id).first()
    if wave is None:
        raise NotFound
    check_place(actor, wave.warehouse_id)
    slots = list(wave.slots.all())
    found = Dispatch.objects.prefetch_related("lines").in_bulk([each.dispatch_id for each in slots])
    into: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for slot in slots:
        if slot.is_on:
            for variant_id, count in units_of(found[slot.dispatch_id]).items():
                into[variant_id].append((slot.slot, count))
    lines = wave.lines.select_related("variant").order_by("route", "bin", "id")
    return WavePlan(
        wave,
        tuple(PickLine(each, tuple(into[each.variant_id])) for each in lines),
        tuple((each, found[each.dispatch_id]) for each in slots),
    )


def list_waves(
    actor: Actor, *, only_open: bool = False, after: UUID | None = None, limit: int = 50
) -> list[WaveRow]:
    """Waves, the newest first; `after` is the last of the page before."""
    rows = Wave.objects.filter(warehouse_id__in=[each.id for each in places_of(actor)]).order_by("-id")
    if only_open:
        rows = rows.filter(state=WaveState.OPEN)
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(
        rows.prefetch_related("lines").annotate(documents=Count("slots", filter=Q(slots__is_on=True)))[:limit]
    )
    return [
        WaveRow(
            each, each.documents, sum(line.quantity for line in each.lines.all()),
            sum(line.picked for line in each.lines.all()),
        )
        for each in found
    ]  # fmt: skip


def get_packing(actor: Actor, packing_id: UUID) -> Packing:
    """A packing with its boxes and what lies in them. Raises NotFound, PermissionDenied."""
    boxes = Prefetch("boxes", Box.objects.prefetch_related("lines").order_by("position"))
    found = Packing.objects.prefetch_related(boxes).filter(id=packing_id).first()
    if found is None:
        raise NotFound
    check_place(actor, found.warehouse_id)
    return found


def packings_of(dispatch_ids: Iterable[UUID]) -> dict[UUID, Packing]:
    """Packings by document, with their boxes."""
    rows = Packing.objects.filter(dispatch_id__in=list(dispatch_ids)).prefetch_related("boxes")
    return {each.dispatch_id: each for each in rows}


def get_manifest(actor: Actor, manifest_id: UUID) -> Manifest:
    """Raises NotFound, PermissionDenied."""
    found = Manifest.objects.filter(id=manifest_id).first()
    if found is None:
        raise NotFound
    check_place(actor, found.warehouse_id)
    return found


def list_manifests(actor: Actor, *, after: UUID | None = None, limit: int = 50) -> list[Manifest]:
    """Manifests, the newest first, each with the number of its boxes (`count`)."""
    rows = Manifest.objects.filter(warehouse_id__in=[each.id for each in places_of(actor)]).order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.annotate(count=Count("boxes"))[:limit])


def boxes_on(manifest: Manifest) -> list[tuple[Box, Dispatch]]:
    """What is on a manifest, in the order it was scanned."""
    boxes = list(manifest.boxes.select_related("packing").order_by("out_at", "id"))
    found = Dispatch.objects.in_bulk({each.packing.dispatch_id for each in boxes})
    return [(each, found[each.packing.dispatch_id]) for each in boxes]


def list_going(actor: Actor, *, limit: int = 60) -> list[tuple[Packing, Dispatch]]:
    """What lies on packing tables, or was laid aside half packed, oldest first."""
    places = [each.id for each in places_of(actor)]
    rows = list(
        Packing.objects.filter(warehouse_id__in=places, state=PackingState.OPEN, begun_at__isnull=False).order_by("id")[:limit]
    )  # fmt: skip
    found = Dispatch.objects.in_bulk([each.dispatch_id for each in rows])
    return [(each, found[each.dispatch_id]) for each in rows if found[each.dispatch_id].state in OPEN]


def packed_by_carrier(actor: Actor) -> list[tuple[UUID, str, int]]:
    """What is packed and waits for its carrier: warehouse, carrier, documents."""
    places = [each.id for each in places_of(actor)]
    rows = Dispatch.objects.filter(warehouse_id__in=places, state=DispatchState.PACKED)
    found = (
        rows.values_list("warehouse_id", "carrier").annotate(Count("id")).order_by("carrier", "warehouse_id")
    )
    return [(place, carrier, count) for place, carrier, count in found]
