"""Customers. Numbers and addresses are masked for keys without `customers.see_phone` and `customers.see_email`; a look at full
ones is written to the audit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from ninja import Header, Router, Schema, Status

from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.people.customers import public as people
from callcart.people.tenants.public import get_tenant
from callcart.web.api.doors import allowed, once
from callcart.web.api.shapes import (
    Code,
    Cursor,
    Given,
    IdempotencyKey,
    Limit,
    LongText,
    PageOf,
    Text,
    Version,
)

router = Router(tags=["Customers"])


class CustomerShape(Schema):
    """`phones` are E.164 and `emails` whole where the key may see them; the main one comes first."""

    id: UUID
    number: str
    name: str
    phones: list[str]
    emails: list[str]
    tier: str
    language: str
    note: str
    blocked: bool
    consent: dict[str, bool]
    version: int
    created_at: datetime


class CustomerGiven(Given):
    """At least a name, a phone or an e-mail address. The phone may be written in any form."""

    name: Text = ""
    phone: Text = ""
    email: Text = ""
    tier: Code = "standard"
    language: Code = ""
    note: LongText = ""
    consent: dict[Code, bool] = {}


class CustomerChange(Given):
    """What is given is changed, the rest stays."""

    version: Version
    name: Text | None = None
    tier: Code | None = None
    language: Code | None = None
    note: LongText | None = None
    consent: dict[Code, bool] | None = None


class PhoneGiven(Given):
    phone: Text
    label: Text = ""
    is_primary: bool = False


class EmailGiven(Given):
    email: Text
    label: Text = ""
    is_primary: bool = False


@router.get("/customers", response=PageOf[CustomerShape], summary="List or find customers")
def list_customers(
    request: HttpRequest, text: Text = "", cursor: Cursor = "", limit: Limit = 50
) -> PageOf[CustomerShape]:
    """The newest first; or with `text` those found by name, number, phone or e-mail, the best first and without further pages.
    Needs `customers.view`."""
    actor = allowed(request, "customers.view")
    if text.strip():
        found = [match.customer for match in people.search_customers(actor, text, limit=limit)]
        return PageOf[CustomerShape](items=_shapes(actor, found, text), cursor="")
    rows = people.Customer.objects.order_by("-created_at", "-id")
    if after := _after(cursor):
        moment, last = after
        rows = rows.filter(created_at__lte=moment).filter(Q(created_at__lt=moment) | Q(id__lt=last))
    page = list(rows[: limit + 1])
    last_row = page[limit - 1] if len(page) > limit else None
    following = f"{last_row.created_at.isoformat()}_{last_row.id}" if last_row else ""
    return PageOf[CustomerShape](items=_shapes(actor, page[:limit], ""), cursor=following)


@router.get("/customers/{uuid:customer_id}", response=CustomerShape, summary="Read a customer")
def read_customer(request: HttpRequest, customer_id: UUID) -> CustomerShape:
    """Needs `customers.view`."""
    actor = allowed(request, "customers.view")
    return _read(actor, customer_id)


@router.post("/customers", response={201: CustomerShape}, summary="Make a customer")
def make_customer(
    request: HttpRequest,
    body: CustomerGiven,
    idempotency_key: Annotated[IdempotencyKey | None, Header(alias="Idempotency-Key")] = None,
) -> Status[CustomerShape]:
    """Two customers may have the same number (a family), so send an Idempotency-Key. Needs `customers.edit`."""
    actor = allowed(request, "customers.edit")

    def work() -> CustomerShape:
        return _read(actor, people.create_customer(actor, **body.model_dump()).id)

    return Status(201, once(actor, "customers", idempotency_key, body.model_dump(), CustomerShape, work))


@router.patch("/customers/{uuid:customer_id}", response=CustomerShape, summary="Change a customer")
def change_customer(request: HttpRequest, customer_id: UUID, body: CustomerChange) -> CustomerShape:
    """Needs `customers.edit`."""
    actor = allowed(request, "customers.edit")
    changes = body.model_dump(exclude_unset=True, exclude={"version"})
    changes = {name: value for name, value in changes.items() if value is not None}
    people.update_customer(actor, customer_id, version=body.version, **changes)
    return _read(actor, customer_id)


@router.post("/customers/{uuid:customer_id}/phones", response=CustomerShape, summary="Add a phone number")
def add_phone(request: HttpRequest, customer_id: UUID, body: PhoneGiven) -> CustomerShape:
    """One the customer has already changes nothing. Needs `customers.edit`."""
    actor = allowed(request, "customers.edit")
    people.add_phone(actor, customer_id, body.phone, label=body.label, is_primary=body.is_primary)
    return _read(actor, customer_id)


@router.post("/customers/{uuid:customer_id}/emails", response=CustomerShape, summary="Add an e-mail address")
def add_email(request: HttpRequest, customer_id: UUID, body: EmailGiven) -> CustomerShape:
    """One the customer has already changes nothing. Needs `customers.edit`."""
    actor = allowed(request, "customers.edit")
    people.add_email(actor, customer_id, body.email, label=body.label, is_primary=body.is_primary)
    return _read(actor, customer_id)


def _read(actor: Actor, customer_id: UUID) -> CustomerShape:
    found = people.get_customer(customer_id)
    people.record_number_seen(actor, ("customer", found.id), customer_id=found.id)
    return _shape(actor, found)


def _shapes(actor: Actor, found: list[people.Customer], text: str) -> list[CustomerShape]:
    filters = {"text": text} if text else {}
    people.record_list_seen(actor, "api.customers", rows=len(found), filters=filters)
    wanted = people.Customer.objects.filter(id__in=[each.id for each in found])
    rows = {each.id: each for each in wanted.prefetch_related("phones", "emails")}
    return [_shape(actor, rows[each.id]) for each in found if each.id in rows]


def _shape(actor: Actor, found: people.Customer) -> CustomerShape:
    phones = sorted(found.phones.all(), key=lambda each: (not each.is_primary, each.id))
    emails = sorted(found.emails.all(), key=lambda each: (not each.is_primary, each.id))
    return CustomerShape(
        id=found.id, number=found.number, name=found.name,
        phones=[phone_for(actor, each.e164) for each in phones],
        emails=[people.display_email(actor, each.address) for each in emails],
        tier=found.tier, language=found.language, note=found.note, blocked=found.blocked,
        consent={key: bool(value.get("given")) for key, value in found.consent.items()},
        version=found.version, created_at=found.created_at,
    )  # fmt: skip


def phone_for(actor: Actor, e164: str) -> str:
    """E.164 for a key that may see it, else masked as on pages."""
    if actor.can("customers.see_phone"):
        return e164
    return people.mask_phone(e164, get_tenant(actor.tenant_id).country)


def _after(cursor: str) -> tuple[datetime, UUID] | None:
    """Where the page before ended. Raises Invalid for one that was not given by us."""
    if not cursor:
        return None
    moment, _mark, last = cursor.partition("_")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(last)
    except (ValueError, OverflowError):
        raise Invalid(fields={"cursor": cursor[:50]}) from None
