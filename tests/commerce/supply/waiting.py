"""Customers who wait for goods, in the small shop of the tests."""

from __future__ import annotations

from itertools import count

from callcart.commerce.supply.public import ArrivalNotice, ask_notice
from callcart.core.models import Event
from callcart.people.customers.models import Customer
from callcart.people.customers.public import create_customer
from tests.commerce.shop import Shop

_numbers = count(100)


def customer(shop: Shop, name: str = "Ann Example") -> Customer:
    number = next(_numbers)
    return create_customer(
        shop.boss, name=name, phone=f"(212) 555-0{number % 900 + 100}", email=f"c{number}@example.com"
    )


def waits(
    shop: Shop, sku: str, units: int = 1, *, channel: str = "sms", who: Customer | None = None
) -> ArrivalNotice:
    who = who or customer(shop)
    return ask_notice(
        shop.boss, variant_id=shop.variants[sku].id, channel=channel, customer_id=who.id, quantity=units
    )


def arrives(shop: Shop, sku: str, units: int, place: str = "west") -> None:
    """Goods come, and what the worker does about it."""
    from callcart.commerce.inventory import public as inventory
    from callcart.commerce.supply.public import serve

    inventory.receive(
        shop.boss, variant_id=shop.variants[sku].id, warehouse_id=shop.warehouses[place].id, quantity=units
    )
    serve(shop.variants[sku].id)


def standing(*notices: ArrivalNotice) -> list[tuple[str, int]]:
    """(state, units held) of each."""
    rows = {row.id: row for row in ArrivalNotice.objects.all()}
    return [(rows[each.id].state, rows[each.id].held) for each in notices]


def arrivals() -> list[str]:
    """The notices whose customers messages were made for, in order."""
    rows = Event.objects.filter(kind="supply.arrived").order_by("id")
    return [row.data["notice_id"] for row in rows]
