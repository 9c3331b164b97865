"""Changing a customer in the office: who they are, what they agreed to, numbers, mail addresses, addresses, blocking."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.core.errors import NotFound
from callcart.core.ids import read_id
from callcart.people.customers import public as people
from callcart.people.customers.models import Customer, Tier
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.customers import consent_labels, customer_page, get, masked
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader

ADDRESS = ("label", "name", "phone", "street", "district", "city", "province", "postcode", "country")


@requires("customers.edit")
def new(request: HttpRequest) -> HttpResponse:
    """A new customer; a name, a number or a mail address is enough."""
    if request.method != "POST":
        return _form(request, None)
    with attempt() as tried:
        made = people.create_customer(
            actor_of(request), phone=request.POST.get("phone", ""), email=request.POST.get("email", ""),
            source="office", **_values(request),
        )  # fmt: skip
    if tried:
        return go(request, url("office:customer", made.id), toast=_("Customer added."))
    return _form(request, None, tried)


@requires("customers.edit")
def edit(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Name, tier, category, language, consent, the shop's own fields, note."""
    found = get(customer_id)
    if request.method != "POST":
        return _form(request, found)
    with attempt() as tried:
        people.update_customer(
            actor_of(request), found.id, version=version_seen(request),
            **_values(request),
        )  # fmt: skip
    if tried:
        return go(request, url("office:customer", found.id), toast=_("Saved."))
    return _form(request, found, tried)


def _values(request: HttpRequest) -> dict[str, Any]:
    posted = request.POST
    own = {field.key: posted.get(f"custom.{field.key}", "") for field in people.list_fields()}
    return {
        "name": posted.get("name", ""),
        "tier": posted.get("tier", Tier.STANDARD),
        "category_id": read_id(posted.get("category", "")),
        "language": posted.get("language", ""),
        "note": posted.get("note", ""),
        "consent": {key: posted[f"consent-{key}"] == "1" for key in consent_labels() if posted.get(f"consent-{key}")},
        "custom": own,
    }  # fmt: skip


def _form(request: HttpRequest, found: Customer | None, tried: Attempt | None = None) -> HttpResponse:
    language, refused = reader().language, refusal(tried)
    return page(
        request, "office/customer_edit.html", customer=found, posted=request.POST, errors=refused.fields,
        tiers=[(value, str(label)) for value, label in Tier.choices], own=people.list_fields(),
        categories=[(str(each.id), each.name_in(language)) for each in people.list_categories()],
        choices_of=lambda field: [(each, each) for each in field.choices], consents=consent_labels(), message=refused.message,
        stale=refused.stale, status=refused.status,
    )  # fmt: skip


@require_POST
@requires("customers.block")
def block(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Block, for a reason, or let them order again."""
    actor, reason = actor_of(request), request.POST.get("reason", "")
    with attempt() as tried:
        if request.POST.get("blocked") == "0":
            people.unblock_customer(actor, customer_id, reason=reason)
        else:
            people.block_customer(actor, customer_id, reason=reason)
    return _back(request, customer_id, tried, dialog="block")


@require_POST
@requires("customers.edit")
def add_phone(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    with attempt() as tried:
        people.add_phone(
            actor_of(request), customer_id, request.POST.get("phone", ""), label=request.POST.get("label", "")
        )
    return _back(request, customer_id, tried, dialog="add-phone")


@require_POST
@requires("customers.edit")
def change_phone(request: HttpRequest, customer_id: UUID, phone_id: UUID) -> HttpResponse:
    """Make a number the main one, or take it away."""
    _require_own(people.Phone.objects.filter(id=phone_id, customer_id=customer_id).exists())
    verb = people.remove_phone if _removes(request) else people.make_primary_phone
    with attempt() as tried:
        verb(actor_of(request), phone_id)
    return _back(request, customer_id, tried)


@require_POST
@requires("customers.edit")
def add_email(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    with attempt() as tried:
        people.add_email(actor_of(request), customer_id, request.POST.get("email", ""))
    return _back(request, customer_id, tried, dialog="add-email")


@require_POST
@requires("customers.edit")
def change_email(request: HttpRequest, customer_id: UUID, email_id: UUID) -> HttpResponse:
    """Make a mail address the main one, or take it away."""
    _require_own(people.Email.objects.filter(id=email_id, customer_id=customer_id).exists())
    verb = people.remove_email if _removes(request) else people.make_primary_email
    with attempt() as tried:
        verb(actor_of(request), email_id)
    return _back(request, customer_id, tried)


@requires("customers.edit")
def address(request: HttpRequest, customer_id: UUID, address_id: UUID | None = None) -> HttpResponse:
    """A new address, or one that is kept. A number the reader may not see stays unless a new one is typed."""
    actor, customer = actor_of(request), get(customer_id)
    found = people.get_address(address_id) if address_id else None
    _require_own(found is None or found.customer_id == customer.id)
    hides_phone = found is not None and bool(found.phone) and not actor.can("customers.see_phone")
    tried = None
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ADDRESS}
        if hides_phone and not given["phone"].strip():
            given.pop("phone")
        with attempt() as tried:
            if found is None:
                people.add_address(actor, customer.id, is_default="is_default" in request.POST, **given)
            else:
                people.update_address(actor, found.id, **given)
                if "is_default" in request.POST and not found.is_default:
                    people.make_default_address(actor, found.id)
        if tried:
            return go(request, url("office:customer", customer.id), toast=_("Saved."))
    if found is not None and found.phone and not hides_phone:
        people.record_number_seen(actor, ("customer", customer.id))
    refused = refusal(tried)
    return page(
        request, "office/address.html", customer=customer, address=found, posted=request.POST, hides_phone=hides_phone,
        errors=refused.fields, message=refused.message, masked=masked, status=refused.status,
    )  # fmt: skip


@require_POST
@requires("customers.edit")
def remove_address(request: HttpRequest, customer_id: UUID, address_id: UUID) -> HttpResponse:
    _require_own(people.get_address(address_id).customer_id == customer_id)
    people.remove_address(actor_of(request), address_id)
    return go(request, url("office:customer", customer_id), toast=_("Address removed."))


def _removes(request: HttpRequest) -> bool:
    return request.POST.get("act") == "remove"


def _require_own(is_so: bool) -> None:
    if not is_so:
        raise NotFound


def _back(request: HttpRequest, customer_id: UUID, tried: Attempt, *, dialog: str = "") -> HttpResponse:
    if tried:
        return go(request, url("office:customer", customer_id), toast=_("Saved."))
    return customer_page(request, customer_id, tried=tried, dialog=dialog)
