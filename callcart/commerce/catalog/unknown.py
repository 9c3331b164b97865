"""Goods that old documents name and the catalogue does not have: kept off sale, so that a line of the past has its SKU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from callcart.commerce.catalog.change import set_product_search, set_variant_search, slug_of
from callcart.commerce.catalog.importing import used, write
from callcart.commerce.catalog.models import Product, Variant
from callcart.core import ids
from callcart.core.actor import Actor


def add_unknown(actor: Actor, goods: Mapping[str, tuple[str, int]], currency: str) -> dict[str, Variant]:
    """Goods that old documents name and the catalogue does not have: kept off sale under their SKU, (name, price) by SKU."""
    actor.require("catalog.manage")
    fresh, products = [], []
    for sku, (name, price) in goods.items():
        product = Product(
            name=name or sku, on_sale=False, slug=f"{slug_of(sku) or 'sku'}-{ids.new_id().hex[-10:]}"
        )
        set_product_search(product)
        variant = Variant(
            product=product, sku=sku, name=product.name, price_minor=price, currency=currency, on_sale=False
        )
        set_variant_search(variant, product)
        products.append(product)
        fresh.append(variant)
    write(actor, fresh, products)
    return {variant.sku: variant for variant in fresh}


def remove_unknown(variant_ids: Sequence[UUID]) -> None:
    """Take back goods that were added for documents which are gone, as far as nothing else uses them."""
    taken = used(variant_ids)
    free = [each for each in variant_ids if each not in taken]
    its = list(Variant.objects.filter(id__in=free).values_list("product_id", flat=True))
    Variant.objects.filter(id__in=free).delete()
    Product.objects.filter(id__in=its, variants=None).delete()
