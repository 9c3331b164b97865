"""Order taking: the form, the product search, the price as one types, placing once, the pay link, repeating an order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.public import OrderDraft, PricedDraft
from callcart.commerce.payments import public as payments
from callcart.commerce.pricing import public as pricing
from callcart.contact.conversations import public as conversations
from callcart.core.actor import Actor
from callcart.core.errors import AppError, Invalid
from callcart.core.ids import spoken
from callcart.people.customers import public as customers
from callcart.people.customers.models import Address, Phone
from callcart.web.desk import drafts
from callcart.web.desk.bodies import answer, body_of, text_of
from callcart.web.http import actor_of, page, render, requires, wanted_id
from callcart.web.origin import own_url
from callcart.web.reader import reader

COUNTRIES = ("US", "CN", "CA", "GB", "DE", "FR", "AU", "JP", "SG", "HK", "TW")


@requires("orders.place")
@require_GET
def form(request: HttpRequest) -> HttpResponse:
    """An empty form for a customer; the browser fills in what it kept."""
    customer = customers.get_customer(wanted_id(request.GET.get("customer", "")))
    draft = OrderDraft(lines=(), channel="phone", customer_id=customer.id)
    country = reader().country
    return page(
        request,
        "desk/order.html",
        customer_id=str(customer.id),
        conversation_id=request.GET.get("conversation", ""),
        customer_name=customer.name or customer.number,
        customer_name_plain=customer.name,
        customer_phone=_own_phone(actor_of(request), customer.id),
        addresses=drafts.saved_addresses(actor_of(request), customer.id),
        countries=[(code, _country(code)) for code in dict.fromkeys((country, *COUNTRIES)) if code],
        country=country,
        payments=_payments(),
        channels=[(each, orders.channel_label(each)) for each in drafts.TAKEN_BY],
        campaigns=orders.campaigns_of_orders(),
        instalments=[(n, str(n)) for n in range(payments.LEAST_INSTALMENTS, payments.MOST_INSTALMENTS + 1)],
        **_summary({}, draft),
    )


def _own_phone(actor: Actor, customer_id: UUID) -> str:
    """The customer's number for a new address, for those who may see it; the look is in the audit."""
    phone = Phone.objects.filter(customer_id=customer_id).order_by("-is_primary").first()
    if phone is None or not actor.can("customers.see_phone"):
        return ""
    customers.record_number_seen(actor, ("customer", customer_id))
    return customers.format_phone(phone.e164, reader().country)


def _country(code: str) -> str:
    return str(reader().locale.territories.get(code, code))


def _payments() -> list[dict[str, str]]:
    return [
        {"code": "prepaid", "label": _("Prepaid"), "about": _("by a link the customer opens")},
        {"code": "cod", "label": _("Cash on delivery"), "about": _("the carrier collects it")},
        {"code": "instalments", "label": _("Instalments"), "about": _("the first by link, then monthly")},
    ]


def _summary(body: dict[str, Any], draft: OrderDraft, priced: PricedDraft | None = None) -> dict[str, Any]:
    """What the moving parts of the form show for a draft; without a chosen way of delivery, the first that serves."""
    priced = priced or orders.price_draft(draft)
    if priced.chosen is None and priced.deliveries:
        draft = replace(draft, delivery_method=priced.deliveries[0].code)
        priced = orders.price_draft(draft)
    return {
        "lines": drafts.shown_lines(body, draft, priced),
        "methods": drafts.shown_methods(priced),
        "delivery_method": draft.delivery_method,
        "totals": drafts.totals(draft, priced),
    }


@requires("orders.place")
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Products by name, code, pinyin initials or barcode, with price and stock by warehouse."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    return page(request, "desk/order_search.html", q=text, hits=drafts.hits(text) if text else [])


@requires("orders.place")
@require_POST
def summary(request: HttpRequest) -> HttpResponse:
    """The price of a draft as it is typed. Problems of fields not reached yet are not shown; those of lines are."""
    actor, body = actor_of(request), body_of(request)
    draft = _own_address(actor, drafts.draft_of(actor, body))
    priced = orders.price_draft(draft)
    if any(note.reason is pricing.NoteReason.UNKNOWN for note in priced.basket.notes):
        pricing.count_code_tried(actor.tenant_id, [f"staff:{actor.id}"])  # nobody finds a code by trying
    return page(request, "desk/order_summary.html", **_summary(body, draft, priced))


