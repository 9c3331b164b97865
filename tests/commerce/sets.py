"""The tea set of the tests: one pot and four cups at a price of its own."""

from __future__ import annotations

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import ComponentDraft, Variant
from tests.commerce.shop import Shop


def compose(shop: Shop, sku: str, *parts: tuple[str, int], version: int | None = None) -> Variant:
    drafts = [ComponentDraft(shop.variants[part].id, units) for part, units in parts]
    shop.variants[sku] = catalog.compose(shop.boss, shop.variants[sku].id, drafts, version=version)
    return shop.variants[sku]


def tea_set(shop: Shop, *, price: int = 4999, pots: tuple[int, int] = (0, 10), cups: tuple[int, int] = (0, 40)) -> Variant:  # fmt: skip
    """POT at 30.00, CUP at 8.00, stock as (west, east), and SET of one pot and four cups."""
    shop.goods("POT", price=3000, west=pots[0], east=pots[1])
    shop.goods("CUP", price=800, west=cups[0], east=cups[1])
    shop.goods("SET", price=price)
    catalog.update_variant(shop.boss, shop.variants["SET"].id, weight_g=0)
    return compose(shop, "SET", ("POT", 1), ("CUP", 4))
