"""What the fields of a layout are filled with: read for many boxes at once, never one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from django.utils.translation import gettext as _

from callcart.commerce.catalog.public import VariantHit, variants
from callcart.commerce.fulfilment.models import Box
from callcart.commerce.inventory.public import Warehouse, list_warehouses
from callcart.commerce.orders.models import Order
from callcart.commerce.shipping.public import Carrier, CarrierService, Dispatch
from callcart.core.clock import now
from callcart.core.language import locale_of
from callcart.core.money import Money
from callcart.people.tenants.models import ServiceNumber, Tenant
from callcart.people.tenants.public import get_tenant

Values = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Around:
    """What all boxes share."""

    tenant: Tenant
    phone: str
    places: Mapping[UUID, Warehouse]
    carriers: Mapping[str, Carrier]
    services: Mapping[tuple[UUID, str], CarrierService]
    goods: Mapping[UUID, VariantHit]


def values_of(boxes: Sequence[Box]) -> dict[UUID, Values]:
    """The values of each box, in its order's language; `boxes` come with their packing, its boxes and their lines."""
    dispatches = Dispatch.objects.prefetch_related("lines").in_bulk(
        {each.packing.dispatch_id for each in boxes}
    )
    orders = Order.objects.in_bulk({each.packing.order_id for each in boxes})
    number = ServiceNumber.objects.filter(tenant=get_tenant().id, is_active=True).order_by("number").first()
    carriers = list(Carrier.objects.all())
    around = _Around(
        tenant=get_tenant(), phone=number.number if number else "", places={each.id: each for each in list_warehouses()},
        carriers={name.casefold(): each for each in carriers for name in (each.code, each.name, each.name_zh) if name},
        services={(each.carrier_id, each.code): each for each in CarrierService.objects.all()},
        goods=variants({line.variant_id for each in dispatches.values() for line in each.lines.all()}),
    )  # fmt: skip
    return {
        each.id: _values(each, dispatches[each.packing.dispatch_id], orders[each.packing.order_id], around)
        for each in boxes
    }


def _values(box: Box, dispatch: Dispatch, order: Order, around: _Around) -> Values:
    language, zone = order.language, around.tenant.timezone
    locale = locale_of(language)
    carrier = around.carriers.get(dispatch.carrier.casefold())
    service = around.services.get((carrier.id, dispatch.service)) if carrier else None
    place = around.places.get(dispatch.warehouse_id)
    count = max((each.position for each in box.packing.boxes.all()), default=1)
    inside = _inside(box, dispatch)
    return {
        "waybill.number": box.number,
        "waybill.box": f"{box.position}/{count}",
        "carrier.name": carrier.name_in(language) if carrier else dispatch.carrier,
        "carrier.service": service.name_in(language) if service else dispatch.service,
        "carrier.tracking": box.tracking or box.number,
        "order.number": order.number,
        "order.date": format_date(order.placed_at, "short", locale=locale),
        "order.cod": _amount(dispatch.cod, locale) if dispatch.cod_minor and box.position == 1 else "",
        "order.total": _amount(order.total, locale),
        "order.note": order.note,
        "dispatch.number": dispatch.number,
        **_receiver(order),
        "sender.name": around.tenant.name_in(language),
        "sender.phone": around.phone,
        "sender.warehouse": place.name_in(language) if place else "",
        "parcel.contents": _contents(inside, around.goods, language),
        "parcel.units": str(sum(inside.values())),
        "parcel.weight": _weight(box, dispatch, count),
        "printed.at": format_datetime(now(), "short", tzinfo=_zone(zone), locale=locale),
    }


def _inside(box: Box, dispatch: Dispatch) -> dict[UUID, int]:
    """What lies in the box; before anything does, what is to go into the first one."""
    rows = [(each.variant_id, each.quantity) for each in box.lines.all()]
    if not rows and box.position == 1:
        rows = [(each.variant_id, each.quantity) for each in dispatch.lines.all()]
    found: dict[UUID, int] = {}
    for variant_id, count in rows:
        found[variant_id] = found.get(variant_id, 0) + count
    return found


def _contents(inside: Mapping[UUID, int], goods: Mapping[UUID, VariantHit], language: str) -> str:
    named = [(goods[each].name_in(language), count) for each, count in inside.items() if each in goods]
    return "\n".join(f"{name} × {count}" for name, count in named)


def _weight(box: Box, dispatch: Dispatch, count: int) -> str:
    grams = box.weight_g or (dispatch.weight_g if count == 1 else 0)
    return f"{grams / 1000:.2f}" if grams else ""


def _receiver(order: Order) -> Values:
    parts = (order.ship_province, order.ship_city, order.ship_district, order.ship_street)
    if order.ship_country == "CN":
        address = "".join(dict.fromkeys(each for each in parts if each))
    else:
        town = " ".join(each for each in (order.ship_city, order.ship_province, order.ship_postcode) if each)
        address = "\n".join(
            each for each in (order.ship_street, order.ship_district, town, order.ship_country) if each
        )
    return {
        "receiver.name": order.ship_name,
        "receiver.phone": order.ship_phone,
        "receiver.address": address,
        "receiver.street": order.ship_street,
        "receiver.district": order.ship_district,
        "receiver.city": order.ship_city,
        "receiver.province": order.ship_province,
        "receiver.postcode": order.ship_postcode,
        "receiver.country": order.ship_country,
    }


def _amount(amount: Money, locale: str) -> str:
    return str(format_currency(amount.decimal, amount.currency, locale=locale))


def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def sample(language: str) -> Values:
    """A sample order for the editor's preview, with a long address so that its room is seen."""
    chinese = language.startswith("zh")
    return {
        "waybill.number": "1000042", "waybill.box": "1/2", "carrier.name": "顺丰速运" if chinese else "Swift Parcel",
        "carrier.service": _("Next day"), "carrier.tracking": "SF1029384756012", "order.number": "104827", "order.date": "2026-11-29",
        "order.cod": "¥1,288.00" if chinese else "$188.00", "order.total": "¥1,288.00" if chinese else "$188.00",
        "order.note": "工作日送货,请先电话联系" if chinese else "Leave with the neighbour at number 3", "dispatch.number": "10068",
        "receiver.name": "欧阳晓明" if chinese else "Ada Example", "receiver.phone": "13800138000" if chinese else "+1 212 555 0142",
        "receiver.address": "浙江省杭州市余杭区文一西路九百六十九号海创园三号楼二单元1204室"
        if chinese
        else "1204 West Old Mill Race Avenue, Building 3\nPortland Oregon 97201\nUS",
        "receiver.street": "文一西路969号" if chinese else "1204 West Old Mill Race Avenue", "receiver.district": "余杭区" if chinese else "",
        "receiver.city": "杭州市" if chinese else "Portland", "receiver.province": "浙江省" if chinese else "Oregon",
        "receiver.postcode": "311121" if chinese else "97201", "receiver.country": "CN" if chinese else "US",
        "sender.name": "青禾优选" if chinese else "Harbor & Pine", "sender.phone": "400-820-0000" if chinese else "+1 503 555 0100",
        "sender.warehouse": "杭州仓" if chinese else "Portland", "parcel.contents": "乌龙茶 250克 × 2\n紫砂壶 × 1" if chinese else "Oolong tea, 250 g × 2\nClay teapot × 1",
        "parcel.units": "3", "parcel.weight": "1.25", "printed.at": "2026-11-29 21:30",
    }  # fmt: skip
