"""Looking around: shelves, search by anything, honest words on stock and delivery."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callcart.commerce.catalog.models import Product, Variant
from callcart.commerce.catalog.public import (
    ProductDraft,
    VariantDraft,
    add_variant,
    create_product,
    update_product,
)
from callcart.commerce.inventory.public import list_warehouses, receive
from callcart.core import clock
from callcart.people.tenants.public import get_tenant, settings_of, update_tenant
from tests.web.shop.visitor import Shop

PAGES = (
    "/",
    "/shelf/kitchen",
    "/search?q=zzzz",
    "/p/cast-iron-skillet",
    "/cart",
    "/track",
    "/sign-in",
    "/help",
)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", PAGES)
def test_every_open_page_opens_in_both_languages(harbor: Shop, path: str, language: str) -> None:
    page = harbor.visitor(language=language).get(path)
    assert page.status == 200
    assert f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in page.text


def test_names_and_shelves_are_in_the_readers_language(harbor: Shop) -> None:
    assert "Cast-iron skillet" in harbor.visitor().get("/shelf/kitchen").words
    chinese = harbor.visitor(language="zh-hans").get("/shelf/kitchen").words
    assert "铸铁煎锅" in chinese
    assert "Cast-iron skillet" not in chinese


@pytest.mark.parametrize("text", ["skillet", "IRON skil", "铸铁", "煎锅", "ztjg", "zhutie"])
def test_search_finds_by_name_pinyin_and_initials(harbor: Shop, text: str) -> None:
    assert "Cast-iron skillet" in harbor.visitor().get("/search", q=text).words


def test_a_whole_code_or_barcode_leads_to_its_product(harbor: Shop) -> None:
    sku = harbor.goods(barcode="2000000012345")
    for text in (sku, sku.lower(), "2000000012345"):
        assert harbor.visitor().get("/search", q=text).to == f"/p/{sku.lower()}?v={sku}"


def test_nothing_found_says_what_to_do_and_echoes_safely(harbor: Shop) -> None:
    page = harbor.visitor().get("/search", q="<b>😀 مثال</b>")
    assert page.status == 200
    assert "Nothing found" in page.words
    assert "<b>😀" not in page.text
    assert "&lt;b&gt;😀" in page.text


@pytest.mark.parametrize("text", ["x" * 10_000, "a\x00b", "\u202e", "%%%", "' OR 1=1 --"])
def test_odd_searches_find_nothing(harbor: Shop, text: str) -> None:
    assert harbor.visitor().get("/search", q=text).status == 200


def test_an_empty_search_goes_home(harbor: Shop) -> None:
    assert harbor.visitor().get("/search", q="   ").to == "/"


def test_few_are_counted_with_their_place_and_many_are_not(harbor: Shop) -> None:
    few, many, none = harbor.goods(stock=3), harbor.goods(stock=500), harbor.goods(stock=0)
    visitor = harbor.visitor()
    assert "3 left in Portland" in visitor.get(f"/p/{few.lower()}").words
    page = visitor.get(f"/p/{many.lower()}")
    assert "Plenty, in Portland" in page.words
    assert "500" not in page.words
    out = visitor.get(f"/p/{none.lower()}")
    assert "Sold out" in out.words
    assert "/cart/add" not in out.text


def test_what_is_left_in_two_places_is_said_of_both(harbor: Shop) -> None:
    sku = harbor.goods(stock=2)
    with harbor.acting():
        variant, second = Variant.objects.get(sku=sku), list_warehouses()[1]
        receive(harbor.boss, variant_id=variant.id, warehouse_id=second.id, quantity=1)
    assert f"2 left in Portland and 1 in {second.name}" in harbor.visitor().get(f"/p/{sku.lower()}").words


def test_the_delivery_day_counts_working_days_from_tomorrow(harbor: Shop) -> None:
    path = f"/p/{harbor.goods(price=1000).lower()}"
    with clock.frozen(datetime(2026, 11, 27, 17, tzinfo=UTC)):  # a Friday noon in New York
        page = harbor.visitor().get(path)
    assert "With you Tue, Dec 1 to Fri, Dec 4" in page.words
    assert "Ground, $6.95; free from $75.00" in page.words


def test_a_variant_is_chosen_by_its_code_and_a_wrong_code_shows_the_first_there(harbor: Shop) -> None:
    sku = harbor.goods(stock=0, option="Small")
    with harbor.acting():
        product = Product.objects.get(slug=sku.lower())
        made = add_variant(
            harbor.boss, product.id, VariantDraft(sku=f"{sku}L", price_minor=1900, option="Large")
        )
        receive(harbor.boss, variant_id=made.id, warehouse_id=list_warehouses()[0].id, quantity=4)
    visitor = harbor.visitor()
    assert f"Code {sku}L" in visitor.get(f"/p/{sku.lower()}").words
    assert f"Code {sku} " in visitor.get(f"/p/{sku.lower()}", v=sku).words
    assert f"Code {sku}L" in visitor.get(f"/p/{sku.lower()}", v="nothing").words


def test_what_is_not_on_sale_is_not_there(harbor: Shop) -> None:
    sku = harbor.goods()
    with harbor.acting():
        update_product(harbor.boss, Product.objects.get(slug=sku.lower()).id, on_sale=False)
    visitor = harbor.visitor()
    assert visitor.get(f"/p/{sku.lower()}").status == 404
    assert visitor.get("/search", q=sku).status == 200
    for path in ("/p/never-was", "/shelf/never-was", "/pictures/" + "0" * 64 + ".svg"):
        assert visitor.get(path).status == 404


def test_a_long_shelf_goes_on_page_by_page_without_gap_or_double(harbor: Shop) -> None:
    from callcart.commerce.catalog.models import Category

    names = [f"Shelved {number:02d} of many" for number in range(30)]
    with harbor.acting():
        shelf = Category.objects.get(slug="garden")
        before = Product.objects.filter(category=shelf, on_sale=True).count()
    for name in names:
        sku = harbor.goods(name=name)
        with harbor.acting():
            Product.objects.filter(slug=sku.lower()).update(category=shelf)
    seen: list[str] = []
    path = "/shelf/garden"
    while path:
        page = harbor.visitor().get(path)
        cards = page.text.partition('<ul class="grid">')[2]
        seen += [part.partition('"')[0] for part in cards.split('href="/p/')[1:]]
        following = page.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
        path = f"/shelf/garden{following}" if following else ""
    assert len(seen) == len(set(seen)) == before + len(names)


def test_a_product_named_in_one_language_is_sold_to_readers_of_both(qinghe: Shop) -> None:
    with qinghe.acting():
        made = create_product(qinghe.boss, ProductDraft(name_zh="紫铜锅"))
        sku = "ONE-NAME"
        variant = add_variant(qinghe.boss, made.id, VariantDraft(sku=sku, price_minor=9900))
        place = list_warehouses()[0].id
        receive(qinghe.boss, variant_id=variant.id, warehouse_id=place, quantity=5)
    visitor = qinghe.visitor()
    assert "紫铜锅" in visitor.get("/search", q="zitongguo").words
    assert "<h1>紫铜锅</h1>" in visitor.get(f"/p/{made.slug}").text
    visitor.add(sku)
    assert "紫铜锅" in visitor.get("/cart").words
    order = visitor.order(sku)
    assert "紫铜锅" in visitor.get(f"/order/{order.number}").words


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ["Monday 9:00 AM–12:30 PM, 2:05 PM–12:00 AM", "Sunday closed"]), ("zh-hans", ["星期一 09:00–12:30、14:05–00:00"])],
)  # fmt: skip
def test_hours_are_told_as_the_reader_writes_times(harbor: Shop, language: str, said: list[str]) -> None:
    week = [[["09:00", "12:30"], ["14:05", "24:00"]], *([[]] * 6)]
    with harbor.acting():
        before = settings_of(get_tenant(harbor.tenant_id)).business_hours
        update_tenant(harbor.boss, settings={"business_hours": week})
    try:
        words = harbor.visitor(language=language).get("/help").words.replace("\u202f", " ")
    finally:
        with harbor.acting():
            update_tenant(harbor.boss, settings={"business_hours": before})
    for each in said:
        assert each in words
