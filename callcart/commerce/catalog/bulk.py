"""Many products at once: on or off sale, and prices by percent, looked at before they are set. What was looked at is what is set:
where a price or a product changed in between, nothing is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils.translation import gettext

from callcart.commerce.catalog.change import MOST_PRICE
from callcart.commerce.catalog.models import Product, Variant
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid

MOST_PRODUCTS = 500
LEAST_BP, MOST_BP = -9_900, 100_000  # 99 % off to eleven times as much


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A SKU's price as it is and as it would be, in minor units."""

    variant: Variant
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class PricePreview:
    """What a change by percent would do. `seen` stands for exactly this: give it back to have it done."""

    changes: tuple[PriceChange, ...]
    seen: str


def set_on_sale(actor: Actor, product_ids: Sequence[UUID], on_sale: bool) -> int:
    """Put products on sale or take them off; those that are so already stay as they are. Returns how many changed. Raises
    Invalid for none or too many."""
    actor.require("catalog.manage")
    _check_count(product_ids)
    rows = Product.objects.select_for_update().filter(id__in=set(product_ids)).exclude(on_sale=on_sale)
    changed = [each.id for each in rows.order_by("id")]
    Product.objects.filter(id__in=changed).update(on_sale=on_sale, version=F("version") + 1)
    audit.record_many(
        actor,
        "catalog.update_product",
        [audit.Entry(("product", each), {"on_sale": not on_sale}, {"on_sale": on_sale}) for each in changed],
    )
    events.emit_many("product.changed", "product", changed)
    return len(changed)


def preview_prices(
    actor: Actor, product_ids: Sequence[UUID], *, percent_bp: int, step: int = 1
) -> PricePreview:
    """The prices of products' SKUs changed by so many basis points (-1000: a tenth off), rounded half up to whole `step`s of
    minor units. Raises Invalid."""
    actor.require("catalog.manage")
    _check_count(product_ids)
    return _preview(Variant.objects.filter(product__in=set(product_ids)), percent_bp, step)


def change_prices(
    actor: Actor, product_ids: Sequence[UUID], *, percent_bp: int, step: int = 1, seen: str
) -> int:
    """Set the prices of a preview. Raises Conflict where it would not come out the same now, Invalid. Returns how many SKUs
    have another price."""
    actor.require("catalog.manage")
    _check_count(product_ids)
    rows = Variant.objects.select_for_update(of=("self",)).filter(product__in=set(product_ids))
    preview = _preview(rows, percent_bp, step)
    if preview.seen != seen:
        raise Conflict
    changed = [each for each in preview.changes if each.after != each.before]
    for each in changed:
        each.variant.price_minor = each.after
        each.variant.version += 1
    Variant.objects.bulk_update(
        [each.variant for each in changed], ["price_minor", "version"], batch_size=500
    )
    audit.record_many(
        actor,
        "catalog.update_variant",
        [
            audit.Entry(("variant", c.variant.id), {"price_minor": c.before}, {"price_minor": c.after})
            for c in changed
        ],
        reason=f"{Decimal(percent_bp).scaleb(-2):+f} %",
    )
    products = sorted({each.variant.product_id for each in changed})
    events.emit_many("product.changed", "product", products)
    return len(changed)


def _preview(rows: QuerySet[Variant], percent_bp: int, step: int) -> PricePreview:
    if not LEAST_BP <= percent_bp <= MOST_BP or percent_bp == 0:
        raise Invalid(fields={"percent": gettext("Between 99 percent off and 1,000 percent on.")})
    if step not in (1, 10, 100, 1000):
        raise Invalid(fields={"step": gettext("Choose one of the values offered.")})
    found = [_change(row, percent_bp, step) for row in rows.order_by("id")]
    if any(each.after > MOST_PRICE for each in found):
        raise Invalid(fields={"percent": gettext("This cannot be right.")})
    told = "\n".join(f"{each.variant.id} {each.before} {each.after}" for each in found)
    return PricePreview(tuple(found), hashlib.sha256(told.encode()).hexdigest())


def _change(row: Variant, percent_bp: int, step: int) -> PriceChange:
    exact = Decimal(row.price_minor) * (10_000 + percent_bp) / 10_000 / step
    return PriceChange(row, row.price_minor, int(exact.to_integral_value(ROUND_HALF_UP)) * step)


def _check_count(product_ids: Sequence[UUID]) -> None:
    if not product_ids:
        raise Invalid(gettext("Tick one product at least."))
    if len(set(product_ids)) > MOST_PRODUCTS:
        raise Invalid(gettext("At most %(most)d products at once.") % {"most": MOST_PRODUCTS})
