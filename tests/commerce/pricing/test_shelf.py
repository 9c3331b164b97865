"""A shelf's prices are those its cart will begin with, asked in one query however many SKUs lie there."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcart.commerce.orders.cart import unit_prices
from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.public import Buyer, ListDraft, PriceRow
from callcart.core.clock import now
from callcart.people.customers.public import create_customer
from tests.commerce.shop import Shop


def make(shop: Shop, code: str, *rows: PriceRow, **more: object) -> None:
    made = pricing.create_list(shop.boss, ListDraft(code=code, name=code.title(), **more))  # type: ignore[arg-type]
    if rows:
        pricing.set_prices(shop.boss, made.id, rows)


def test_every_buyer_reads_the_price_the_cart_asks(shop: Shop) -> None:
    for sku, price in (("A", 1000), ("B", 300), ("C", 999)):
        shop.goods(sku, price=price)
    make(shop, "gold", PriceRow("B", 250), PriceRow("B", 200, 10), groups=("tier:gold",), percent_bp=500)
    make(shop, "spring", PriceRow("A", 880), campaigns=("spring",), priority=5)
    make(shop, "dear", PriceRow("C", 1200), countries=("US",))
    make(shop, "over", PriceRow("C", 1), ends_at=now() - timedelta(days=1))
    gold = create_customer(shop.boss, name="Ada", tier="gold")
    listed = {variant.id: variant.price_minor for variant in shop.variants.values()}
    seen = {}
    for name, buyer in {
        "guest": Buyer(country="CN"), "gold": Buyer(gold.id, country="CN"), "us": Buyer(country="US"),
        "spring": Buyer(gold.id, country="US", campaign="spring"),
    }.items():  # fmt: skip
        prices = pricing.shelf_prices(listed, buyer)
        hits = dict.fromkeys(_hits(shop), 1)
        assert {key: each.unit_minor for key, each in prices.items()} == {
            key: money.minor for key, money in unit_prices(hits, buyer).items()
        }
        seen[name] = [prices[shop.variants[sku].id].unit_minor for sku in "ABC"]
    assert seen == {
        "guest": [1000, 300, 999],
        "gold": [950, 250, 949],
        "us": [1000, 300, 1200],
        "spring": [880, 250, 949],
    }


def test_one_query_for_a_whole_shelf(shop: Shop) -> None:
    listed = {shop.goods(f"S{number}", price=100).id: 100 for number in range(6)}
    make(shop, "all", percent_bp=1000)
    pricing.shelf_prices({}, Buyer())
    with CaptureQueriesContext(connection) as asked:
        prices = pricing.shelf_prices(listed, Buyer(country="US"))
    assert len(asked) == 1
    assert {each.unit_minor for each in prices.values()} == {90}
    assert pricing.shelf_prices({}, Buyer()) == {}


def _hits(shop: Shop) -> list[object]:
    from callcart.commerce.catalog.public import variants

    return list(variants(variant.id for variant in shop.variants.values()).values())
