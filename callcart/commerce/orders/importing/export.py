"""Orders as rows of files, a table each for orders, lines, payments and parcels, in the columns of the import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.scope import visible
from callcart.commerce.payments.public import Payment, Receipt
from callcart.commerce.shipping.public import Parcel, ParcelState
from callcart.core.actor import Actor
from callcart.core.clock import midnight
from callcart.core.exchange.public import Page, piece
from callcart.people.customers.public import Customer, mask_phone
from callcart.people.tenants.public import get_tenant

PAGE = 500


def export(actor: Actor, sheet: str, filters: Mapping[str, str], cursor: str) -> Page:
    """A page of orders, or of what belongs to them, in the order of their making. Filters: `from`, `to` (days of placing)."""
    rows = visible(actor, "orders.view").exclude(state="draft")
    zone = ZoneInfo(get_tenant(actor.tenant_id).timezone)
    if filters.get("from"):
        rows = rows.filter(placed_at__gte=midnight(date.fromisoformat(filters["from"]), zone))
    if filters.get("to"):
        rows = rows.filter(
            placed_at__lt=midnight(date.fromisoformat(filters["to"]), zone) + timedelta(days=1)
        )
    found, following = piece(rows, cursor, PAGE)
    give = {"orders": _orders, "items": _items, "payments": _payments, "parcels": _parcels}[sheet]
    return Page(give(actor, found), following)


def _orders(actor: Actor, found: Sequence[Order]) -> list[Mapping[str, Any]]:
    wanted = {order.customer_id for order in found if order.customer_id}
    customers = dict(Customer.objects.filter(id__in=wanted).values_list("id", "number"))
    sees, country = actor.can("customers.see_phone"), get_tenant(actor.tenant_id).country
    sent = set(
        Parcel.objects.filter(order_id__in=[order.id for order in found]).values_list("order_id", flat=True)
    )
    return [
        {
            "number": order.number,
            "placed_at": order.placed_at,
            "state": "shipped" if order.state == "confirmed" and order.id in sent else order.state,
            "channel": order.channel,
            "customer": customers.get(order.customer_id, "") if order.customer_id else "",
            "name": order.ship_name,
            "phone": order.ship_phone
            if sees or not order.ship_phone
            else mask_phone(order.ship_phone, country),
            "country": order.ship_country,
            "province": order.ship_province,
            "city": order.ship_city,
            "district": order.ship_district,
            "street": order.ship_street,
            "postcode": order.ship_postcode,
            "method": order.payment_method,
            "instalments": order.instalment_count or "",
            "delivery": order.delivery_minor,
            "total": order.total_minor,
            "confirmed_at": order.confirmed_at,
            "cancelled_at": order.cancelled_at,
            "note": order.note,
            "campaign": order.campaign,
        }
        for order in found
    ]


def _items(actor: Actor, found: Sequence[Order]) -> list[Mapping[str, Any]]:
    numbers = {order.id: order.number for order in found}
    lines = Line.objects.filter(order__in=numbers).order_by("order_id", "position")
    return [
        {
            "number": numbers[line.order_id],
            "sku": line.sku,
            "product": line.name or line.name_zh,
            "quantity": line.quantity,
            "unit": line.unit_minor,
        }
        for line in lines
    ]


def _payments(actor: Actor, found: Sequence[Order]) -> list[Mapping[str, Any]]:
    if not actor.can("payments.view"):
        return []
    ids = [order.id for order in found]
    counts = {order.id: order.instalment_count for order in found}
    methods = dict(Payment.objects.filter(order_id__in=ids).values_list("order_id", "method"))
    receipts = Receipt.objects.filter(payment__order_id__in=ids, voided_at=None).order_by("order_id", "id")
    return [
        {
            "number": receipt.order_number,
            "way": receipt.holder if receipt.method == "other" and receipt.holder else receipt.method,
            "amount": receipt.amount_minor,
            "instalments": counts[receipt.order_id] if methods.get(receipt.order_id) == "instalments" else "",
            "paid_at": receipt.received_at,
            "reference": receipt.reference,
        }
        for receipt in receipts
    ]


def _parcels(actor: Actor, found: Sequence[Order]) -> list[Mapping[str, Any]]:
    numbers = {order.id: order.number for order in found}
    rows = Parcel.objects.filter(order_id__in=numbers).prefetch_related("events").order_by("order_id", "id")
    out: list[Mapping[str, Any]] = []
    for parcel in rows:
        at = {event.state: event.at for event in parcel.events.all()}
        out.append(
            {
                "number": numbers[parcel.order_id],
                "carrier": parcel.carrier,
                "tracking": parcel.tracking,
                "shipped_at": at.get(ParcelState.HANDED_OVER),
                "delivered_at": at.get(ParcelState.DELIVERED),
            }
        )
    return out
