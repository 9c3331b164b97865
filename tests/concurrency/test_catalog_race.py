"""Editors of the catalogue at the same time, each with a connection of their own: a code and a barcode once, no ring of
categories, one of two edits of the same version, every picture kept."""

from __future__ import annotations

import io
from collections import Counter as Tally

import pytest
from PIL import Image

from callcart.commerce.catalog.models import Category, Product, Variant
from callcart.commerce.catalog.public import (
    CategoryDraft,
    VariantDraft,
    add_picture,
    add_variant,
    category_tree,
    change_prices,
    create_category,
    move_category,
    preview_prices,
    update_product,
)
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, at_once, open_shop

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def shop(fresh_db: str) -> Shop:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        found = open_shop(tenant)
        found.goods("A", price=1000)
        return found


def told(found: list[object]) -> Tally[str]:
    return Tally(type(each).__name__ for each in found)


def dot(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(out, "PNG")
    return out.getvalue()


def test_at_once(shop: Shop) -> None:
    product = shop.variants["A"].product_id
    boss, tenant = shop.boss, shop.tenant_id
    with tenant_transaction(tenant):
        one, other = (create_category(boss, CategoryDraft(name=name)) for name in ("One", "Other"))
        seen = Product.objects.get(id=product).version
    # eight clerks type the same code, eight the same barcode
    same = at_once(
        tenant,
        [lambda: add_variant(boss, product, VariantDraft(sku="X", price_minor=1)) for _ in range(8)]
        + [
            lambda n=n: add_variant(
                boss, product, VariantDraft(sku=f"B{n}", price_minor=1, barcode="4006381333931")
            )
            for n in range(8)
        ],
    )
    assert told(same) == {"Variant": 2, "SkuTaken": 7, "BarcodeTaken": 7}
    # one moves A into B while the other moves B into A
    ring = at_once(
        tenant,
        [
            lambda: move_category(boss, one.id, parent_id=other.id, place=0),
            lambda: move_category(boss, other.id, parent_id=one.id, place=0),
        ],
    )
    assert told(ring) == {"Category": 1, "Invalid": 1}
    with tenant_transaction(tenant):
        assert len(category_tree()) == Category.objects.count() == 2
    # two editors had the same form open
    edited = at_once(
        tenant, [lambda n=n: update_product(boss, product, version=seen, name=f"Name {n}") for n in range(4)]
    )
    assert told(edited) == {"Product": 1, "Conflict": 3}
    # pictures from several windows
    colours = ("red", "blue", "green", "black")
    added = at_once(tenant, [lambda c=c: add_picture(boss, product, dot(c)) for c in colours])
    with tenant_transaction(tenant):
        assert sorted(Product.objects.get(id=product).images) == sorted(added)
        preview = preview_prices(boss, [product], percent_bp=-5000)
    # a price change is set once, whoever presses
    halved = at_once(
        tenant,
        [lambda: change_prices(boss, [product], percent_bp=-5000, seen=preview.seen) for _ in range(4)],
    )
    assert Tally(type(each).__name__ for each in halved) == {"int": 1, "Conflict": 3}
    with tenant_transaction(tenant):
        assert Variant.objects.get(sku="A").price_minor == 500
