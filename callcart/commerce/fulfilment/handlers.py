"""A document that ends while it is picked or packed: it comes off its wave and table, and what was taken goes on the list of goods
to put back. One that left another way is over here too. May run twice."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from callcart.commerce.fulfilment.models import (
    Box,
    BoxLine,
    Packing,
    PackingState,
    Wave,
    WaveDispatch,
    WaveState,
)
from callcart.commerce.fulfilment.picking import units_of
from callcart.commerce.fulfilment.put_back import CANCELLED, note_put_back
from callcart.commerce.shipping.public import Dispatch, DispatchState
from callcart.core import events


@events.handler("dispatch.changed")
def on_dispatch_changed(event: events.Event) -> None:
    """Cancelled or gone."""
    dispatch_id, state = UUID(str(event.data["dispatch_id"])), event.data.get("state")
    if state not in {DispatchState.CANCELLED, DispatchState.HANDED_OVER}:
        return
    packing = Packing.objects.select_for_update(no_key=True).filter(dispatch_id=dispatch_id).first()
    if state == DispatchState.HANDED_OVER:
        if packing is not None and packing.state in {PackingState.OPEN, PackingState.PACKED}:
            _set(packing, PackingState.ENDED)
        return
    dispatch = Dispatch.objects.prefetch_related("lines").filter(id=dispatch_id).first()
    if dispatch is None:
        return
    units = _off_its_wave(dispatch)
    if packing is not None and packing.state in {PackingState.OPEN, PackingState.PACKED}:
        scanned: Counter[UUID] = Counter()
        for row in BoxLine.objects.filter(box__packing=packing):
            scanned[row.variant_id] += row.quantity
        units |= scanned  # what was picked and then scanned is one and the same
        Box.objects.filter(packing=packing, parcel_id=None).update(manifest=None, out_at=None)
        _set(packing, PackingState.ENDED)
    note_put_back(dispatch, units, reason=CANCELLED)


def _set(packing: Packing, state: PackingState) -> None:
    packing.state = state
    packing.save(update_fields=["state"])
    events.emit(
        "packing.changed",
        subject=("dispatch", packing.dispatch_id),
        data={
            "packing_id": packing.id,
            "dispatch_id": packing.dispatch_id,
            "warehouse_id": packing.warehouse_id,
            "state": state,
        },
    )


def _off_its_wave(dispatch: Dispatch) -> Counter[UUID]:
    """Take it off; what was picked for it. On an open wave that is only what is now too much in the trolley."""
    slot = WaveDispatch.objects.filter(dispatch_id=dispatch.id, is_on=True).first()
    if slot is None:
        return Counter()
    wave = Wave.objects.select_for_update(no_key=True).get(id=slot.wave_id)
    if not WaveDispatch.objects.filter(id=slot.id, is_on=True).update(is_on=False, off_reason=CANCELLED):
        return Counter()
    wanted = units_of(dispatch)
    if wave.state != WaveState.OPEN:
        return wanted if wave.state == WaveState.DONE else Counter()
    back: Counter[UUID] = Counter()
    for line in wave.lines.filter(variant__in=list(wanted)):
        less = line.quantity - wanted[line.variant_id]
        back[line.variant_id] = max(line.picked - less, 0)
        line.quantity, line.picked = less, min(line.picked, less)
        line.save(update_fields=["quantity", "picked"])
    events.emit("wave.changed", subject=("wave", wave.id), data={"wave_id": wave.id, "warehouse_id": wave.warehouse_id, "state": wave.state})  # fmt: skip
    return back
