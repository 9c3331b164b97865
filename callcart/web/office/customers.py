"""Customers in the office: the list, and one page where calls and orders stand on one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Order
from callcart.commerce.shipping import public as shipping
from callcart.contact.conversations import public as conversations
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.engage.notices import public as notices
from callcart.people.customers import public as people
from callcart.people.customers.models import Category, Customer, Tier
from callcart.web.http import Attempt, actor_of, page, reading_here, requires
from callcart.web.names import staff_names
from callcart.web.office import words
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, time_cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.office.work.told import told
from callcart.web.reader import reader

TIMELINE = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One point of the timeline: a call, an order, or a report on a parcel (then with its order and tracking number)."""

    at: datetime
    kind: str
    thing: Any
    order_id: UUID | None = None
    order_number: str = ""
    tracking: str = ""


@requires("customers.view")
def customers(request: HttpRequest) -> HttpResponse:
    """Everybody, newest first; found by name, number, mail or customer number in one box."""
    actor, query = actor_of(request), request.GET.get("q", "").strip()[:200]
    tiers, language = {value: str(label) for value, label in Tier.choices}, reader().language
    categories = {str(each.id): each.name_in(language) for each in Category.objects.all()}
    rows, chips = Customer.objects.all(), list[Chip]()
    tier, category = choice(request, "tier", tiers), choice(request, "category", categories)
    if tier:
        rows = rows.filter(tier=tier)
        chips.append(Chip("tier", _("Tier"), tiers[tier]))
    if category:
        rows = rows.filter(category_id=category)
        chips.append(Chip("category", _("Category"), categories[category]))
    if query:
        rows = rows.filter(
            id__in=[match.customer.id for match in people.search_customers(actor, query, limit=200)]
        )
        chips.append(Chip("q", _("Search"), query))
    after = time_cursor_of(request)
    if after:
        rows = rows.filter(
            Q(created_at__lt=after.key) | Q(created_at=after.key, id__lt=after.id), created_at__lte=after.key
        )
    found = list(
        rows.select_related("category").prefetch_related("phones").order_by("-created_at", "-id")[: PAGE + 1]
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    sees_orders = actor.can("orders.view")
    counted = (orders.visible(actor, "orders.view") if sees_orders else Order.objects.none()).filter(
        customer_id__in=[each.id for each in found]
    )
    return page(
        request, "office/customers.html", customers=found, masked=masked, chips=chips, tiers=tiers, categories=categories,
        orders={row["customer_id"]: row["n"] for row in counted.values("customer_id").annotate(n=Count("id"))},
        next=Cursor(last.created_at.isoformat(), str(last.id)).text() if last else "",
    )  # fmt: skip


@requires("customers.view")
def customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Who this is, what we know, and everything that happened, newest first."""
    return customer_page(request, customer_id)


def customer_page(
    request: HttpRequest, customer_id: UUID, *, tried: Attempt | None = None, dialog: str = ""
) -> HttpResponse:
    """The customer's page; after a refusal with what was wrong, in the dialog it came from."""
    actor, found = reading_here(actor_of(request)), get(customer_id)
    entries = _timeline(actor, found)
    refused = refusal(tried)
    at_fields = bool(dialog and refused.fields)
    return page(
        request, "office/customer.html", customer=found, entries=entries, words=words, masked=masked,
        staff=staff_names({each.thing.agent_id for each in entries if each.kind == "call"}),
        tiers={value: str(label) for value, label in Tier.choices}, mask_email=people.mask_email,
        consent=_consent(found), custom=_custom(found), shown={}, dialog=dialog if at_fields else "",
        errors=refused.fields, posted=request.POST, may_order=actor.can("orders.place"),
        message="" if at_fields else refused.message, status=refused.status,
    )  # fmt: skip


def _timeline(actor: Actor, found: Customer) -> list[Entry]:
    """Calls, orders and what carriers reported of parcels, as far as the reader may see each."""
    entries: list[Entry] = []
    if actor.can("orders.view"):
        rows = orders.orders_of_customer(actor, found.id, limit=TIMELINE)
        entries += [Entry(row.placed_at, "order", row) for row in rows]
        if actor.can("shipping.view"):
            numbers = {row.id: row.number for row in rows}
            entries += [
                Entry(
                    event.at, "parcel", event, order_id, numbers[order_id], parcel.tracking or parcel.number
                )
                for order_id, parcels in shipping.parcels_of(numbers).items()
                for parcel in parcels
                for event in parcel.events.all()
            ]
    if actor.can("conversations.view"):
        entries += [
            Entry(call.at, "call", call) for call in conversations.timeline(actor, found.id, limit=TIMELINE)
        ]
    if actor.can("notices.view"):
        rows_told = told(notices.notices_of_customer(found.id, limit=TIMELINE))
        entries += [Entry(each.notice.made_at, "notice", each) for each in rows_told]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return entries[:TIMELINE]


def _consent(found: Customer) -> list[tuple[str, str, datetime | None]]:
    """For each way to be reached: what it is called, whether it was agreed to, and when that was said."""
    rows = []
    for key, label in consent_labels().items():
        said = found.consent.get(key) or {}
        answer = _("Yes") if said.get("given") else _("No") if said else _("Not asked")
        rows.append((label, answer, datetime.fromisoformat(said["at"]) if said.get("at") else None))
    return rows


def consent_labels() -> dict[str, str]:
    return {"call": _("Phone calls"), "sms": _("Text messages"), "email": _("E-mails")}


def _custom(found: Customer) -> list[tuple[str, str]]:
    """The shop's own fields of this customer, as people read them."""
    texts = {True: _("Yes"), False: _("No")}
    return [
        (
            field.label_in(reader().language),
            texts.get(value, str(value)) if isinstance(value, bool) else str(value),
        )
        for field in people.list_fields()
        if (value := found.custom.get(field.key)) is not None
    ]


def masked(e164: str) -> str:
    """A number as lists and pages show it before somebody asks for it in full."""
    return people.mask_phone(e164, reader().country)


@require_POST
@requires("customers.see_phone")
def unmask(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show the numbers in full; the audit keeps who looked."""
    shown = people.unmask_phones(actor_of(request), customer_id)
    return page(request, "office/_phones.html", customer=get(customer_id), shown=shown, masked=masked)


@require_POST
@requires("customers.see_email")
def unmask_emails(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show the mail addresses in full; the audit keeps who looked."""
    people.unmask_emails(actor_of(request), customer_id)
    return page(
        request, "office/_emails.html", customer=get(customer_id), in_full=True, mask_email=people.mask_email
    )


def get(customer_id: UUID) -> Customer:
    found = (
        Customer.objects.select_related("category")
        .prefetch_related("phones", "emails", "addresses")
        .filter(id=customer_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found
