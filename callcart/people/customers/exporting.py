"""Customers as rows of a file, in the columns of the import; numbers and mails as this reader may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callcart.core.actor import Actor
from callcart.core.exchange.public import Page, piece
from callcart.people.customers.masking import mask_email, mask_phone
from callcart.people.customers.models import Address, Customer, Email, Phone
from callcart.people.customers.profile import CONSENTS
from callcart.people.tenants.public import get_tenant


def export(actor: Actor, sheet: str, filters: Mapping[str, str], cursor: str) -> Page:
    """A page of customers in the order of their making. Filters: `from`, `to` (ISO days of making), `tier`."""
    actor.require("customers.view")
    rows = Customer.objects.select_related("category")
    for name, lookup in (
        ("from", "created_at__date__gte"),
        ("to", "created_at__date__lte"),
        ("tier", "tier"),
    ):
        if filters.get(name):
            rows = rows.filter(**{lookup: filters[name]})
    found, following = piece(rows, cursor)
    country = get_tenant(actor.tenant_id).country
    ids = [row.id for row in found]
    phones = dict(Phone.objects.filter(customer__in=ids, is_primary=True).values_list("customer_id", "e164"))
    emails = dict(
        Email.objects.filter(customer__in=ids, is_primary=True).values_list("customer_id", "address")
    )
    places = {each.customer_id: each for each in Address.objects.filter(customer__in=ids, is_default=True)}
    sees_phone, sees_email = actor.can("customers.see_phone"), actor.can("customers.see_email")
    out = []
    for row in found:
        phone, email = phones.get(row.id, ""), emails.get(row.id, "")
        out.append(
            _fields(row, places.get(row.id))
            | {
                "phone": phone if sees_phone or not phone else mask_phone(phone, country),
                "email": email if sees_email or not email else mask_email(email),
            }
        )
    return Page(out, following)


def _fields(row: Customer, place: Address | None) -> dict[str, Any]:
    category = row.category
    values: dict[str, Any] = {
        "number": row.number,
        "name": row.name,
        "tier": row.tier,
        "category": category.code if category else "",
        "language": row.language,
        "note": row.note,
    }
    for way in CONSENTS:
        said = row.consent.get(way, {}).get("given")
        values[f"consent_{way}"] = "" if said is None else bool(said)
    for key in ("country", "province", "city", "district", "street", "postcode"):
        values[key] = getattr(place, key) if place else ""
    return values
