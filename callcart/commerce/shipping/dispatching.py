"""Making dispatch documents, moving them along, and ending them. Called by the orders domain inside its own transactions, under
the order's lock; picking and packing call `move_dispatch` by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from callcart.commerce.shipping.dispatch import OPEN, STEPS, Dispatch, DispatchLine, DispatchState
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.ids import next_number
from callcart.core.money import Money


class DispatchMoved(Conflict):
    """This dispatch document is already further on. Load it again to see where it stands."""

    code = "shipping.dispatch_moved"


@dataclass(frozen=True, slots=True)
class DispatchUnits:
    """Units of an order line in a warehouse."""

    line_id: UUID
    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class DispatchDraft:
    """A document to be: whose goods, from where, by whom they are carried, and the cash to collect."""

    order_id: UUID
    order_number: str
    warehouse_id: UUID
    units: tuple[DispatchUnits, ...]
    cod: Money
    carrier: str = ""
    service: str = ""
    weight_g: int = 0
    promised_on: date | None = None


def make_dispatch(actor: Actor, draft: DispatchDraft) -> Dispatch:
    """Write a document. The database refuses a second open one for the order in that warehouse."""
    row = Dispatch(
        number=next_number("dispatch"),
        order_id=draft.order_id,
        order_number=draft.order_number,
        warehouse_id=draft.warehouse_id,
        carrier=draft.carrier,
        service=draft.service,
        weight_g=draft.weight_g,
        currency=draft.cod.currency,
        cod_minor=draft.cod.minor,
        promised_on=draft.promised_on,
        made_at=now(),
        made_by=actor.name,
        state_at=now(),
        state_by=actor.name,
    )
    row.save(force_insert=True)
    DispatchLine.objects.bulk_create(
        [
            DispatchLine(
                dispatch=row, line_id=each.line_id, variant_id=each.variant_id, quantity=each.quantity
            )
            for each in draft.units
        ]
    )
    audit.record(
        actor,
        "shipping.make_dispatch",
        subject=("dispatch", row.id),
        after={"number": row.number, "order_id": row.order_id, "warehouse_id": row.warehouse_id},
    )
    _tell(row)
    return row


def change_cash(actor: Actor, dispatch_id: UUID, cod: Money) -> Dispatch:
    """The carrier is to collect another sum. Called by the orders domain, under the order's lock. Raises DispatchMoved where the goods
    have left."""
    row = _locked(dispatch_id)
    if row.state not in OPEN:
        raise DispatchMoved(state=row.state)
    before, row.cod_minor = row.cod_minor, cod.minor
    row.version += 1
    row.save(update_fields=["cod_minor", "version"])
    audit.record(
        actor,
        "shipping.change_cash",
        subject=("dispatch", row.id),
        before={"cod_minor": before},
        after={"cod_minor": row.cod_minor},
    )
    _tell(row)
    return row


def cancel_dispatch(actor: Actor, dispatch_id: UUID, *, reason: str) -> Dispatch:
    """End a document whose goods stay. Raises NotFound, DispatchMoved where they have left."""
    row = _locked(dispatch_id)
    row.cancel_reason = reason
    return _step(actor, row, DispatchState.CANCELLED, reason=reason)


def move_dispatch(
    actor: Actor, dispatch_id: UUID, state: DispatchState, *, version: int | None = None
) -> Dispatch:
    """Picking has begun, it is packed, or back to waiting. Raises NotFound, DispatchMoved, also where it is no longer at
    `version`. Goods leave by `orders.hand_over` only, documents end by `cancel_dispatch`."""
    actor.require("shipping.pack")
    row = _locked(dispatch_id)
    if state in {DispatchState.HANDED_OVER, DispatchState.CANCELLED} or version not in {None, row.version}:
        raise DispatchMoved(state=row.state)
    return _step(actor, row, state)


def leave_dispatch(
    actor: Actor, dispatch_id: UUID, *, line_ids: Sequence[UUID] | None = None, cod: Money | None = None
) -> Dispatch:
    """The goods have left, of all lines or of some with `cod` of the cash: what stays behind gets a document of its own, with
    the rest of it. Called by the orders domain, which took them out of stock. Raises DispatchMoved."""
    row = _locked(dispatch_id)
    if row.state not in OPEN:
        raise DispatchMoved(state=row.state)
    lines = list(row.lines.all())
    behind = [] if line_ids is None else [each for each in lines if each.line_id not in set(line_ids)]
    left = row.cod - cod if cod is not None and behind else Money.zero(row.currency)
    row.cod_minor -= left.minor
    _step(actor, row, DispatchState.HANDED_OVER)
    if behind:
        row.lines.filter(id__in=[each.id for each in behind]).delete()
        make_dispatch(
            actor,
            DispatchDraft(
                order_id=row.order_id,
                order_number=row.order_number,
                warehouse_id=row.warehouse_id,
                units=tuple(DispatchUnits(each.line_id, each.variant_id, each.quantity) for each in behind),
                cod=left,
                carrier=row.carrier,
                service=row.service,
                promised_on=row.promised_on,
            ),
        )
    return row


def _locked(dispatch_id: UUID) -> Dispatch:
    row = Dispatch.objects.select_for_update(no_key=True).filter(id=dispatch_id).first()
    if row is None:
        raise NotFound
    return row


def _step(actor: Actor, row: Dispatch, state: DispatchState, *, reason: str = "") -> Dispatch:
    if state not in STEPS[DispatchState(row.state)]:
        raise DispatchMoved(state=row.state)
    before, row.state = row.state, state
    row.state_at, row.state_by = now(), actor.name
    row.version += 1
    row.save(update_fields=["state", "state_at", "state_by", "version", "cancel_reason", "cod_minor"])
    audit.record(
        actor,
        "shipping.move_dispatch",
        subject=("dispatch", row.id),
        before={"state": before},
        after={"state": state},
        reason=reason,
    )
    _tell(row)
    return row


def _tell(row: Dispatch) -> None:
    events.emit(
        "dispatch.changed",
        subject=("order", row.order_id),
        data={
            "dispatch_id": row.id,
            "order_id": row.order_id,
            "warehouse_id": row.warehouse_id,
            "state": row.state,
        },
    )
