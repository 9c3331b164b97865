"""The shop by specification: filters of a shelf, specifications and pictures on a product's page."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.test import Client
from PIL import Image

from callcart.commerce.catalog.models import SpecField
from callcart.commerce.catalog.public import (
    CategoryDraft,
    Choice,
    FieldDraft,
    SpecKind,
    add_picture,
    create_category,
    declare_field,
    set_specs,
    update_product,
)
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, open_shop
from tests.web.office.office import words


@pytest.fixture
def shop(tenant: Tenant) -> Shop:
    return open_shop(tenant)


@pytest.fixture
def visitor(client_for: Callable[..., Client]) -> Client:
    return client_for(None)


@pytest.fixture
def fields(shop: Shop) -> dict[str, SpecField]:
    """A shelf Kitchen › Pots with a pot of steel holding 5 L and a pan of iron holding 1.5 L."""
    kitchen = create_category(shop.boss, CategoryDraft(name="Kitchen", name_zh="厨房"))
    pots = create_category(shop.boss, CategoryDraft(name="Pots", parent_id=kitchen.id))
    metals = (Choice("Steel", "钢"), Choice("Iron", "铁"))
    metal = declare_field(
        shop.boss, kitchen.id, FieldDraft(SpecKind.CHOICE, "Metal", "材质", choices=metals, is_filter=True)
    )
    litres = declare_field(
        shop.boss, kitchen.id, FieldDraft(SpecKind.NUMBER, "Volume", unit="L", is_filter=True)
    )
    for sku, code, volume in (("POT", "c1", "5"), ("PAN", "c2", "1.5")):
        product = shop.goods(sku, west=3).product_id
        update_product(shop.boss, product, category_id=pots.id, slug=sku.lower())
        set_specs(shop.boss, product, {metal.id: (code, ""), litres.id: (volume, "")})
    return {"metal": metal, "litres": litres}


def shelf(client: Client, fields: dict[str, SpecField], slug: str = "kitchen", **wanted: str) -> set[str]:
    metal, litres = (f"spec-{fields[name].id.hex}" for name in ("metal", "litres"))
    names = {"metal": metal, "least": f"{litres}-least", "most": f"{litres}-most"}
    said = words(client.get(f"/shelf/{slug}", {names[key]: value for key, value in wanted.items()}))
    return {sku for sku in ("POT", "PAN") if f"Thing {sku}" in said}


def test_a_shelf_is_narrowed(visitor: Client, fields: dict[str, SpecField]) -> None:
    client = visitor
    assert shelf(client, fields) == shelf(client, fields, "pots") == {"POT", "PAN"}
    assert shelf(client, fields, metal="c1") == {"POT"}
    assert shelf(client, fields, metal="nonsense") == {"POT", "PAN"}
    assert shelf(client, fields, least="2") == {"POT"}
    assert shelf(client, fields, most="１.5") == {"PAN"}
    for odd in ("x", "1e99", "NaN", "-", "9" * 50):
        assert shelf(client, fields, least=odd) == {"POT", "PAN"}, odd


def test_a_filter_is_said_and_taken_off(visitor: Client, fields: dict[str, SpecField]) -> None:
    name = f"spec-{fields['metal'].id.hex}"
    page = visitor.get(f"/shelf/kitchen?{name}=c1&{name}=c2&spec-{fields['litres'].id.hex}-least=2")
    said = words(page)
    assert "Volume from 2 L" in said and "Steel" in said and "Pots" in said
    assert f'href="?{name}=c2&amp;spec-' in page.content.decode()
    nothing = words(visitor.get(f"/shelf/kitchen?{name}=c2&spec-{fields['litres'].id.hex}-least=2"))
    assert "Nothing here is like that" in nothing


def test_a_product_shows_its_specifications_and_pictures(
    visitor: Client, shop: Shop, fields: dict[str, SpecField]
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (900, 900), "red").save(out, "PNG")
    product = shop.variants["POT"].product_id
    add_picture(shop.boss, product, out.getvalue(), alt="A red pot")
    page = visitor.get("/p/pot")
    said, source = words(page), page.content.decode()
    assert "Metal" in said and "Steel" in said and "5 L" in said and "Kitchen" in said
    assert 'alt="A red pot"' in source and 'type="image/webp"' in source and "/pictures/fallback/" in source
    for odd in ("9", "x", "-1", "99999", "²"):
        assert visitor.get(f"/p/pot?p={odd}").status_code == 200, odd
    assert "Thing POT" in words(visitor.get("/search?q=steel"))
