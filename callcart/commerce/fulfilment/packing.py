"""Packing by scan: a document is taken on the table, its articles are scanned into boxes until nothing is missing, and it is packed.

One clerk has a document at a time. A wrong article, or one too many, changes nothing and is said at once. Locks: the packing,
then (when it is handed over) the order, its stock, the document; nobody takes them the other way round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.catalog.public import VariantHit, variant_by_code, variants
from callcart.commerce.fulfilment.models import Box, BoxLine, Packing, PackingState, WaveDispatch
from callcart.commerce.fulfilment.place import check_place
from callcart.commerce.fulfilment.put_back import BY_HAND, note_put_back
from callcart.commerce.shipping.public import Dispatch, DispatchState, move_dispatch
from callcart.core import audit, events, idempotency
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import next_number

MOST_BOXES = 50
MOST_SCANS = 200


class PackedByAnother(Conflict):
    """%(name)s is packing this."""

    code = "fulfilment.packed_by_another"


class NotYours(Conflict):
    """You no longer have this on your table. Scan its waybill again to go on."""

    code = "fulfilment.not_yours"


class GoodsGoBack(Conflict):
    """Stop: this was cancelled. Put the goods back; they are on the list of goods to put back."""

    code = "fulfilment.goods_go_back"


class AlreadyLeft(Conflict):
    """This has already left with the carrier."""

    code = "fulfilment.already_left"


class AlreadyPacked(Conflict):
    """This is packed already. Put it back to change what is in it."""

    code = "fulfilment.already_packed"


class NotComplete(Conflict):
    """Not everything is in yet: %(missing)s units are missing."""

    code = "fulfilment.not_complete"


class EmptyBox(Conflict):
    """The last box is empty. Put something into it first."""

    code = "fulfilment.empty_box"


class PackOutcome(StrEnum):
    PACKED = "packed"
    UNKNOWN = "unknown"
    WRONG = "wrong"  # an article of ours, not of this document
    TOO_MANY = "too_many"
    NOT_THERE = "not_there"  # more taken out than lie in the box


@dataclass(frozen=True, slots=True)
class PackScan:
    """What became of one code; `inside` of `wanted` are packed now."""

    code: str
    units: int
    outcome: PackOutcome
    variant: VariantHit | None = None
    inside: int = 0
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class PackLine:
    """An article of the document and how much of it is in."""

    variant_id: UUID
    variant: VariantHit | None
    wanted: int
    inside: int


def ensure_packing(dispatch: Dispatch) -> Packing:
    """A document's packing with its first box, made once: its waybill number never changes. Locked."""
    packing, _made = Packing.objects.get_or_create(
        dispatch_id=dispatch.id,
        defaults={"order_id": dispatch.order_id, "warehouse_id": dispatch.warehouse_id},
    )
    packing = Packing.objects.select_for_update(no_key=True).get(id=packing.id)
    if not packing.boxes.exists():
        Box.objects.create(packing=packing, position=1, number=next_number("parcel"))
    return packing


def begin_packing(actor: Actor, dispatch_id: UUID, *, take_over: bool = False) -> Packing:
    """Take a document on the table; again by the same clerk, it is as it was left. Raises NotFound, PermissionDenied,
    PackedByAnother unless it is to be taken over, AlreadyPacked, AlreadyLeft, GoodsGoBack."""
    dispatch = Dispatch.objects.filter(id=dispatch_id).first()
    if dispatch is None:
        raise NotFound
    check_place(actor, dispatch.warehouse_id)
    packing = ensure_packing(dispatch)
    dispatch = _still_open(dispatch_id)
    if packing.state == PackingState.PACKED or dispatch.state == DispatchState.PACKED:
        raise AlreadyPacked
    if packing.staff_id not in {None, actor.id} and not take_over:
        raise PackedByAnother(name=packing.staff_name)
    if dispatch.state == DispatchState.WAITING:
        move_dispatch(actor, dispatch.id, DispatchState.PICKING)
    before = packing.staff_name
    packing.state, packing.begun_at = PackingState.OPEN, packing.begun_at or now()
    packing.staff_id, packing.staff_name = actor.id, actor.name
    packing.save(update_fields=["state", "begun_at", "staff_id", "staff_name"])
    audit.record(
        actor, "fulfilment.begin_packing", subject=("dispatch", dispatch.id), before={"by": before}, after={"by": actor.name}
    )  # fmt: skip
    _tell(packing)
    return packing


def leave_table(actor: Actor, packing_id: UUID) -> None:
    """Lay it aside for whoever goes on. Raises NotFound, NotYours."""
    packing = _mine(actor, packing_id)
    packing.staff_id, packing.staff_name = None, ""
    packing.save(update_fields=["staff_id", "staff_name"])
    _tell(packing)


