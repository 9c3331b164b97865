"""Work of the catalogue that takes as long as there are products: finding them by words that changed."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.catalog.models import SpecValue
from callcart.commerce.catalog.spec_words import find_anew
from callcart.core.jobs import defer, job

PORTION = 300


@job()
def find_by_field(field_id: str, after: str) -> None:
    """Have the products that have a value of a field found by its words of now, so many at a time, in the order of ids."""
    rows = SpecValue.objects.filter(field_id=UUID(field_id)).order_by("product_id")
    if after:
        rows = rows.filter(product_id__gt=UUID(after))
    found = list(rows.values_list("product_id", flat=True)[:PORTION])
    find_anew(found)
    if len(found) == PORTION:
        defer(find_by_field, field_id=field_id, after=str(found[-1]))


@job()
def find_products(product_ids: list[str]) -> None:
    """Have these products found by what their specifications say now."""
    find_anew([UUID(each) for each in product_ids])
