"""Where parcels go: the addresses a customer keeps. The receiver may be somebody else, with a number of their own."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import phonenumbers
from django.utils.translation import gettext as _

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.customers import reach
from callcart.people.customers.editing import require_editable, save
from callcart.people.customers.models import Address, Customer
from callcart.people.tenants.public import get_tenant

MOST = 50
LENGTHS = {
    "label": 40,
    "name": 100,
    "province": 100,
    "city": 100,
    "district": 100,
    "street": 300,
    "postcode": 20,
}
_REQUIRED = frozenset({"name", "street", "city"})
_ALSO_REQUIRED = {"CN": frozenset({"province"}), "US": frozenset({"province", "postcode"})}
_POSTCODES = {"CN": re.compile(r"\d{6}"), "US": re.compile(r"\d{5}(-\d{4})?")}


def required_fields(country: str) -> frozenset[str]:
    """What an address of this country cannot do without; forms mark the others as optional."""
    return _REQUIRED | _ALSO_REQUIRED.get(country.strip().upper(), frozenset())


def checked_address(
    *,
    name: str,
    street: str,
    city: str = "",
    phone: str = "",
    country: str = "",
    province: str = "",
    district: str = "",
    postcode: str = "",
    label: str = "",
) -> dict[str, str]:
    """An address as it is stored (the phone in E.164, country as ISO code, the tenant's by default); also for a guest's,
    who keeps none. Invalid names each field."""
    form = Fields()
    given = {
        "label": label, "name": name, "province": province, "city": city, "district": district, "street": street,
        "postcode": postcode,
    }  # fmt: skip
    country = country.strip().upper()[:2] or get_tenant().country
    if country not in phonenumbers.SUPPORTED_REGIONS:
        form.refuse("country", _("This is not a country."))
    required = required_fields(country)
    clean = {
        key: form.line(key, value, most=LENGTHS[key], required=key in required)
        for key, value in given.items()
    }
    pattern = _POSTCODES.get(country)
    if clean["postcode"] and pattern and not pattern.fullmatch(clean["postcode"]):
        form.refuse("postcode", _("This is not a postcode of that country."))
    number = reach.read_into(
        form, phone, country=country if country in phonenumbers.SUPPORTED_REGIONS else ""
    )
    form.done()
    return clean | {"country": country, "phone": number.e164 if number else ""}


def add_address(actor: Actor, customer_id: UUID, *, is_default: bool = False, **given: Any) -> Address:
    """Keep an address (fields of `checked_address`); the first one is the default. One that is kept already, letter for
    letter, is returned. NotFound, Invalid."""
    customer = require_editable(actor, customer_id)
    values = checked_address(**given)
    had = list(Address.objects.filter(customer=customer))
    same = next(
        (each for each in had if all(getattr(each, key) == value for key, value in values.items())), None
    )
    if same is not None:
        return make_default_address(actor, same.id) if is_default and not same.is_default else same
    if len(had) >= MOST:
        raise Invalid(fields={"street": _("No more than %(most)s are possible.") % {"most": MOST}})
    made = Address(customer=customer, is_default=is_default or not had, **values)
    if made.is_default:
        _clear_default(customer)
    made.save()
    save(customer)
    audit.record(
        actor, "customers.add_address", subject=("customer", customer.id), after={"address": made.id}
    )
    return made


def update_address(actor: Actor, address_id: UUID, **given: Any) -> Address:
    """Change fields of a kept address; orders already placed keep theirs. NotFound, Invalid."""
    address = get_address(address_id)
    customer = require_editable(actor, address.customer_id)
    old = {key: getattr(address, key) for key in (*LENGTHS, "phone", "country")}
    values = checked_address(**(old | given))
    for key, value in values.items():
        setattr(address, key, value)
    address.save()
    save(customer)
    changed = {key: value for key, value in values.items() if old[key] != value and key != "phone"}
    audit.record(
        actor,
        "customers.update_address",
        subject=("customer", customer.id),
        before={key: old[key] for key in changed},
        after=changed,
    )
    return address


def remove_address(actor: Actor, address_id: UUID) -> None:
    """Forget an address; the newest of the others becomes the default. NotFound."""
    address = get_address(address_id)
    customer = require_editable(actor, address.customer_id)
    address.delete()
    rest = Address.objects.filter(customer=customer).order_by("-created_at", "-id")
    if not rest.filter(is_default=True).exists() and (first := rest.first()) is not None:
        first.is_default = True
        first.save(update_fields=["is_default"])
    save(customer)
    audit.record(
        actor, "customers.remove_address", subject=("customer", customer.id), before={"address": address_id}
    )


def make_default_address(actor: Actor, address_id: UUID) -> Address:
    """The address offered first from now on. NotFound."""
    address = get_address(address_id)
    customer = require_editable(actor, address.customer_id)
    _clear_default(customer)
    address.is_default = True
    address.save(update_fields=["is_default"])
    save(customer)
    audit.record(
        actor, "customers.default_address", subject=("customer", customer.id), after={"address": address_id}
    )
    return address


def get_address(address_id: UUID) -> Address:
    found = Address.objects.filter(id=address_id).first()
    if found is None:
        raise NotFound
    return found


def addresses_of(customer_id: UUID) -> list[Address]:
    """A customer's addresses, the default one first."""
    return list(Address.objects.filter(customer_id=customer_id).order_by("-is_default", "-created_at", "-id"))


def _clear_default(customer: Customer) -> None:
    Address.objects.filter(customer=customer, is_default=True).update(is_default=False)