@requires("orders.place")
@require_POST
def place(request: HttpRequest) -> HttpResponse:
    """Place it, once for its key: held stock, a number, the link to the conversation, the customer's new address."""
    actor, body = actor_of(request), body_of(request)
    draft = _own_address(actor, drafts.draft_of(actor, body))
    key = text_of(body, "key", most=300)
    order = orders.place_order(actor, draft, idempotency_key=key)
    if draft.conversation_id is not None:
        conversations.get_conversation(draft.conversation_id, actor)
        conversations.link(draft.conversation_id, "order", order.id)
    if _wants_saving(body) and draft.address is not None and draft.customer_id is not None:
        _save_address(actor, draft.customer_id, order)
    return placed(request, actor, order)


def _own_address(actor: Actor, draft: OrderDraft) -> OrderDraft:
    """A new address without a number gets the customer's own, which the agent may not be allowed to see or type."""
    typed = draft.address
    if typed is None or typed.phone.strip() or draft.customer_id is None or actor.can("customers.see_phone"):
        return draft
    phone = Phone.objects.filter(customer_id=draft.customer_id).order_by("-is_primary").first()
    return replace(draft, address=replace(typed, phone=phone.e164)) if phone else draft


def _wants_saving(body: dict[str, Any]) -> bool:
    typed = body.get("address")
    return not body.get("address_id") and isinstance(typed, dict) and typed.get("save") is True


def _save_address(actor: Actor, customer_id: UUID, order: Order) -> None:
    place = drafts.address_of_order(order)
    rows = list(Address.objects.filter(customer_id=customer_id))
    if drafts.matching_address(rows, place) is None and actor.can("customers.edit"):
        customers.add_address(
            actor, customer_id, **{name: getattr(place, name) for name in drafts.ADDRESS_FIELDS}
        )


@dataclass(frozen=True, slots=True)
class ValueTried:
    """What came of paying by a gift card or store credit: what was paid, or the code and what was wrong with it."""

    said: str = ""
    problem: str = ""
    code: str = ""


def placed(
    request: HttpRequest, actor: Actor, order: Order, *, value: ValueTried | None = None
) -> HttpResponse:
    """The panel that says what was done."""
    link, problem = "", ""
    if order.payment_method != payments.PaymentMethod.COD:
        try:
            link = own_url(request, f"/pay/{payments.pay_token(actor, order.id)}")
        except AppError as error:
            problem = error.message
    html = render(
        request,
        "desk/placed.html",
        order=order,
        spoken=spoken(order.number),
        payment_label=next(
            (each["label"] for each in _payments() if each["code"] == order.payment_method), ""
        ),
        pay_link=link,
        pay_problem=problem,
        office_url=reverse("office:order", args=[order.id]),
        credit=order.customer_id is not None,
        value=value or ValueTried(),
    )
    return answer(html=html, order=str(order.id), number=order.number, spoken=spoken(order.number))


@requires("orders.place")
@require_POST
def pay_link(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The link of a placed order, again."""
    actor = actor_of(request)
    return placed(request, actor, orders.order_detail(actor, order_id).order)


@requires("orders.place")
@require_GET
def repeat(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """An earlier order as a draft: what is still sold of it, at today's price, to the same place, paid the same way."""
    found = orders.repeat_draft(actor_of(request), order_id)
    draft = found.draft
    if not draft.lines or draft.customer_id is None or draft.address is None:
        raise Invalid(_("Nothing of that order is sold any more."))
    saved = drafts.matching_address(customers.addresses_of(draft.customer_id), draft.address)
    missing = _(", ").join(found.missing)
    return answer(
        lines=[{"variant_id": str(line.variant_id), "quantity": str(line.quantity)} for line in draft.lines],
        address_id=str(saved.id) if saved else f"{drafts.ORDER_PREFIX}{order_id}",
        address={},
        delivery_method=draft.delivery_method,
        payment_method=draft.payment_method,
        instalments=draft.instalments or orders.DEFAULT_INSTALMENTS,
        note="",
        warning=_("Not sold any more: %(names)s") % {"names": missing} if missing else "",
    )