def scan_items(
    actor: Actor, packing_id: UUID, codes: Sequence[str], *, idempotency_key: str
) -> list[PackScan]:
    """Articles are scanned into the last box; an answer for each, in their order. `3*code` is three, `-1*code` takes one out. The
    same key again gives the same answer. Raises NotFound, NotYours, GoodsGoBack, AlreadyLeft, AlreadyPacked, Invalid."""
    packing = _mine(actor, packing_id)
    read = [_read(each) for each in codes[:MOST_SCANS] if each.strip()]
    body = {"packing": str(packing_id), "codes": [list(each) for each in read]}
    with idempotency.claim(actor, "fulfilment.scan", idempotency_key, body) as claim:
        if claim.stored is None:
            claim.store({"outcomes": [str(each) for each in _book(packing, read)]})
        outcomes = (claim.answer or claim.stored or {})["outcomes"]
    lines = {each.variant_id: each for each in lines_of(packing)}
    _tell(packing)
    return [
        _answer(text, units, PackOutcome(said), lines)
        for (text, units), said in zip(read, outcomes, strict=True)
    ]


def _read(code: str) -> tuple[str, int]:
    head, star, rest = code.strip().partition("*")
    if star and head.lstrip("-").isdecimal() and head.isascii() and len(head) < 6 and int(head):
        return rest.strip()[:100], int(head)
    return code.strip()[:100], 1


def _book(packing: Packing, read: Sequence[tuple[str, int]]) -> list[PackOutcome]:
    dispatch = Dispatch.objects.prefetch_related("lines").get(id=packing.dispatch_id)
    box = packing.boxes.order_by("-position")[0]
    return [_put(packing, dispatch, box, text, units) for text, units in read]


def _put(packing: Packing, dispatch: Dispatch, box: Box, text: str, units: int) -> PackOutcome:
    """Units go to the document's lines of that SKU, the first first; out of the box, the last first."""
    variant = variant_by_code(text)
    if variant is None:
        return PackOutcome.UNKNOWN
    its = sorted(
        (each for each in dispatch.lines.all() if each.variant_id == variant.id), key=lambda each: each.id
    )
    if not its:
        return PackOutcome.WRONG
    if units < 0:
        return _take_out(box, variant.id, -units)
    inside = Counter(dict(_inside(packing)))
    room = [(each, each.quantity - inside[each.line_id]) for each in its]
    if sum(free for _each, free in room) < units:
        return PackOutcome.TOO_MANY
    for each, free in room:
        count = min(free, units)
        if count:
            row, made = BoxLine.objects.get_or_create(
                box=box, line_id=each.line_id, defaults={"variant_id": variant.id, "quantity": count}
            )
            if not made:
                row.quantity += count
                row.save(update_fields=["quantity"])
            units -= count
    return PackOutcome.PACKED


def _take_out(box: Box, variant_id: UUID, units: int) -> PackOutcome:
    rows = list(box.lines.filter(variant_id=variant_id).order_by("-id"))
    if sum(each.quantity for each in rows) < units:
        return PackOutcome.NOT_THERE
    for row in rows:
        count = min(row.quantity, units)
        units -= count
        if count == row.quantity:
            row.delete()
        elif count:
            row.quantity -= count
            row.save(update_fields=["quantity"])
    return PackOutcome.PACKED


def _inside(packing: Packing) -> list[tuple[UUID, int]]:
    """Packed units by order line."""
    found: Counter[UUID] = Counter()
    for line_id, count in BoxLine.objects.filter(box__packing=packing).values_list("line_id", "quantity"):
        found[line_id] += count
    return list(found.items())


def lines_of(packing: Packing) -> list[PackLine]:
    """The document's articles, what is missing first."""
    dispatch = Dispatch.objects.prefetch_related("lines").get(id=packing.dispatch_id)
    inside = Counter(dict(_inside(packing)))
    wanted: Counter[UUID] = Counter()
    packed: Counter[UUID] = Counter()
    for line in dispatch.lines.all():
        wanted[line.variant_id] += line.quantity
        packed[line.variant_id] += inside[line.line_id]
    named = variants(wanted)
    rows = [PackLine(each, named.get(each), count, packed[each]) for each, count in wanted.items()]
    return sorted(
        rows, key=lambda each: (each.inside >= each.wanted, each.variant.sku if each.variant else "")
    )


def _answer(text: str, units: int, outcome: PackOutcome, lines: Mapping[UUID, PackLine]) -> PackScan:
    variant = variant_by_code(text)
    line = lines.get(variant.id) if variant else None
    return PackScan(text, units, outcome, variant, line.inside if line else 0, line.wanted if line else 0)


def new_box(actor: Actor, packing_id: UUID) -> Box:
    """What is scanned from now on goes into another box, with a waybill of its own. Raises NotFound, NotYours, EmptyBox, Invalid."""
    packing = _mine(actor, packing_id)
    last = packing.boxes.order_by("-position")[0]
    if not last.lines.exists():
        raise EmptyBox
    if last.position >= MOST_BOXES:
        raise Invalid(fields={"box": gettext("At most %(most)s boxes.") % {"most": MOST_BOXES}})
    box = Box.objects.create(packing=packing, position=last.position + 1, number=next_number("parcel"))
    _tell(packing)
    return box


