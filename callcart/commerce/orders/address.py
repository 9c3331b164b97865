"""Where an order goes: the address as somebody gives it, cleaned, measured, its phone number in E.164."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext

from callcart.commerce.catalog.public import clean, problem
from callcart.core.errors import Invalid
from callcart.people.customers.public import normalise_phone
from callcart.people.tenants.public import get_tenant

_LONGEST = {
    "name": 120,
    "country": 2,
    "province": 100,
    "city": 100,
    "district": 100,
    "street": 300,
    "postcode": 20,
}
_REQUIRED = frozenset({"name", "country", "province", "city", "street"})


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


def check_address(address: DraftAddress | None, problems: dict[str, str]) -> DraftAddress | None:
    """The cleaned address with its phone in E.164; what is wrong is noted under `address.<field>`."""
    if address is None:
        problems["address"] = gettext("Give a delivery address.")
        return None
    values = {name: clean(getattr(address, name)) for name in _LONGEST}
    values["country"] = values["country"].upper() or get_tenant().country
    for name, longest in _LONGEST.items():
        if said := problem(values[name], longest=longest, required=name in _REQUIRED):
            problems[f"address.{name}"] = said
    country = values["country"]
    if len(country) == 2 and not (country.isascii() and country.isalpha()):
        problems["address.country"] = gettext("Give the country's two letters.")
    phone = clean(address.phone)[:60]
    if not phone:
        problems["address.phone"] = gettext("Give a telephone number for the delivery.")
    else:
        try:
            phone = normalise_phone(phone, field="address.phone").e164
        except Invalid as error:
            problems.update(error.fields)
    return replace(address, **values, phone=phone)
