"""What carrying an order's parcels costs, for the strategy of allocation that weighs it."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from callcart.commerce.inventory.public import Freight
from callcart.commerce.orders.models import Order
from callcart.commerce.shipping.public import quotes


def freight_of(order: Order) -> Freight:
    """The price of the cheapest service that carries so many grams to the order's address, by the rate sheets. Nothing is asked
    before somebody wants to know. Rates do not depend on the warehouse, so each weight is asked once."""

    @cache
    def price(grams: int) -> int | None:
        found = quotes(
            country=order.ship_country, region=order.ship_province, postcode=order.ship_postcode, weight_g=grams,
            method=order.delivery_method,
        )  # fmt: skip
        return found[0].price.minor if found else None

    def ask(_warehouse_id: UUID, grams: int) -> int | None:
        return price(grams)

    return ask
