"""Picking: documents of one warehouse are put on a wave, its articles are picked along the way round and sorted into slots.

Locks: the wave, then its documents in ascending id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from callcart.commerce.fulfilment.models import Wave, WaveDispatch, WaveLine, WaveState
from callcart.commerce.fulfilment.place import check_place
from callcart.commerce.fulfilment.put_back import BY_HAND, SHORT, note_put_back
from callcart.commerce.inventory.public import Stock
from callcart.commerce.shipping.public import Dispatch, DispatchMoved, DispatchState, move_dispatch
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.ids import next_number

MOST_DISPATCHES = 200


class WaveEnded(Conflict):
    """This wave has ended. Load it again to see what became of it."""

    code = "fulfilment.wave_ended"


class NothingToPick(Conflict):
    """None of these documents waits any more: somebody else picks them, or they were cancelled."""

    code = "fulfilment.nothing_to_pick"


class SeveralWarehouses(Conflict):
    """A wave goes round one warehouse. Choose documents of one only."""

    code = "fulfilment.several_warehouses"


def make_wave(actor: Actor, dispatch_ids: Sequence[UUID]) -> Wave:
    """Put documents that wait on a wave of their own; those that no longer wait are left out. Raises Invalid, NotFound,
    PermissionDenied, SeveralWarehouses, NothingToPick."""
    actor.require("shipping.pack")
    if not 0 < len(set(dispatch_ids)) <= MOST_DISPATCHES:
        said = gettext("Choose 1 to %(most)s documents.") % {"most": MOST_DISPATCHES}
        raise Invalid(fields={"dispatch": said})
    found = list(Dispatch.objects.filter(id__in=set(dispatch_ids)).order_by("id"))
    places = {each.warehouse_id for each in found}
    if not found:
        raise NotFound
    if len(places) > 1:
        raise SeveralWarehouses
    check_place(actor, found[0].warehouse_id)
    taken = [each for each in found if _begin(actor, each)]
    if not taken:
        raise NothingToPick
    wave = Wave.objects.create(
        number=next_number("wave"), warehouse_id=found[0].warehouse_id, made_at=now(), staff_id=actor.id,
        staff_name=actor.name,
    )  # fmt: skip
    WaveDispatch.objects.bulk_create(
        [WaveDispatch(wave=wave, dispatch_id=each.id, slot=slot) for slot, each in enumerate(taken, start=1)]
    )
    _write_lines(wave, taken)
    audit.record(
        actor, "fulfilment.make_wave", subject=("wave", wave.id),
        after={"number": wave.number, "dispatches": [each.number for each in taken]},
    )  # fmt: skip
    _tell(wave)
    return wave


def _begin(actor: Actor, dispatch: Dispatch) -> bool:
    try:
        with transaction.atomic():
            move_dispatch(actor, dispatch.id, DispatchState.PICKING)
    except DispatchMoved:
        return False
    return True


def _write_lines(wave: Wave, taken: Sequence[Dispatch]) -> None:
    units: Counter[UUID] = Counter()
    for each in taken:
        for line in each.lines.all():
            units[line.variant_id] += line.quantity
    shelves = {
        row.variant_id: row
        for row in Stock.objects.filter(warehouse=wave.warehouse_id, variant__in=list(units))
    }
    WaveLine.objects.bulk_create(
        [
            WaveLine(
                wave=wave, variant_id=variant_id, quantity=count,
                route=shelves[variant_id].route if variant_id in shelves else 0,
                bin=shelves[variant_id].bin if variant_id in shelves else "",
            )
            for variant_id, count in sorted(units.items())
        ]
    )  # fmt: skip


def pick(actor: Actor, wave_id: UUID, variant_id: UUID, *, picked: int, is_short: bool = False) -> WaveLine:
    """So many units of an article are in the trolley (all told, so that saying it twice changes nothing); `is_short`: there are
    no more. Raises NotFound, PermissionDenied, WaveEnded, Invalid."""
    wave = _open_wave(actor, wave_id)
    line = wave.lines.filter(variant=variant_id).first()
    if line is None:
        raise NotFound
    if not 0 <= picked <= line.quantity:
        said = gettext("Give a whole number from 0 to %(most)s.") % {"most": line.quantity}
        raise Invalid(fields={"picked": said})
    line.picked, line.is_short = picked, is_short and picked < line.quantity
    line.save(update_fields=["picked", "is_short"])
    _tell(wave)
    return line


def finish_wave(actor: Actor, wave_id: UUID, *, all_picked: bool = False) -> Wave:
    """The round is over. A document whose goods are all there goes on to packing, slot by slot; one that lacks something comes
    off, waits again, and what was picked for it is put back. `all_picked`: lines not said to be short are complete, for
    those who pick from paper. Raises NotFound, PermissionDenied, WaveEnded."""
    wave = _open_wave(actor, wave_id)
    left = Counter(
        {
            line.variant_id: line.quantity if all_picked and not line.is_short else line.picked
            for line in wave.lines.all()
        }
    )
    if all_picked:
        for line in wave.lines.filter(is_short=False):
            line.picked = line.quantity
            line.save(update_fields=["picked"])
    lacking = []
    for slot, dispatch, wanted in _slots(wave):
        if all(left[variant_id] >= count for variant_id, count in wanted.items()):
            left -= wanted
        else:
            lacking.append((slot, dispatch, wanted))
    for slot, dispatch, wanted in sorted(lacking, key=lambda each: each[1].id):
        back = {variant_id: min(left[variant_id], count) for variant_id, count in wanted.items()}
        left -= Counter(back)
        _take_off(actor, slot, dispatch, back, reason=SHORT)
    return _end(actor, wave, WaveState.DONE)


def cancel_wave(actor: Actor, wave_id: UUID) -> Wave:
    """Give the round up: its documents wait again, and what is in the trolley goes back. Raises NotFound, PermissionDenied,
    WaveEnded."""
    wave = _open_wave(actor, wave_id)
    left = Counter({line.variant_id: line.picked for line in wave.lines.all()})
    for slot, dispatch, wanted in sorted(_slots(wave), key=lambda each: each[1].id):
        back = {variant_id: min(left[variant_id], count) for variant_id, count in wanted.items()}
        left -= Counter(back)
        _take_off(actor, slot, dispatch, back, reason=BY_HAND)
    return _end(actor, wave, WaveState.CANCELLED)


def _slots(wave: Wave) -> list[tuple[WaveDispatch, Dispatch, Counter[UUID]]]:
    """What is still on the wave, slot by slot, with its units by SKU."""
    slots = list(wave.slots.filter(is_on=True))
    found = Dispatch.objects.prefetch_related("lines").in_bulk([each.dispatch_id for each in slots])
    return [(slot, found[slot.dispatch_id], units_of(found[slot.dispatch_id])) for slot in slots]


def units_of(dispatch: Dispatch) -> Counter[UUID]:
    """A document's units by SKU."""
    units: Counter[UUID] = Counter()
    for line in dispatch.lines.all():
        units[line.variant_id] += line.quantity
    return units


