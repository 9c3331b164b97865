"""An order's parcels and the company that carries them: who receives, booking it over the carrier's interface, and the list of
parcels as a file in the columns that a carrier wants.

Shipping does not know orders; what it needs of one goes through here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.scope import visible
from callcart.commerce.payments.public import PaymentMethod
from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import Booking, DispatchParcel, Parcel, ParcelState, Party, Quote
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound
from callcart.core.money import Money

# What a carrier's column can hold, by the name the office uses in a layout.
FIELDS = (
    "parcel", "order", "name", "phone", "country", "province", "city", "district", "street", "address", "postcode", "weight_kg",
    "units", "contents", "cod", "currency", "service", "tracking",
)  # fmt: skip
STANDARD_LAYOUT = (
    ("parcel", "parcel"), ("name", "name"), ("phone", "phone"), ("country", "country"), ("province", "province"),
    ("city", "city"), ("district", "district"), ("street", "street"), ("postcode", "postcode"), ("weight_kg", "weight_kg"),
    ("contents", "contents"), ("cod", "cod"), ("currency", "currency"), ("service", "service"), ("tracking", "tracking"),
)  # fmt: skip
MOST_PARCELS = 5000
_KEPT = timedelta(days=14)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Carried:
    """What a carrier must know of a parcel."""

    parcel: Parcel
    order: Order
    to: Party
    weight_g: int
    units: int
    contents: str
    cod: Money


def carried(actor: Actor, parcel_ids: Sequence[UUID]) -> list[Carried]:
    """Parcels with what a carrier must know of them, in the order given; those of orders out of the actor's reach are left
    out."""
    parcels = {each.id: each for each in Parcel.objects.filter(id__in=parcel_ids).select_related("service")}
    units = shipping.units_in(parcels.values())
    found = visible(actor, "orders.view").filter(id__in={each.order_id for each in parcels.values()})
    orders = {each.id: each for each in found}
    lines = {
        each.id: each for each in Line.objects.filter(id__in={line for its in units.values() for line in its})
    }
    cash = _cash(parcels)
    return [
        _carried(parcels[each], orders[parcels[each].order_id], units.get(each, {}), lines, cash)
        for each in parcel_ids
        if each in parcels and parcels[each].order_id in orders
    ]


def _cash(parcels: Mapping[UUID, Parcel]) -> dict[UUID, int]:
    """The cash of each parcel: its document's, on the first of several boxes."""
    rows = DispatchParcel.objects.filter(dispatch__boxes__parcel__in=list(parcels)).select_related("dispatch")
    first: dict[UUID, UUID] = {}
    found: dict[UUID, int] = {}
    for row in rows.order_by("id").distinct():
        if first.setdefault(row.dispatch_id, row.parcel_id) == row.parcel_id:
            found[row.parcel_id] = row.dispatch.cod_minor
    return found


def _carried(
    parcel: Parcel,
    order: Order,
    units: Mapping[UUID, int],
    lines: Mapping[UUID, Line],
    cash: Mapping[UUID, int],
) -> Carried:
    inside = [(lines[line_id], count) for line_id, count in units.items() if line_id in lines]
    on_delivery = order.payment_method == PaymentMethod.COD
    return Carried(
        parcel=parcel,
        order=order,
        to=Party(
            name=order.ship_name,
            phone=order.ship_phone,
            country=order.ship_country,
            province=order.ship_province,
            city=order.ship_city,
            district=order.ship_district,
            street=order.ship_street,
            postcode=order.ship_postcode,
        ),
        weight_g=sum(line.weight_g * count for line, count in inside),
        units=sum(units.values()),
        contents="; ".join(f"{line.name_in(order.language)} × {count}" for line, count in inside)[:200],
        cod=Money(cash.get(parcel.id, 0) if on_delivery else 0, order.currency),
    )


def one_carried(actor: Actor, parcel_id: UUID) -> Carried:
    """Raises NotFound, also for a parcel of an order out of reach."""
    found = carried(actor, [parcel_id])
    if not found:
        raise NotFound
    return found[0]


