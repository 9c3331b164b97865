"""The demo shops' carriers: services with rate sheets, cut-off times and holidays, serving the shop's delivery methods. The first
of each shop is reached over the demo carrier company's interface, the others by file and hand.
"""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from callcart.commerce.shipping.public import (
    CarrierDraft,
    Parcel,
    ParcelState,
    ServiceDraft,
    ZoneDraft,
    save_carrier,
    save_service,
    save_sheet,
    set_cut_offs,
    set_holidays,
    set_parcel_state,
)
from callcart.commerce.shipping.troubles import watch
from callcart.core.actor import Actor
from callcart.demo.data.carriers import CARRIERS, HOLIDAYS, CarrierRow, ServiceRow
from callcart.people.tenants.public import Tenant


def seed_carriers(actor: Actor, tenant: Tenant) -> None:
    """After the delivery methods, which the services name."""
    for place, row in enumerate(CARRIERS[tenant.slug]):
        _make(actor, row, place)
    days = [(date.fromisoformat(day), name) for day, name in HOLIDAYS[tenant.slug]]
    set_holidays(actor, days)


def _make(actor: Actor, row: CarrierRow, place: int) -> None:
    made = save_carrier(
        actor,
        CarrierDraft(
            code=row.code, name=row.name, name_zh=row.name_zh, phone=row.phone, adapter=row.adapter,
            stuck_days=row.stuck_days, poll_minutes=15, position=place,
        ),
    )  # fmt: skip
    for number, service in enumerate(row.services):
        _make_service(actor, made.id, service, number)


def _make_service(actor: Actor, carrier_id: UUID, row: ServiceRow, place: int) -> None:
    made = save_service(
        actor,
        carrier_id,
        ServiceDraft(
            code=row.code, name=row.name, name_zh=row.name_zh, days_min=row.days[0], days_max=row.days[1],
            delivers_on=row.delivers_on, divisor=row.divisor, max_weight_g=50_000, fuel_bp=row.fuel_bp,
            takes_cod=row.cod is not None, cod_fee_minor=row.cod or 0, cod_bp=100 if row.cod else 0, position=place,
            methods=row.methods,
        ),
    )  # fmt: skip
    save_sheet(actor, made.id, tuple(ZoneDraft(*zone) for zone in row.zones))
    set_cut_offs(actor, made.id, {day: time(row.until) for day in row.collects_on})


def hold_one_up(actor: Actor, tenant: Tenant) -> None:
    """Once there is trade: one parcel on its way is held up, and what time has made late or stuck is found, as the worker does."""
    way = (ParcelState.HANDED_OVER, ParcelState.IN_TRANSIT)
    going = Parcel.objects.filter(state__in=way).order_by("-id").first()
    if going is not None:
        text = "地址不详，无法派送" if tenant.country == "CN" else "Address cannot be found"
        set_parcel_state(actor, going.id, ParcelState.EXCEPTION, place=going.place, text=text)
    watch()