def finish_packing(
    actor: Actor,
    packing_id: UUID,
    *,
    weights: Mapping[int, int] | None = None,
    trackings: Mapping[int, str] | None = None,
) -> Packing:
    """All is in: the document is packed. `weights` in grams and the carriers' numbers by the box's place, where they are known.
    Raises NotFound, NotYours, NotComplete, EmptyBox, Invalid, GoodsGoBack."""
    packing = _mine(actor, packing_id)
    missing = sum(each.wanted - each.inside for each in lines_of(packing))
    if missing:
        raise NotComplete(missing=missing)
    boxes = list(packing.boxes.prefetch_related("lines"))
    if any(not each.lines.all() for each in boxes):
        raise EmptyBox
    _weigh(boxes, weights or {}, trackings or {})
    packing.state, packing.packed_at = PackingState.PACKED, now()
    packing.save(update_fields=["state", "packed_at"])
    move_dispatch(actor, packing.dispatch_id, DispatchState.PACKED)
    audit.record(
        actor, "fulfilment.pack", subject=("dispatch", packing.dispatch_id),
        after={"boxes": [each.number for each in boxes], "weights": [each.weight_g for each in boxes]},
    )  # fmt: skip
    _tell(packing)
    return packing


def _weigh(boxes: Sequence[Box], weights: Mapping[int, int], trackings: Mapping[int, str]) -> None:
    fields = Fields()
    for box in boxes:
        if (grams := weights.get(box.position)) is not None:
            if not 0 < grams <= 10**7:
                fields.refuse(f"weight-{box.position}", gettext("A weight in kilograms, such as 0.5."))
            box.weight_g = grams
        name = f"tracking-{box.position}"
        box.tracking = "".join(fields.line(name, trackings.get(box.position, box.tracking), most=100).split())
    fields.done()
    for box in boxes:
        box.save(update_fields=["weight_g", "tracking"])


def put_back(actor: Actor, dispatch_id: UUID) -> Packing:
    """Take a document apart again: what is in its boxes goes on the list of goods to put back, it waits anew, and keeps its first
    waybill. Raises NotFound, PermissionDenied, AlreadyLeft, GoodsGoBack."""
    dispatch = Dispatch.objects.filter(id=dispatch_id).first()
    if dispatch is None:
        raise NotFound
    check_place(actor, dispatch.warehouse_id)
    packing = ensure_packing(dispatch)
    dispatch = _still_open(dispatch_id)
    if packing.boxes.exclude(manifest=None).exists():
        raise AlreadyLeft
    units: Counter[UUID] = Counter()
    for variant_id, count in BoxLine.objects.filter(box__packing=packing).values_list(
        "variant_id", "quantity"
    ):
        units[variant_id] += count
    note_put_back(dispatch, units, reason=BY_HAND)
    _empty(packing)
    WaveDispatch.objects.filter(dispatch_id=dispatch_id, is_on=True).update(is_on=False, off_reason=BY_HAND)
    if dispatch.state != DispatchState.WAITING:
        move_dispatch(actor, dispatch_id, DispatchState.WAITING)
    audit.record(
        actor,
        "fulfilment.take_apart",
        subject=("dispatch", dispatch_id),
        after={"units": sum(units.values())},
    )
    _tell(packing)
    return packing


def _empty(packing: Packing) -> None:
    packing.boxes.filter(position__gt=1).delete()
    BoxLine.objects.filter(box__packing=packing).delete()
    packing.state, packing.staff_id, packing.staff_name, packing.packed_at = PackingState.OPEN, None, "", None
    packing.save(update_fields=["state", "staff_id", "staff_name", "packed_at"])


def _still_open(dispatch_id: UUID) -> Dispatch:
    dispatch = Dispatch.objects.get(id=dispatch_id)
    if dispatch.state == DispatchState.CANCELLED:
        raise GoodsGoBack
    if dispatch.state == DispatchState.HANDED_OVER:
        raise AlreadyLeft
    return dispatch


def _mine(actor: Actor, packing_id: UUID) -> Packing:
    """A packing on the actor's table, locked."""
    packing = Packing.objects.select_for_update(no_key=True).filter(id=packing_id).first()
    if packing is None:
        raise NotFound
    check_place(actor, packing.warehouse_id)
    _still_open(packing.dispatch_id)
    if packing.state == PackingState.PACKED:
        raise AlreadyPacked
    if packing.staff_id != actor.id or packing.begun_at is None:
        raise NotYours
    return packing


def _tell(packing: Packing) -> None:
    events.emit(
        "packing.changed",
        subject=("dispatch", packing.dispatch_id),
        data={
            "packing_id": packing.id,
            "dispatch_id": packing.dispatch_id,
            "warehouse_id": packing.warehouse_id,
            "state": packing.state,
        },
    )
