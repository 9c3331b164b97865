"""One set in each demo shop: made of goods that are there already, last on its shelf."""

from __future__ import annotations

from dataclasses import dataclass

from callcart.commerce.catalog.public import (
    Category,
    ComponentDraft,
    Product,
    ProductDraft,
    Variant,
    VariantDraft,
    add_variant,
    compose,
    create_product,
)
from callcart.core.actor import Actor
from callcart.demo.seed_goods import barcode
from callcart.people.tenants.public import Tenant


@dataclass(frozen=True, slots=True)
class SetRow:
    category: str
    code: str
    slug: str
    name: str
    name_zh: str
    price: int
    text: str
    text_zh: str
    parts: tuple[tuple[str, int], ...]


_SETS = {
    "harbor": SetRow(
        "coffee-tea", "CS-04", "coffee-set", "Coffee set for four", "四人咖啡套装", 10_900,
        "A French press, four camp mugs and a bag of our own blend: a present that is ready to pour.",
        "法压壶一只、露营杯四只、自家拼配咖啡豆一袋，开箱即可冲泡的礼物。",
        (("FP34", 1), ("CM-PN", 4), ("HB-12", 1)),
    ),
    "qinghe": SetRow(
        "tea", "YC01", "health-tea-set", "Health tea set", "养生茶套装", 19_900,
        "A glass kettle and two jars of chrysanthemum buds.",
        "养生壶一台，桐乡胎菊两罐，送长辈正合适。",
        (("YS15", 1), ("TJ060", 2)),
    ),
}  # fmt: skip


def seed_sets(actor: Actor, tenant: Tenant) -> None:
    """Once all else is there."""
    row = _SETS[tenant.slug]
    parts = {each.sku: each for each in Variant.objects.filter(sku__in=[sku for sku, _units in row.parts])}
    first = parts[row.parts[0][0]]
    product = create_product(
        actor,
        ProductDraft(
            name=row.name, name_zh=row.name_zh, slug=row.slug, description=row.text, description_zh=row.text_zh,
            category_id=Category.objects.get(slug=row.category).id, images=tuple(first.product.images),
            position=Product.objects.count(),
        ),
    )  # fmt: skip
    made = add_variant(
        actor,
        product.id,
        VariantDraft(
            sku=row.code, barcode=barcode(f"{tenant.slug}:{row.code}", tenant.country), price_minor=row.price
        ),
    )
    compose(actor, made.id, [ComponentDraft(parts[sku].id, units) for sku, units in row.parts])
