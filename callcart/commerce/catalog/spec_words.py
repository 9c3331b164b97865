"""The words of specifications by which goods are found: kept on the product, so that whoever writes its search has them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from callcart.commerce.catalog.change import set_product_search, set_variant_search
from callcart.commerce.catalog.models import Product, SpecKind, SpecValue, Variant

MOST_WORDS = 1_500


def words_of(product_ids: Sequence[UUID]) -> dict[UUID, str]:
    """By product: its texts, choices and numbers in both languages, and the names of what it has."""
    found: dict[UUID, list[str]] = {each: [] for each in product_ids}
    rows = SpecValue.objects.select_related("field").filter(product__in=product_ids)
    for row in rows.order_by("field__position", "field_id"):
        found[row.product_id] += _words(row)
    return {product_id: " ".join(filter(None, words))[:MOST_WORDS] for product_id, words in found.items()}


def _words(row: SpecValue) -> list[str]:
    field = row.field
    if field.kind == SpecKind.NUMBER and row.number is not None:
        number = f"{row.number.normalize():f}"
        return [f"{number} {field.unit}", f"{number}{field.unit}", f"{number}{field.unit_zh}"]
    if field.kind == SpecKind.CHOICE:
        return [text for code, *texts in field.choices if code == row.choice for text in texts]
    if field.kind == SpecKind.YES_NO:
        return [field.name, field.name_zh] if row.yes else []
    return [row.text, row.text_zh]


def find_anew(product_ids: Sequence[UUID]) -> None:
    """Have products and their variants found by what their specifications say now."""
    words = words_of(product_ids)
    products = list(Product.objects.select_for_update(no_key=True).filter(id__in=product_ids).order_by("id"))
    for product in products:
        product.spec_words = words[product.id]
        set_product_search(product)
    Product.objects.bulk_update(products, ["spec_words", "search_text", "search_grams"], batch_size=200)
    variants = list(Variant.objects.select_related("product").filter(product__in=product_ids).order_by("id"))
    for variant in variants:
        set_variant_search(variant, variant.product)
    Variant.objects.bulk_update(variants, ["search_text", "search_grams"], batch_size=200)
