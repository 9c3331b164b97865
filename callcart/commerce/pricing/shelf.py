"""What one unit of each SKU costs a buyer by the price lists, for a shelf that has no basket yet: one query, however many SKUs.

The rules are those of `price`; promotions and coupons wait for the basket. What a shelf says is what the cart begins with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from callcart.commerce.pricing.facts import Basket, BasketLine, Buyer, Rules, Step
from callcart.commerce.pricing.price import unit_price
from callcart.commerce.pricing.rules import read_list, read_prices
from callcart.core.clock import now
from callcart.core.database import raw, sql
from callcart.people.tenants.public import get_tenant


@dataclass(frozen=True, slots=True)
class ShelfPrice:
    """A unit's price in minor units, and how it comes about."""

    unit_minor: int
    steps: tuple[Step, ...]


def shelf_prices(listed: Mapping[UUID, int], buyer: Buyer) -> dict[UUID, ShelfPrice]:
    """The price of one unit of each SKU for this buyer; `listed` are the retail prices."""
    rules = _rules(listed, buyer)
    basket = Basket((), buyer)
    found = {}
    for variant_id, list_minor in listed.items():
        minor, steps = unit_price(BasketLine(variant_id, 1, list_minor), 1, basket, rules)
        found[variant_id] = ShelfPrice(minor, steps)
    return found


def _rules(listed: Mapping[UUID, int], buyer: Buyer) -> Rules:
    if not listed:
        return Rules()
    values = {
        "variants": list(listed),
        "customer": buyer.customer_id,
        "currency": get_tenant().currency,
        "now": now(),
    }
    found = raw.value(sql("callcart.commerce.pricing", "shelf"), values)
    stored: Mapping[str, Any] = json.loads(found) if isinstance(found, str) else found
    return Rules(
        lists=tuple(map(read_list, stored["lists"] or ())),
        prices=read_prices(stored["prices"] or ()),
        groups=frozenset(stored["groups"] or ()),
    )
