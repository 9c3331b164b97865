"""Hand-over by scan: each box the carrier takes is scanned onto a manifest; with the last box of a document its goods leave the
books, its boxes become parcels under their waybills' numbers, and the manifest is what the driver signs.

Locks: the packing, the order, its stock, the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction

from callcart.commerce.fulfilment.models import Box, Manifest, Packing, PackingState
from callcart.commerce.fulfilment.place import check_place
from callcart.commerce.fulfilment.scanned import find_dispatch
from callcart.commerce.orders.public import hand_over
from callcart.commerce.shipping.public import (
    Dispatch,
    DispatchParcel,
    DispatchState,
    Parcel,
    carrier_called,
    create_parcel,
)
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import next_number


class ManifestClosed(Conflict):
    """This manifest is closed: the carrier has left. Open another one."""

    code = "fulfilment.manifest_closed"


class BoxesMissing(Conflict):
    """Of %(number)s only some boxes are here. Scan the others, or take those off."""

    code = "fulfilment.boxes_missing"


class NothingOnIt(Conflict):
    """Nothing is on this manifest yet."""

    code = "fulfilment.nothing_on_it"


class OutOutcome(StrEnum):
    OUT = "out"  # the document has left
    MORE_BOXES = "more_boxes"  # this box is on it, others of the document are not
    ALREADY = "already"
    UNKNOWN = "unknown"
    NOT_PACKED = "not_packed"
    CANCELLED = "cancelled"
    OTHER_CARRIER = "other_carrier"
    OTHER_PLACE = "other_place"


@dataclass(frozen=True, slots=True)
class OutScan:
    """What became of a scanned box. `missing` boxes of its document are still to come."""

    code: str
    outcome: OutOutcome
    box: Box | None = None
    dispatch: Dispatch | None = None
    missing: int = 0


def open_manifest(actor: Actor, warehouse_id: UUID, *, carrier: str) -> Manifest:
    """The open manifest of a carrier at a warehouse, made where there is none. Raises PermissionDenied, Invalid."""
    check_place(actor, warehouse_id)
    fields = Fields()
    carrier = fields.line("carrier", carrier, most=100)
    fields.done()
    known = carrier_called(carrier)
    name = known.name if known else carrier
    while True:
        found = Manifest.objects.filter(warehouse_id=warehouse_id, carrier=name, closed_at=None).first()
        if found is not None:
            return found
        try:
            with transaction.atomic():
                made = Manifest.objects.create(
                    number=next_number("manifest"), warehouse_id=warehouse_id, carrier=name, made_at=now(),
                    staff_name=actor.name,
                )  # fmt: skip
        except IntegrityError:
            continue  # a colleague was faster: theirs is the one
        audit.record(
            actor, "fulfilment.open_manifest", subject=("manifest", made.id), after={"carrier": name}
        )
        return made


def scan_out(actor: Actor, manifest_id: UUID, code: str) -> OutScan:
    """A box goes to the carrier. Raises NotFound, PermissionDenied, ManifestClosed, and what `orders.hand_over` raises."""
    manifest = _open(actor, manifest_id)
    text = "".join(code.split())[:100]
    box = _box(text)
    if box is None:
        return OutScan(text, OutOutcome.UNKNOWN, dispatch=find_dispatch(text))
    packing = Packing.objects.select_for_update(no_key=True).get(id=box.packing_id)
    box = Box.objects.get(id=box.id)
    dispatch = Dispatch.objects.get(id=packing.dispatch_id)
    if refused := _refused(manifest, packing, box, dispatch):
        return OutScan(text, refused, box, dispatch)
    box.manifest, box.out_at = manifest, now()
    box.save(update_fields=["manifest", "out_at"])
    missing = packing.boxes.exclude(manifest=manifest).count()
    if not missing:
        _leave(actor, packing, dispatch, manifest)
    _tell(manifest)
    return OutScan(text, OutOutcome.MORE_BOXES if missing else OutOutcome.OUT, box, dispatch, missing)


def _box(text: str) -> Box | None:
    if not text:
        return None
    by_number = Box.objects.filter(number=text).first()
    return by_number or Box.objects.filter(tracking=text).order_by("-id").first()


def _refused(manifest: Manifest, packing: Packing, box: Box, dispatch: Dispatch) -> OutOutcome | None:
    if dispatch.state == DispatchState.CANCELLED:
        return OutOutcome.CANCELLED
    if box.manifest_id is not None or dispatch.state == DispatchState.HANDED_OVER:
        return OutOutcome.ALREADY
    if packing.warehouse_id != manifest.warehouse_id:
        return OutOutcome.OTHER_PLACE
    if packing.state != PackingState.PACKED or dispatch.state != DispatchState.PACKED:
        return OutOutcome.NOT_PACKED
    if dispatch.carrier.casefold() != manifest.carrier.casefold():
        known = carrier_called(dispatch.carrier)
        if known is None or known.name != manifest.carrier:
            return OutOutcome.OTHER_CARRIER
    return None


def _leave(actor: Actor, packing: Packing, dispatch: Dispatch, manifest: Manifest) -> list[Parcel]:
    """The boxes become parcels, then the goods leave; all of it or nothing."""
    for box in packing.boxes.prefetch_related("lines"):
        parcel = create_parcel(
            actor, packing.order_id, units={each.line_id: each.quantity for each in box.lines.all()},
            carrier=manifest.carrier, tracking=box.tracking, number=box.number,
        )  # fmt: skip
        DispatchParcel.objects.create(dispatch=dispatch, parcel=parcel)
        box.parcel_id = parcel.id
        box.save(update_fields=["parcel_id"])
    packing.state = PackingState.HANDED_OVER
    packing.save(update_fields=["state"])
    return hand_over(actor, dispatch.id, carrier=manifest.carrier)


def take_off(actor: Actor, manifest_id: UUID, box_id: UUID) -> None:
    """A box does not go after all, as long as its document has not left with others. Raises NotFound, ManifestClosed, Conflict."""
    manifest = _open(actor, manifest_id)
    box = manifest.boxes.filter(id=box_id).first()
    if box is None or box.parcel_id is not None:
        raise NotFound
    Packing.objects.select_for_update(no_key=True).get(id=box.packing_id)
    Box.objects.filter(id=box.id, parcel_id=None).update(manifest=None, out_at=None)
    audit.record(actor, "fulfilment.take_off", subject=("manifest", manifest.id), after={"box": box.number})
    _tell(manifest)


def close_manifest(actor: Actor, manifest_id: UUID, *, driver: str = "") -> Manifest:
    """The carrier leaves. Raises NotFound, ManifestClosed, BoxesMissing, NothingOnIt, Invalid."""
    manifest = _open(actor, manifest_id)
    fields = Fields()
    name = fields.line("driver", driver, most=100)
    fields.done()
    if not manifest.boxes.exists():
        raise NothingOnIt
    lone = manifest.boxes.filter(parcel_id=None).select_related("packing").first()
    if lone is not None:
        raise BoxesMissing(number=Dispatch.objects.get(id=lone.packing.dispatch_id).number)
    manifest.driver, manifest.closed_at, manifest.closed_by = name, now(), actor.name
    manifest.save(update_fields=["driver", "closed_at", "closed_by"])
    audit.record(
        actor, "fulfilment.close_manifest", subject=("manifest", manifest.id),
        after={"number": manifest.number, "boxes": manifest.boxes.count(), "driver": name},
    )  # fmt: skip
    _tell(manifest)
    return manifest


def _open(actor: Actor, manifest_id: UUID) -> Manifest:
    """An open manifest, locked. Raises NotFound, PermissionDenied, ManifestClosed."""
    manifest = Manifest.objects.select_for_update(no_key=True).filter(id=manifest_id).first()
    if manifest is None:
        raise NotFound
    check_place(actor, manifest.warehouse_id)
    if manifest.closed_at is not None:
        raise ManifestClosed
    return manifest


def _tell(manifest: Manifest) -> None:
    events.emit(
        "manifest.changed",
        subject=("manifest", manifest.id),
        data={"manifest_id": manifest.id, "warehouse_id": manifest.warehouse_id},
    )
