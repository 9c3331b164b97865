"""What is shown of numbers and mail addresses, and to whom. Masked here, on the server: a page never holds what its
reader may not see. Looking at somebody's full numbers is written to the audit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

import phonenumbers

from callcart.core import audit
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import NotFound
from callcart.people.customers.models import Customer, Email, Phone
from callcart.people.tenants.public import get_tenant

_DOTS = "****"


def display_phone(actor: Actor, e164: str) -> str:
    """The number for this reader: in full for holders of `customers.see_phone`, and for customers (their own pages show
    their own numbers only); else masked. National form at home, international abroad."""
    country = get_tenant(actor.tenant_id).country
    return format_phone(e164, country) if _sees(actor, "customers.see_phone") else mask_phone(e164, country)


def display_email(actor: Actor, address: str) -> str:
    """The mail address for this reader: in full for holders of `customers.see_email`; else masked."""
    return address if _sees(actor, "customers.see_email") else mask_email(address)


def unmask_phones(actor: Actor, customer_id: UUID) -> dict[str, str]:
    """Every number of a customer in full, by its E.164 form; the look is audited. NotFound, PermissionDenied."""
    actor.require("customers.see_phone")
    _require_customer(customer_id)
    country = get_tenant(actor.tenant_id).country
    found = Phone.objects.filter(customer_id=customer_id).order_by("-is_primary", "created_at", "id")
    audit.record(actor, "customers.see_phone", subject=("customer", customer_id))
    return {phone.e164: format_phone(phone.e164, country) for phone in found}


def unmask_emails(actor: Actor, customer_id: UUID) -> list[str]:
    """Every mail address of a customer in full; the look is audited. NotFound, PermissionDenied."""
    actor.require("customers.see_email")
    _require_customer(customer_id)
    found = Email.objects.filter(customer_id=customer_id).order_by("-is_primary", "created_at", "id")
    audit.record(actor, "customers.see_email", subject=("customer", customer_id))
    return [email.address for email in found]


def record_number_seen(actor: Actor, where: tuple[str, UUID], *, customer_id: UUID | None = None) -> None:
    """For pages that show a number in full by `display_phone`: one audit entry a page, about the customer, or where none is
    known (a guest's order, a strange caller) about what the page is of. Nothing happens for readers to whom it is
    masked."""
    if actor.is_of_shop and actor.can("customers.see_phone"):
        audit.record(
            actor, "customers.see_phone", subject=("customer", customer_id) if customer_id else where
        )


def record_list_seen(actor: Actor, name: str, *, rows: int, filters: Mapping[str, Any]) -> None:
    """The same for a list of numbers: one entry that names the list, what it was filtered by and how many it showed."""
    if rows and actor.is_of_shop and actor.can("customers.see_phone"):
        audit.record(
            actor, "customers.see_phone", after={"list": name, "filters": dict(filters), "rows": rows}
        )


def _require_customer(customer_id: UUID) -> None:
    if not Customer.objects.filter(id=customer_id).exists():
        raise NotFound


@lru_cache(maxsize=8192)
def format_phone(e164: str, country: str) -> str:
    """A number as people of `country` write it."""
    parsed = _parse(e164)
    if parsed is None:
        return e164
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == phonenumbers.country_code_for_region(country)
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return str(phonenumbers.format_number(parsed, form))


@lru_cache(maxsize=8192)
def mask_phone(e164: str, country: str = "") -> str:
    """`138****5678`, `****0100`, `+44 ****3456`: at most the last four digits, and of eleven or more also the first
    three; at least four digits are hidden."""
    parsed = _parse(e164)
    if parsed is None:
        return _DOTS
    digits = str(phonenumbers.national_significant_number(parsed))
    last = digits[-4:] if len(digits) >= 8 else digits[-2:]
    first = digits[:3] if len(digits) >= 11 else ""
    home = bool(country) and parsed.country_code == phonenumbers.country_code_for_region(country)
    return f"{'' if home else f'+{parsed.country_code} '}{first}{_DOTS}{last}"


def mask_email(address: str) -> str:
    """`a***@example.com`."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}***@{domain}"


def _sees(actor: Actor, permission: str) -> bool:
    return actor.kind is ActorKind.CUSTOMER or actor.can(permission)


def _parse(e164: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return None
