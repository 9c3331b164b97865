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

from callcart.commerce.orders.models import Order
from callcart.contact.conversations import public as conversations
from callcart.core.errors import NotFound
from callcart.people.customers import public as people
from callcart.people.customers.models import Category, Customer, Tier
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.names import staff_names
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of
from callcart.web.office.words import order_state, payment_state
from callcart.web.reader import reader

TIMELINE = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One point of the timeline: a call or an order."""

    at: datetime
    kind: str
    thing: Any


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
    after = cursor_of(request)
    if after:
        rows = rows.filter(Q(created_at__lt=after.key) | Q(created_at=after.key, id__lt=after.id))
    found = list(
        rows.select_related("category").prefetch_related("phones").order_by("-created_at", "-id")[: PAGE + 1]
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    counted = Order.objects.filter(customer_id__in=[each.id for each in found]).values("customer_id")
    return page(
        request, "office/customers.html", customers=found, chips=chips, tiers=tiers, categories=categories,
        orders={row["customer_id"]: row["n"] for row in counted.annotate(n=Count("id"))},
        next=Cursor(last.created_at.isoformat(), str(last.id)).text() if last else "",
    )  # fmt: skip


@requires("customers.view")
def customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Who this is, what we know, and everything that happened, newest first."""
    return _customer_page(request, customer_id)


def _customer_page(request: HttpRequest, customer_id: UUID, **extra: Any) -> HttpResponse:
    found = _get(customer_id)
    orders = list(Order.objects.filter(customer_id=found.id).order_by("-placed_at")[:TIMELINE])
    calls = conversations.timeline(found.id, limit=TIMELINE)
    entries = [Entry(order.placed_at, "order", order) for order in orders]
    entries += [Entry(call.at, "call", call) for call in calls]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return page(
        request, "office/customer.html", customer=found, entries=entries[:TIMELINE], orders=orders, calls=calls,
        tiers=dict(Tier.choices), staff=staff_names({each.agent_id for each in calls}),
        order_state=order_state, payment_state=payment_state, display_email=people.display_email,
        categories=[(str(each.id), each.name_in(reader().language)) for each in Category.objects.all()],
        **{"errors": {}, "message": "", **extra},
    )  # fmt: skip


@require_POST
@requires("customers.edit")
def edit(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Change name, tier, category, language, note."""
    found = _get(customer_id)
    with attempt() as tried:
        people.update_customer(
            actor_of(request), found.id, version=_version(request),
            name=request.POST.get("name", ""), tier=request.POST.get("tier", found.tier),
            category_id=_uuid(request.POST.get("category", "")), language=request.POST.get("language", found.language),
            note=request.POST.get("note", ""),
        )  # fmt: skip
    if tried:
        return go(request, url("office:customer", found.id), toast=_("Saved."))
    return _customer_page(request, customer_id, errors=tried.fields, message=tried.message)


@require_POST
@requires("customers.see_phone")
def unmask(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Show the numbers in full; the audit keeps who looked."""
    return page(
        request,
        "office/_phones.html",
        customer=_get(customer_id),
        shown=people.unmask_phones(actor_of(request), customer_id),
    )


def _get(customer_id: UUID) -> Customer:
    found = (
        Customer.objects.select_related("category")
        .prefetch_related("phones", "emails", "addresses")
        .filter(id=customer_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
