"""What the demo's goods are made of, and what they cost the shop and how large they are, which no row of their data says."""

from __future__ import annotations

from callcart.commerce.catalog.public import (
    Category,
    Choice,
    FieldDraft,
    Product,
    SpecKind,
    declare_field,
    set_specs,
)
from callcart.core.actor import Actor
from callcart.demo.data.specs import SPECS
from callcart.people.tenants.public import Tenant

_GRAMS_PER_LITRE = 250  # boxes are mostly air


def seed_specs(actor: Actor, tenant: Tenant) -> None:
    """The fields of categories and the values of products. After the goods."""
    categories = {each.slug: each for each in Category.objects.all()}
    products = {each.slug: each.id for each in Product.objects.all()}
    for row in SPECS[tenant.slug]:
        draft = FieldDraft(
            SpecKind(row.kind),
            row.name,
            row.name_zh,
            row.unit,
            row.unit_zh,
            tuple(Choice(name, name_zh, code) for code, name, name_zh in row.choices),
            row.is_filter,
        )
        made = declare_field(actor, categories[row.category].id, draft)
        for slug, value in row.values.items():
            typed = (value, "") if isinstance(value, str) else value
            set_specs(actor, products[slug], {made.id: typed})


def cost_of(price: int, weight: int) -> int:
    """What a unit costs the shop: 45 to 60 percent of its price, to the half."""
    share = 45 + (price // 100 + weight) % 16
    return price * share // 100 // 50 * 50


def size_of(weight: int) -> tuple[int, int, int]:
    """Length, width and height of its box in millimetres, twice as long as high."""
    height = round((weight / _GRAMS_PER_LITRE * 1_000_000 / 3) ** (1 / 3) / 5) * 5 if weight else 0
    return 2 * height, height * 3 // 2, height
