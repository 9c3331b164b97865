"""What would it cost: an address and a weight, and every carrier's answer with how its price comes about."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.inventory.public import list_warehouses
from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import Quote
from callcart.core.errors import Invalid
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant
from callcart.web.http import actor_of, attempt, page, requires
from callcart.web.office.parcels import numbers
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("shipping.view")
def trying(request: HttpRequest) -> HttpResponse:
    tenant, tried = get_tenant(actor_of(request).tenant_id), None
    found: list[Quote] | None = None
    if request.GET.get("weight"):
        with attempt(Invalid) as tried:
            found = _ask(request, tenant.currency)
    said = refusal(tried)
    return page(
        request, "office/parcels/try.html", status=said.status, said=said, quotes=found, asked=request.GET,
        country=request.GET.get("country") or tenant.country, currency=tenant.currency, parts=part_words(),
        methods=[(each.code, each.name_in(reader().language)) for each in shipping.list_methods()],
        places=[(str(each.id), each.name_in(reader().language)) for each in list_warehouses()],
    )  # fmt: skip


def part_words() -> dict[str, str]:
    return {
        "carriage": _("Carriage"), "zone": _("Surcharge of the zone"), "fuel": _("Fuel"), "cod": _("Cash on delivery"),
    }  # fmt: skip


def _ask(request: HttpRequest, currency: str) -> list[Quote]:
    asked, fields = request.GET, Fields()
    values: dict[str, Any] = {"weight_g": 1, "volume_cm3": 0, "cod": None}
    with fields.part():
        values["weight_g"] = numbers.grams(asked.get("weight", ""), "weight")
    with fields.part():
        values["volume_cm3"] = _volume(asked.get("size", ""))
    with fields.part():
        cod = numbers.minor(asked.get("cod", ""), "cod", currency)
        values["cod"] = Money(cod, currency) if cod else None
    fields.done()
    place = next((each.id for each in list_warehouses() if str(each.id) == asked.get("warehouse")), None)
    return shipping.quotes(
        country=asked.get("country", "")[:2], region=asked.get("region", "")[:100],
        postcode=asked.get("postcode", "")[:20], method=asked.get("method", "")[:40], warehouse_id=place, **values,
    )  # fmt: skip


def _volume(text: str) -> int:
    """Length × width × height in centimetres; empty is none."""
    if not text.strip():
        return 0
    said = _("Three lengths in centimetres, such as 30 x 20 x 10.")
    sides = text.lower().replace("×", "x").replace("*", "x").split("x")
    if len(sides) != 3:
        raise Invalid(fields={"size": said})
    volume = 1
    for side in sides:
        volume = int(volume * numbers.decimal(side, "size", said=said)) if side.strip() else 0
    if volume > 10**8:
        raise Invalid(fields={"size": said})
    return volume
