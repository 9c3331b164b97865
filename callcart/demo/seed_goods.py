"""The demo shop's shelves: categories, products with their pictures, warehouses and delivery methods.

Made by the public verbs, in one transaction of the tenant; opening stock comes later, with the trade it must
add up with.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from types import ModuleType

from callcart.commerce.catalog.public import (
    CategoryDraft,
    Product,
    ProductDraft,
    Variant,
    VariantDraft,
    add_variant,
    create_category,
    create_product,
)
from callcart.commerce.inventory.public import Warehouse, WarehouseDraft, create_warehouse
from callcart.commerce.shipping.public import MethodDraft, create_method
from callcart.core import files
from callcart.core.actor import Actor
from callcart.demo.data import harbor_goods, qinghe_goods
from callcart.demo.data.delivery import METHODS
from callcart.demo.data.goods import ProductRow
from callcart.demo.illustrations import draw
from callcart.demo.seed_specs import cost_of, seed_specs, size_of
from callcart.people.tenants.public import Tenant

GOODS: dict[str, ModuleType] = {"harbor": harbor_goods, "qinghe": qinghe_goods}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A variant and how many of it each warehouse should have free when the seed is done."""

    variant: Variant
    free: dict[str, int]


def seed_goods(actor: Actor, tenant: Tenant) -> None:
    """Shelves, goods, warehouses, delivery."""
    data = GOODS[tenant.slug]
    _make_products(actor, tenant, data)
    seed_specs(actor, tenant)
    for row in data.WAREHOUSES:
        create_warehouse(
            actor,
            WarehouseDraft(
                code=row.code, name=row.name, name_zh=row.name_zh, regions=row.regions, priority=row.priority
            ),
        )
    _make_delivery(actor, tenant)


def shelves(tenant: Tenant) -> list[Shelf]:
    """Every variant with the free stock its data asks for, by warehouse code."""
    data = GOODS[tenant.slug]
    codes = [row.code for row in data.WAREHOUSES]
    wanted = {row.code: row.stock for product in data.PRODUCTS for row in product.variants}
    return [
        Shelf(variant, dict(zip(codes, wanted[variant.sku], strict=True)))
        for variant in Variant.objects.order_by("id")
        if variant.sku in wanted
    ]


def warehouses() -> dict[str, Warehouse]:
    return {warehouse.code: warehouse for warehouse in Warehouse.objects.all()}


def _make_products(actor: Actor, tenant: Tenant, data: ModuleType) -> None:
    categories = {
        row.slug: create_category(
            actor, CategoryDraft(name=row.name, name_zh=row.name_zh, slug=row.slug, position=place)
        )
        for place, row in enumerate(data.CATEGORIES)
    }
    for place, row in enumerate(data.PRODUCTS):
        product = create_product(
            actor,
            ProductDraft(
                name=row.name,
                name_zh=row.name_zh,
                slug=row.slug,
                description=row.text,
                description_zh=row.text_zh,
                category_id=categories[row.category].id,
                images=_pictures(row),
                position=place,
            ),
        )
        _add_variants(actor, tenant, product, row)


def _make_delivery(actor: Actor, tenant: Tenant) -> None:
    for place, row in enumerate(METHODS[tenant.slug]):
        create_method(
            actor,
            MethodDraft(
                code=row.code,
                name=row.name,
                name_zh=row.name_zh,
                carrier=row.carrier,
                price_minor=row.price,
                free_above_minor=row.free_above,
                days_min=row.days[0],
                days_max=row.days[1],
                takes_cod=row.takes_cod,
                countries=(tenant.country,),
                zones=row.zones,
                position=place,
            ),
        )


def _pictures(row: ProductRow) -> tuple[str, ...]:
    return tuple(
        files.put(draw(row.shape, row.palette, row.emblem, turn=turn), kind="picture", suffix=".svg")
        for turn in (0, 1)
    )


def _add_variants(actor: Actor, tenant: Tenant, product: Product, row: ProductRow) -> None:
    several = len(row.variants) > 1
    for place, item in enumerate(row.variants):
        image = ""
        length, width, height = size_of(item.weight)
        if item.palette:
            image = files.put(draw(row.shape, item.palette, row.emblem), kind="picture", suffix=".svg")
        add_variant(
            actor,
            product.id,
            VariantDraft(
                sku=item.code,
                barcode=barcode(f"{tenant.slug}:{item.code}", tenant.country),
                price_minor=item.price,
                option=item.name if several else "",
                option_zh=item.name_zh if several else "",
                weight_g=item.weight,
                cost_minor=cost_of(item.price, item.weight),
                length_mm=length,
                width_mm=width,
                height_mm=height,
                image=image,
                position=place,
                name="" if several else product.name,
                name_zh="" if several else product.name_zh,
            ),
        )


def barcode(of: str, country: str) -> str:
    """An EAN-13 with a right check digit, in the range kept for use inside a shop (2…)."""
    number = int(hashlib.sha256(of.encode()).hexdigest(), 16) % 10**9
    digits = f"{'20' if country == 'US' else '26'}{number:010d}"
    odd, even = (sum(int(d) for d in digits[start::2]) for start in (0, 1))
    return f"{digits}{-(odd + 3 * even) % 10}"
