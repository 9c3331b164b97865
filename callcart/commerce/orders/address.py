"""Where an order goes: the address as somebody gives it, checked by the rules of kept addresses, its phone in E.164."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from django.utils.translation import gettext

from callcart.commerce.orders.models import Order
from callcart.core.errors import Invalid
from callcart.core.text import clean
from callcart.people.customers.public import checked_address
from callcart.people.tenants.public import get_tenant


@dataclass(frozen=True, slots=True)
class DraftAddress:
    """A receiver and a place. `country` is ISO 3166 alpha-2 (empty: the shop's own), `phone` in any form."""

    name: str = ""
    phone: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    postcode: str = ""


def address_of(order: Order) -> DraftAddress:
    """The address an order goes to."""
    return DraftAddress(
        name=order.ship_name,
        phone=order.ship_phone,
        country=order.ship_country,
        province=order.ship_province,
        city=order.ship_city,
        district=order.ship_district,
        street=order.ship_street,
        postcode=order.ship_postcode,
    )


def check_address(address: DraftAddress | None, problems: dict[str, str]) -> DraftAddress | None:
    """The cleaned address; what is wrong is noted under `address.<field>`, and then only its country and province are
    good for something: to show which deliveries there are while the rest is being filled in."""
    if address is None:
        problems["address"] = gettext("Give a delivery address.")
        return None
    found: dict[str, str] = {}
    checked: dict[str, str] = {}
    try:
        checked = checked_address(**asdict(address))
    except Invalid as error:
        found = error.fields
    if not address.phone.strip():
        found = {**found, "phone": gettext("Give a telephone number for the delivery.")}
    if found:
        problems.update({f"address.{name}": said for name, said in found.items()})
        country = clean(address.country).upper() or get_tenant().country
        return replace(address, country=country, province=clean(address.province))
    return DraftAddress(**{name: value for name, value in checked.items() if name != "label"})
