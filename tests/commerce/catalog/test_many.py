"""Many products at once, the days something is on sale, pictures, and what a barcode's check digit says."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from callcart.commerce.catalog.models import Product, Variant
from callcart.commerce.catalog.public import (
    add_picture,
    barcode_remark,
    category_pictures,
    change_prices,
    describe_picture,
    list_products,
    move_picture,
    preview_prices,
    product_by_slug,
    remove_picture,
    search_variants,
    set_on_sale,
    show_variant,
    update_product,
    update_variant,
    variant_by_code,
)
from callcart.core import pictures
from callcart.core.clock import frozen
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from tests.commerce.shop import Shop

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def dot(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), colour).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("now", "sold"), [(NOON - DAY, False), (NOON, True), (NOON + DAY, True), (NOON + 2 * DAY, False)]
)
def test_on_sale_within_its_days(shop: Shop, now: datetime, sold: bool) -> None:
    variant = shop.goods("KT")
    update_product(shop.boss, variant.product_id, sale_from=NOON, sale_until=NOON + 2 * DAY)
    slug = Product.objects.get(id=variant.product_id).slug
    with frozen(now):
        assert [hit.sku for hit in search_variants("KT")] == (["KT"] if sold else [])
        assert len(list_products().cards) == sold
        hit = variant_by_code("KT")
        assert hit is not None and hit.on_sale is sold
        if sold:
            assert product_by_slug(slug).product.id == variant.product_id
        else:
            with pytest.raises(NotFound):
                product_by_slug(slug)
        assert category_pictures() == {}


def test_days_that_end_before_they_begin(shop: Shop) -> None:
    variant = shop.goods("KT")
    update_product(shop.boss, variant.product_id, sale_from=NOON)
    with pytest.raises(Invalid) as raised:
        update_product(shop.boss, variant.product_id, sale_until=NOON)
    assert set(raised.value.fields) == {"sale_until"}


def test_on_and_off_sale(shop: Shop) -> None:
    ids = [shop.goods(sku).product_id for sku in ("A", "B")]
    assert set_on_sale(shop.boss, [ids[0]], False) == 1
    assert set_on_sale(shop.boss, ids, False) == 1
    assert list_products().cards == ()
    with pytest.raises(PermissionDenied):
        set_on_sale(shop.staff("catalog.view"), ids, True)
    assert Product.objects.filter(on_sale=True).count() == 0
    with pytest.raises(Invalid):
        set_on_sale(shop.boss, [], True)
    with pytest.raises(Invalid):
        set_on_sale(shop.boss, [new_id() for _ in range(501)], True)


@pytest.mark.parametrize(
    ("percent_bp", "step", "after"),
    [
        (-1000, 1, {"A": 900, "B": 5}),  # 4.5 is rounded half up
        (-1000, 10, {"A": 900, "B": 0}),
        (1250, 1, {"A": 1125, "B": 6}),
        (-9900, 1, {"A": 10, "B": 0}),
        (5, 1, {"A": 1001, "B": 5}),
    ],
)
def test_prices_by_percent(shop: Shop, percent_bp: int, step: int, after: dict[str, int]) -> None:
    ids = [shop.goods(sku, price=price).product_id for sku, price in (("A", 1000), ("B", 5))]
    preview = preview_prices(shop.boss, ids, percent_bp=percent_bp, step=step)
    assert {each.variant.sku: each.after for each in preview.changes} == after
    assert Variant.objects.get(sku="A").price_minor == 1000
    change_prices(shop.boss, ids, percent_bp=percent_bp, step=step, seen=preview.seen)
    assert {each.sku: each.price_minor for each in Variant.objects.all()} == after


def test_a_price_that_moved_since_the_preview_stops_all(shop: Shop) -> None:
    variants = [shop.goods("A", price=1000), shop.goods("B", price=500)]
    ids = [each.product_id for each in variants]
    preview = preview_prices(shop.boss, ids, percent_bp=-1000)
    update_variant(shop.boss, variants[1].id, price_minor=600)
    with pytest.raises(Conflict):
        change_prices(shop.boss, ids, percent_bp=-1000, seen=preview.seen)
    assert {each.sku: each.price_minor for each in Variant.objects.all()} == {"A": 1000, "B": 600}


@pytest.mark.parametrize(
    ("percent_bp", "step"), [(0, 1), (-10_000, 1), (-9_901, 1), (100_001, 1), (100, 0), (100, 7)]
)
def test_percents_that_cannot_be(shop: Shop, percent_bp: int, step: int) -> None:
    variant = shop.goods("A", price=1000)
    with pytest.raises(Invalid):
        preview_prices(shop.boss, [variant.product_id], percent_bp=percent_bp, step=step)


def test_pictures_in_order_with_words(shop: Shop) -> None:
    variant = shop.goods("KT")
    its = variant.product_id
    red, blue = (
        add_picture(shop.boss, its, dot(colour), alt=colour, alt_zh="色") for colour in ("red", "blue")
    )
    assert add_picture(shop.boss, its, dot("red")) == red
    product = Product.objects.get(id=its)
    assert product.images == [red, blue]
    assert (product.alt_in("en", red), product.alt_in("zh-hans", red)) == ("red", "色")
    move_picture(shop.boss, its, blue, by=-1)
    show_variant(shop.boss, variant.id, red)
    describe_picture(shop.boss, its, blue, alt="", alt_zh="")
    product.refresh_from_db()
    assert product.images == [blue, red]
    assert product.alt_in("en", blue) == product.name
    hit = variant_by_code("KT")
    assert hit is not None and hit.image == red
    remove_picture(shop.boss, its, red)
    hit = variant_by_code("KT")
    assert hit is not None and hit.image == blue


def test_pictures_refused(shop: Shop) -> None:
    variant, other = shop.goods("KT"), shop.goods("B")
    its = variant.product_id
    red = add_picture(shop.boss, its, dot("red"))
    with pytest.raises(pictures.NotAPicture):
        add_picture(shop.boss, its, b"not a picture")
    with pytest.raises(Invalid):
        add_picture(shop.boss, its, dot("blue"), alt="x" * 1000)
    with pytest.raises(NotFound):
        show_variant(shop.boss, other.id, red)
    for verb in (remove_picture, move_picture):
        with pytest.raises(PermissionDenied):
            verb(shop.staff("catalog.view"), its, red, **({"by": 1} if verb is move_picture else {}))  # type: ignore[operator]
        with pytest.raises(NotFound):
            verb(shop.boss, other.product_id, red, **({"by": 1} if verb is move_picture else {}))  # type: ignore[operator]
    assert Product.objects.get(id=its).images == [red]


def test_at_most_thirty_pictures(shop: Shop) -> None:
    its = shop.goods("KT").product_id
    Product.objects.filter(id=its).update(images=[f"shop/{n}.svg" for n in range(30)])
    with pytest.raises(Invalid) as raised:
        add_picture(shop.boss, its, dot("red"))
    assert set(raised.value.fields) == {"picture"}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", ""),
        ("4006381333931", ""),
        ("73513537", ""),
        ("036000291452", ""),
        ("4006381333932", "check digit"),
        ("036000291453", "check digit"),
        ("ABC-1", "Not an EAN"),
        ("123", "Not an EAN"),
        ("４００６３８１３３３９３１", "Not an EAN"),
    ],
)
def test_a_check_digit_is_said_not_forced(shop: Shop, code: str, said: str) -> None:
    variant = shop.goods("KT")
    update_variant(shop.boss, variant.id, barcode=code)
    assert (said in barcode_remark(code)) if said else barcode_remark(code) == ""
