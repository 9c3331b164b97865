"""Products as rows of a file, a row a SKU, in the columns of the import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callcart.commerce.catalog.models import Variant
from callcart.core.actor import Actor
from callcart.core.exchange.public import Page, piece

_OWN = ("sku", "option", "option_zh", "barcode", "price_minor", "weight_g", "on_sale")
_PRODUCTS = ("name", "name_zh", "description", "description_zh")


def export(actor: Actor, sheet: str, filters: Mapping[str, str], cursor: str) -> Page:
    """A page of SKUs in the order of their making. Filters: `category` (its page address), `shown` (`on`, `off`)."""
    actor.require("catalog.view")
    rows = Variant.objects.select_related("product__category")
    if filters.get("category"):
        rows = rows.filter(product__category__slug=filters["category"])
    if filters.get("shown"):
        rows = rows.filter(on_sale=filters["shown"] == "on")
    found, following = piece(rows, cursor)
    return Page([_fields(row) for row in found], following)


def _fields(row: Variant) -> dict[str, Any]:
    product, category = row.product, row.product.category
    return (
        {key: getattr(row, key) for key in _OWN}
        | {key: getattr(product, key) for key in _PRODUCTS}
        | {"product": product.slug, "category": category.slug if category else ""}
    )
