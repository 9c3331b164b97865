"""What something costs the visitor who looks: their price lists count on the shelf already, the retail price struck out beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from callcart.commerce.catalog.public import VariantHit
from callcart.commerce.pricing import public as pricing
from callcart.core.money import Money
from callcart.web.reader import reader
from callcart.web.shop.visit import tenant_of, visit_of


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A unit's price; `before` is the retail price where it is higher, `why` says which list it is."""

    price: Money
    before: Money | None = None
    why: str = ""


def buyer_of(request: HttpRequest) -> pricing.Buyer:
    """Who buys, before an address is known."""
    visit = visit_of(request)
    return pricing.Buyer(
        visit.actor.id, country=tenant_of(request).country, channel="web", campaign=visit.campaign
    )


def own_prices(request: HttpRequest, hits: Iterable[VariantHit]) -> dict[UUID, OwnPrice]:
    """The visitor's price of each SKU, all asked at once."""
    found = {hit.id: hit for hit in hits}
    prices = pricing.shelf_prices({hit.id: hit.price.minor for hit in found.values()}, buyer_of(request))
    return {key: _own(hit, prices[key]) for key, hit in found.items()}


def _own(hit: VariantHit, found: pricing.ShelfPrice) -> OwnPrice:
    price, currency = Money(found.unit_minor, hit.price.currency), hit.price.currency
    if price.minor == hit.price.minor:
        return OwnPrice(price)
    why = pricing.explain(found.steps, currency, reader().language)
    return OwnPrice(price, hit.price if hit.price.minor > price.minor else None, why)
