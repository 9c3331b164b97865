"""Products: found by anything people type, changed only by those who may, and odd input stops at its field."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.commerce.catalog.models import Variant
from callcart.commerce.catalog.public import (
    BarcodeTaken,
    CategoryDraft,
    Product,
    ProductDraft,
    SkuTaken,
    SlugTaken,
    VariantDraft,
    add_variant,
    create_category,
    create_product,
    list_products,
    product_by_slug,
    search_variants,
    update_product,
    update_variant,
    variant_by_code,
    variants,
)
from callcart.core import search
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant, update_tenant


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id)


@pytest.fixture
def kettle(boss: Actor) -> Variant:
    product = create_product(boss, ProductDraft(name="Steel Kettle", name_zh="不锈钢水壶"))
    draft = VariantDraft(
        sku="KT-100", barcode="6901234567892", price_minor=4500, option="Blue", option_zh="蓝色"
    )
    return add_variant(boss, product.id, draft)


@pytest.mark.parametrize(
    "typed",
    [
        "kettle",
        "STEEL ket",
        "KT-100",
        "kt-100",
        "6901234567892",
        "水壶",
        "钢水",
        "bxgsh",
        "shuihu",
        "ｋｅｔｔｌｅ",
        " 蓝 水壶 ",
    ],
)
def test_found_by(kettle: Variant, typed: str) -> None:
    assert [hit.id for hit in search_variants(typed)] == [kettle.id]


@pytest.mark.parametrize(
    "typed", ["", " ", "teapot", "壶水", "%", "_", "\x00", "\ud800", "x" * 10_000, "🫖", "'; --"]
)
def test_found_by_nothing_of_the_kind(kettle: Variant, typed: str) -> None:
    assert search_variants(typed) == []
    assert variant_by_code(typed) is None


def test_an_exact_code_comes_first(boss: Actor, kettle: Variant) -> None:
    product = create_product(boss, ProductDraft(name="KT-100 spare lid"))
    add_variant(boss, product.id, VariantDraft(sku="A", price_minor=1))
    assert [hit.sku for hit in search_variants("KT-100")] == ["KT-100", "A"]


def test_what_is_withdrawn_is_found_by_the_office_only(boss: Actor, kettle: Variant) -> None:
    update_product(boss, kettle.product_id, on_sale=False)
    assert search_variants("kettle") == []
    assert [hit.on_sale for hit in search_variants("kettle", only_on_sale=False)] == [False]
    with pytest.raises(NotFound):
        product_by_slug("steel-kettle")
    assert list_products().cards == ()


def test_a_renamed_product_is_found_by_its_new_name(boss: Actor, kettle: Variant) -> None:
    update_product(boss, kettle.product_id, name="Iron pot", name_zh="铁锅")
    assert [hit.sku for hit in search_variants("tieguo")] == ["KT-100"]


def test_codes_are_taken_once(boss: Actor, kettle: Variant) -> None:
    with pytest.raises(SkuTaken):
        add_variant(boss, kettle.product_id, VariantDraft(sku="KT-100", price_minor=1))
    with pytest.raises(BarcodeTaken):
        add_variant(boss, kettle.product_id, VariantDraft(sku="B", barcode="6901234567892", price_minor=1))
    with pytest.raises(SlugTaken):
        create_product(boss, ProductDraft(name="Steel kettle"))
    assert Variant.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"sku": " "}, "sku"),
        ({"sku": "s" * 65}, "sku"),
        ({"price_minor": -1}, "price_minor"),
        ({"price_minor": 10**30}, "price_minor"),
        ({"weight_g": 2**31}, "weight_g"),
        ({"position": 10**12}, "position"),
        ({"name": "n" * 10_000}, "name"),
    ],
)
def test_a_variant_that_cannot_be_is_refused(
    boss: Actor, kettle: Variant, values: dict[str, object], field: str
) -> None:
    before = Variant.objects.values().get()
    with pytest.raises(Invalid) as refused:
        update_variant(boss, kettle.id, **values)
    assert set(refused.value.fields) == {field}
    assert Variant.objects.values().get() == before


@pytest.mark.parametrize("name", ["🫖 Teapot", "إبريق الشاي", "<b>bold</b>", "a\x00b", "half\ud800"])
def test_odd_names_are_kept_as_text(boss: Actor, name: str) -> None:
    made = Product.objects.get(id=create_product(boss, ProductDraft(name=name)).id)
    assert made.name == name.replace("\x00", " ").replace("\ud800", "").strip()


def test_another_tenants_category_does_not_exist(boss: Actor, kettle: Variant, other_tenant: Tenant) -> None:
    with tenant_transaction(other_tenant.id):
        theirs = create_category(Actor.system(other_tenant.id), CategoryDraft(name="Tea"))
    for change in (
        lambda: create_product(boss, ProductDraft(name="X", category_id=theirs.id)),
        lambda: update_product(boss, kettle.product_id, category_id=theirs.id),
        lambda: create_category(boss, CategoryDraft(name="X", parent_id=theirs.id)),
    ):
        with pytest.raises(Invalid) as refused:
            change()
        assert set(refused.value.fields) <= {"category_id", "parent_id"}
    with tenant_transaction(other_tenant.id):
        assert variants([kettle.id]) == {}
        assert search_variants("kettle") == []


def test_a_denied_change_changes_nothing(tenant: Tenant, kettle: Variant) -> None:
    from tests.commerce.shop import Shop

    before, audited = Variant.objects.values().get(), AuditEntry.objects.count()
    reader = Shop(tenant.id).staff("catalog.view")
    for change in (
        lambda: update_variant(reader, kettle.id, price_minor=1),
        lambda: update_product(reader, kettle.product_id, name="X"),
        lambda: create_product(reader, ProductDraft(name="X")),
        lambda: add_variant(reader, kettle.product_id, VariantDraft(sku="X", price_minor=1)),
    ):
        with pytest.raises(PermissionDenied):
            change()
    assert (Variant.objects.values().get(), Product.objects.count()) == (before, 1)
    assert AuditEntry.objects.count() == audited


def test_a_new_price_is_audited_and_in_the_currency_of_now(boss: Actor, kettle: Variant) -> None:
    update_tenant(boss, currency="CNY")
    update_variant(boss, kettle.id, price_minor=30000)
    price = variants([kettle.id])[kettle.id].price
    assert (price.minor, price.currency) == (30000, "CNY")
    entry = AuditEntry.objects.get(action="catalog.update_variant")
    assert (entry.before, entry.after) == ({"price_minor": 4500}, {"price_minor": 30000})


def test_shelves_page_and_include_what_lies_inside(boss: Actor) -> None:
    home = create_category(boss, CategoryDraft(name="Home"))
    tea = create_category(boss, CategoryDraft(name="Tea", parent_id=home.id))
    for number in range(5):
        product = create_product(
            boss, ProductDraft(name=f"Cup {number}", category_id=tea.id, position=number // 2)
        )
        add_variant(boss, product.id, VariantDraft(sku=f"C{number}", price_minor=100 + number))
    seen: list[str] = []
    cursor = ""
    while True:
        page = list_products(category="home", cursor=cursor, limit=2)
        seen += [card.product.name for card in page.cards]
        cursor = page.cursor
        if not cursor:
            break
    assert seen == [f"Cup {number}" for number in range(5)]
    with pytest.raises(NotFound):
        list_products(category="nowhere")
    assert len(list_products(cursor="9" * 5000).cards) == 5


@pytest.fixture
def chinese_only(tenant: Tenant, boss: Actor) -> None:
    update_tenant(boss, settings={"languages": ["zh-hans"]})


def test_a_shop_of_one_language_names_its_products_in_it(boss: Actor, chinese_only: None) -> None:
    shelf = create_category(boss, CategoryDraft(name_zh="厨房", slug="chufang"))
    made = create_product(boss, ProductDraft(name_zh="铜锅", category_id=shelf.id))
    variant = add_variant(boss, made.id, VariantDraft(sku="TG-1", price_minor=900, option_zh="大"))
    assert (variant.name, variant.name_zh) == ("", "铜锅 大")
    assert [hit.name_in("en") for hit in search_variants("tongguo")] == ["铜锅 大"]
    assert product_by_slug(made.slug).product.name_in("en") == "铜锅"
    assert shelf.name_in("en") == "厨房"


def test_a_name_in_neither_language_is_asked_for_in_the_shops_own(boss: Actor, chinese_only: None) -> None:
    made = create_product(boss, ProductDraft(name_zh="铜锅"))
    variant = add_variant(boss, made.id, VariantDraft(sku="TG-2", price_minor=900))
    for refused in (
        lambda: create_product(boss, ProductDraft()),
        lambda: create_category(boss, CategoryDraft(name=" ")),
        lambda: update_product(boss, made.id, name_zh=" "),
        lambda: update_variant(boss, variant.id, name="", name_zh=""),
    ):
        with pytest.raises(Invalid) as error:
            refused()
        assert error.value.fields == {"name_zh": "Please fill this in."}
    update_variant(boss, variant.id, price_minor=1000, name="")
    assert update_product(boss, made.id, name="Copper pot", name_zh="").name_in("zh-hans") == "Copper pot"


def test_a_shop_of_both_asks_in_its_first(boss: Actor) -> None:
    with pytest.raises(Invalid) as error:
        create_product(boss, ProductDraft())
    assert error.value.fields == {"name": "Please fill this in."}


def test_a_search_finds_what_the_filter_of_every_list_finds_and_reads_it_as_the_rows_say(
    boss: Actor, kettle: Variant
) -> None:
    """The search has a statement of its own: it must not find anything else than the filter, nor read it differently."""
    other = create_product(boss, ProductDraft(name="Copper Kettle", name_zh="紫铜水壶", on_sale=False))
    add_variant(boss, other.id, VariantDraft(sku="KT-200", price_minor=9900))
    past = create_product(boss, ProductDraft(name="Old Kettle", sale_until=now() - timedelta(days=1)))
    add_variant(boss, past.id, VariantDraft(sku="KT-300", price_minor=100))
    plain = create_product(boss, ProductDraft(name="Kettle stand"))
    hidden = add_variant(boss, plain.id, VariantDraft(sku="KT-400", price_minor=100))
    update_variant(boss, hidden.id, on_sale=False)
    for text in ("kettle", "KT", "kt-1", "水壶", "sh", "steel kettle", "kettle steel", "nothing", "100", "!"):
        rows = Variant.objects.select_related("product").filter(search.condition(text))
        shown = {row.id for row in rows if row.on_sale and row.product.offered_at(now())}
        assert {hit.id for hit in search_variants(text)} == shown, text
        assert {hit.id for hit in search_variants(text, only_on_sale=False)} == {row.id for row in rows}, text
    hits = variants(Variant.objects.values_list("id", flat=True))
    for row in Variant.objects.select_related("product"):
        hit = hits[row.id]
        for name in (
            "id",
            "product_id",
            "sku",
            "barcode",
            "name",
            "name_zh",
            "option",
            "option_zh",
            "weight_g",
        ):
            assert getattr(hit, name) == getattr(row, name)
        assert hit.price == Money(row.price_minor, row.currency)
        assert hit.image == (row.image or (row.product.images[0] if row.product.images else ""))
        assert hit.on_sale == (row.on_sale and row.product.offered_at(now()))
        assert hit.slug == row.product.slug
