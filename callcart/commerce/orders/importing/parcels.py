"""Parcels from a list and into a list: numbers of boxes that left, and what carriers report of them. A row of a tracking number we
know is a report; one we do not know sends the order's goods out under it. What left the house is not undone from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.commerce.orders.importing.columns import NUMBER, PARCELS
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.scope import visible
from callcart.commerce.orders.send import ship_order
from callcart.commerce.shipping.public import Parcel, ParcelState, set_parcel_state
from callcart.core.actor import Actor
from callcart.core.exchange.public import (
    Column,
    Did,
    Done,
    Importer,
    Kind,
    Outcome,
    Page,
    Place,
    Sheet,
    Unit,
    piece,
    refused,
    register,
)

SHEET = Sheet(
    key="parcels",
    label=gettext_lazy("Parcels"),
    unit=("number+tracking+state+at",),
    columns=(
        NUMBER,
        Column("tracking", gettext_lazy("Tracking number"), required=True, most=100, example="1Z999", names=("tracking", "waybill", "tracking no", "运单号", "快递单号", "物流单号")),
        Column("carrier", gettext_lazy("Carrier"), most=100, names=("shipping company", "courier", "快递公司", "物流公司", "承运商")),
        Column("state", gettext_lazy("State"), Kind.CHOICE, choices=PARCELS, example="delivered", names=("status", "物流状态", "状态")),
        Column("at", gettext_lazy("When"), Kind.MOMENT, names=("date", "time", "scan time", "时间", "扫描时间", "日期")),
        Column("place", gettext_lazy("Place"), most=200, names=("location", "city", "地点", "所在地")),
    ),
)  # fmt: skip


def apply(actor: Actor, units: Sequence[Unit], place: Place, trial: bool) -> list[Outcome]:
    """One outcome a row. A trial does the real thing; whoever asks for it undoes all."""
    actor.require("orders.ship")
    orders = {
        row.number: row
        for row in visible(actor, "orders.view").filter(number__in=[u.values["number"] for u in units])
    }
    return [_one(actor, unit, orders) for unit in units]


def _one(actor: Actor, unit: Unit, orders: Mapping[str, Order]) -> Outcome:
    values = unit.values
    order = orders.get(values["number"])
    if order is None:
        return refused(_("There is no order of this number."), "number")
    tracking, carrier = str(values["tracking"]), str(values.get("carrier", ""))
    parcel = Parcel.objects.filter(order_id=order.id, tracking=tracking).first()
    if parcel is None:
        order.refresh_from_db()
        parcel = ship_order(actor, order.id, version=order.version, carrier=carrier, tracking=tracking)
        _report(actor, parcel, values)
        return Outcome(Did.MADE, parcel.id)
    before = parcel.state
    if not _report(actor, parcel, values):
        return Outcome(Did.UNCHANGED, parcel.id)
    parcel.refresh_from_db()
    return Outcome(Did.CHANGED, parcel.id, changes={"state": (before, parcel.state)})


def _report(actor: Actor, parcel: Parcel, values: Mapping[str, object]) -> bool:
    """Take in what the row reports; whether it was news."""
    state = ParcelState(str(values.get("state") or ParcelState.HANDED_OVER))
    at = datetime.fromisoformat(str(values["at"])) if values.get("at") else None
    known = parcel.events.filter(state=state)
    if known.filter(at=at).exists() if at else known.exists():
        return False
    set_parcel_state(actor, parcel.id, state, at=at, place=str(values.get("place", "")))
    return True


def built_on(done: Sequence[Done]) -> dict[UUID, str]:
    """Everything: a box that left has left."""
    rows = Parcel.objects.filter(id__in=[each.subject for each in done])
    return {row.id: _("Parcel %(number)s has left.") % {"number": row.number} for row in rows}


def undo(actor: Actor, done: Sequence[Done]) -> None:
    """Nothing is left to undo; `built_on` names every parcel."""


def export(actor: Actor, sheet: str, filters: Mapping[str, str], cursor: str) -> Page:
    """A page of parcels with where they stand, in the order of their making. Filters: `from`, `to` (days of their state)."""
    actor.require("shipping.view")
    rows = Parcel.objects.all()
    if filters.get("from"):
        rows = rows.filter(state_at__date__gte=filters["from"])
    if filters.get("to"):
        rows = rows.filter(state_at__date__lte=filters["to"])
    found, following = piece(rows, cursor)
    wanted = {row.order_id for row in found}
    numbers = dict(visible(actor, "orders.view").filter(id__in=wanted).values_list("id", "number"))
    values = [
        {
            "number": numbers[row.order_id],
            "tracking": row.tracking,
            "carrier": row.carrier,
            "state": row.state,
            "at": row.state_at,
            "place": row.place,
        }
        for row in found
        if row.order_id in numbers
    ]
    return Page(values, following)


IMPORTER = register(
    Importer(
        kind="parcels",
        label=gettext_lazy("Parcels"),
        about=gettext_lazy("Tracking numbers of what was sent, and what carriers report of it."),
        icon="truck",
        sheets=(SHEET,),
        permissions=("orders.ship", "shipping.update"),
        see=("shipping.view", "orders.view"),
        apply=apply,
        built_on=built_on,
        undo=undo,
        export=export,
        by_day=True,
        batch=50,
    )
)