def _take_off(
    actor: Actor, slot: WaveDispatch, dispatch: Dispatch, back: dict[UUID, int], *, reason: str
) -> None:
    slot.is_on, slot.off_reason = False, reason
    slot.save(update_fields=["is_on", "off_reason"])
    note_put_back(dispatch, back, reason=reason)
    try:
        with transaction.atomic():
            move_dispatch(actor, dispatch.id, DispatchState.WAITING)
    except DispatchMoved:
        return  # it was cancelled or left meanwhile


def _open_wave(actor: Actor, wave_id: UUID) -> Wave:
    wave = Wave.objects.select_for_update(no_key=True).filter(id=wave_id).first()
    if wave is None:
        raise NotFound
    check_place(actor, wave.warehouse_id)
    if wave.state != WaveState.OPEN:
        raise WaveEnded(state=wave.state)
    return wave


def _end(actor: Actor, wave: Wave, state: WaveState) -> Wave:
    wave.state, wave.ended_at = state, now()
    wave.save(update_fields=["state", "ended_at"])
    audit.record(
        actor, "fulfilment.end_wave", subject=("wave", wave.id), before={"state": WaveState.OPEN}, after={"state": state}
    )  # fmt: skip
    _tell(wave)
    return wave


def _tell(wave: Wave) -> None:
    events.emit(
        "wave.changed",
        subject=("wave", wave.id),
        data={"wave_id": wave.id, "warehouse_id": wave.warehouse_id, "state": wave.state},
    )