def offers_for(actor: Actor, parcel_id: UUID, *, weight_g: int | None = None) -> list[Quote]:
    """What it would cost to send a parcel, with whom. Raises NotFound, Invalid."""
    its = one_carried(actor, parcel_id)
    return shipping.quotes(
        country=its.to.country,
        region=its.to.province,
        postcode=its.to.postcode,
        weight_g=its.weight_g if weight_g is None else weight_g,
        cod=its.cod or None,
        warehouse_id=its.parcel.warehouse_id,
    )


def book_carrier(
    actor: Actor, parcel_id: UUID, *, service_id: UUID, weight_g: int, notify_base: str = ""
) -> Booking:
    """Have a carrier carry a parcel of an order, over its interface. Raises what `shipping.book_parcel` raises."""
    actor.require("shipping.update")
    its = one_carried(actor, parcel_id)
    return shipping.book_parcel(
        actor,
        parcel_id,
        service_id=service_id,
        receiver=its.to,
        weight_g=weight_g,
        contents=its.contents,
        cod=its.cod or None,
        notify_base=notify_base,
    )


def read_layout(text: str) -> tuple[tuple[str, str], ...]:
    """A carrier's columns as the office writes them: a line each, `Heading = field`. Empty: the standard ones. Raises Invalid."""
    found: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        heading, equals, name = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not equals or not heading or name not in FIELDS:
            said = gettext("Line %(number)d is not like “Heading = field”. Fields are %(fields)s.")
            raise Invalid(fields={"layout": said % {"number": number, "fields": ", ".join(FIELDS)}})
        found.append((heading[:60], name))
    return tuple(found[:60]) or STANDARD_LAYOUT


def parcels_for_carrier(carrier_id: UUID) -> list[UUID]:
    """The parcels a carrier is to take: packed for it, not yet in its hands, of the last two weeks."""
    rows = Parcel.objects.filter(
        carried_by=carrier_id, state=ParcelState.PACKED, made_at__gte=now() - _KEPT
    ).order_by("id")
    return list(rows.values_list("id", flat=True)[:MOST_PARCELS])


def carrier_list(
    actor: Actor, carrier_id: UUID, *, layout: Sequence[tuple[str, str]] = STANDARD_LAYOUT
) -> str:
    """The list of parcels for a carrier as CSV in its columns, with numbers and addresses in full. Audited. Raises NotFound,
    PermissionDenied also for who may not see telephone numbers."""
    actor.require("shipping.update")
    actor.require("customers.see_phone")
    carrier = shipping.get_carrier(carrier_id)
    ids = parcels_for_carrier(carrier.id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([heading for heading, _field in layout])
    writer.writerows([_cell(its, name) for _heading, name in layout] for its in carried(actor, ids))
    audit.record(actor, "shipping.carrier_list", subject=("carrier", carrier.id), after={"parcels": len(ids)})
    return out.getvalue()


def _cell(its: Carried, name: str) -> str:
    return _harmless(dict(_cells(its))[name])


def _cells(its: Carried) -> Iterator[tuple[str, str]]:
    to = its.to
    yield "parcel", its.parcel.number
    yield "order", its.order.number
    for name in ("name", "phone", "country", "province", "city", "district", "street", "postcode"):
        yield name, getattr(to, name)
    yield (
        "address",
        "".join((to.province, to.city, to.district, to.street)) if to.country == "CN" else to.street,
    )
    yield "weight_kg", str(Decimal(its.weight_g) / 1000)
    yield "units", str(its.units)
    yield "contents", its.contents
    yield "cod", str(its.cod.decimal) if its.cod else ""
    yield "currency", its.cod.currency if its.cod else ""
    yield "service", its.parcel.service.code if its.parcel.service else ""
    yield "tracking", its.parcel.tracking


def _harmless(text: str) -> str:
    """No spreadsheet takes it for a formula; a telephone number keeps its plus."""
    if text.startswith("+") and text[1:].isdecimal():
        return text
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
