"""Products from a file: variants of one product, categories, prices in every form; changed, refused, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from callcart.commerce.catalog.models import Category, Product, Variant
from callcart.commerce.catalog.public import (
    ComponentDraft,
    ProductDraft,
    VariantDraft,
    add_variant,
    compose,
    create_product,
    units_in_sets,
)
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.exchange import public as exchange
from callcart.core.exchange.declare import importer
from callcart.core.models import AuditEntry, Event
from tests.commerce.shop import Shop
from tests.core.exchange.importing import begin, check, counts, problems, run, work

FILE = """SKU,Handle,Title,名称,Option,Price,EAN,Category,Grams,Published
TEA-100,green-tea,Green tea,绿茶,100 g,$12.50,4006381333931,Tea,120,yes
TEA-250,green-tea,Green tea,绿茶,250 g,"1,029.00",,Tea,270,yes
CUP,,Cup,杯子,,5,,Kitchen,,no
"""


def test_variants_of_one_code_are_one_product(shop: Shop) -> None:
    found = run(shop.boss, "products", goods__csv=FILE, mode="all")
    assert (found.state, counts(found)) == ("done", (3, 0, 0, 0))
    tea = Product.objects.get(slug="green-tea")
    assert [(v.sku, v.name, v.name_zh, v.price_minor, v.weight_g) for v in tea.variants.order_by("sku")] == [
        ("TEA-100", "Green tea, 100 g", "绿茶", 1250, 120),
        ("TEA-250", "Green tea, 250 g", "绿茶", 102900, 270),
    ]
    cup = Variant.objects.get(sku="CUP")
    assert (cup.product.slug, cup.on_sale, cup.product.on_sale, cup.currency) == ("cup", False, False, "USD")
    assert {c.name for c in Category.objects.all()} == {"Tea", "Kitchen"}
    assert "lc" in Variant.objects.get(sku="TEA-100").search_grams
    assert AuditEntry.objects.filter(action="catalog.add_variant").count() == 3


def test_the_same_file_again_changes_nothing(shop: Shop) -> None:
    run(shop.boss, "products", goods__csv=FILE)
    assert counts(run(shop.boss, "products", goods__csv=FILE)) == (0, 0, 3, 0)


def test_what_is_different_is_changed_and_told(shop: Shop) -> None:
    shop.goods("TEA", price=1000)
    found = run(
        shop.boss,
        "products",
        goods__csv="SKU;售价;Title\nTEA;12,50;Oolong\n",
        style={"date_order": "", "decimal": ","},
    )
    tea = Variant.objects.get(sku="TEA")
    assert counts(found) == (0, 1, 0, 0)
    assert (tea.price_minor, tea.name, tea.product.name, tea.name_zh) == (
        1250,
        "Oolong",
        "Oolong",
        "东西 TEA",
    )
    entry = AuditEntry.objects.get(action="catalog.update_variant")
    assert (entry.before, entry.after) == (
        {"price_minor": 1000, "name": "Thing TEA"},
        {"price_minor": 1250, "name": "Oolong"},
    )
    assert Event.objects.filter(kind="product.changed", subject_id=tea.product_id).count() == 1


def test_a_name_of_its_own_is_kept_when_the_products_changes(shop: Shop) -> None:
    product = create_product(shop.boss, ProductDraft(name="Tea"))
    add_variant(shop.boss, product.id, VariantDraft(sku="T1", price_minor=1, name="The special one"))
    run(shop.boss, "products", goods__csv="sku,name\nT1,Oolong\n")
    assert Variant.objects.get(sku="T1").name == "The special one"


def test_rows_are_refused_by_column(shop: Shop) -> None:
    create_product(shop.boss, ProductDraft(name="Tea"))
    shop.goods("OLD")
    Variant.objects.filter(sku="OLD").update(barcode="111")
    rows = (
        "A,Name,,9", "B,,5,", "C,Name,-1,", "D,Name,1.234,", "E,Name,€5,", "F,Name,5,111", "G,Name,5,222", "H,Name,5,222",
        ",Name,5,", "A,Name,5,",
    )  # fmt: skip
    found = check(
        shop.boss, begin(shop.boss, "products", a__csv="sku,name,price,barcode\n" + "\n".join(rows) + "\n")
    )
    said = {number: each[0] for number, each in problems(found).items()}
    assert said == {
        2: ["price_minor", "A new product needs a price."],
        3: ["name", "A new product needs a name."],
        4: ["price_minor", "Give a number of 0 or more."],
        5: ["price_minor", "This amount has more decimal places than USD."],
        6: ["price_minor", "This amount is in another currency than USD."],
        7: ["barcode", "Another product already has this barcode."],
        8: ["barcode", "Another product already has this barcode."],
        9: ["barcode", "Another product already has this barcode."],
        10: ["sku", "Please fill this in."],
        11: ["", "The same stands in row 2 already."],
    }
    assert Variant.objects.count() == 1


def test_all_or_nothing_refuses_a_file_with_a_wrong_row_and_writes_nothing(shop: Shop) -> None:
    found = check(shop.boss, begin(shop.boss, "products", a__csv=FILE + "BAD,,,,,,,,,\n"))
    with pytest.raises(Invalid) as refusal:
        exchange.start(shop.boss, found.id, mode="all")
    assert "mode" in refusal.value.fields
    exchange.start(shop.boss, found.id, mode="good")
    assert counts(work(found)) == (3, 0, 0, 1)
    assert Variant.objects.count() == 3


def test_an_import_is_taken_back_with_its_products_and_categories(shop: Shop) -> None:
    shop.goods("CUP", price=900)
    found = run(shop.boss, "products", goods__csv=FILE)
    exchange.take_back(shop.boss, found.id)
    assert work(found).state == "undone"
    cup = Variant.objects.get()
    assert (cup.sku, cup.price_minor, cup.product.name, Category.objects.count()) == (
        "CUP",
        900,
        "Thing CUP",
        0,
    )


def test_goods_somebody_ordered_stand_in_the_way(shop: Shop) -> None:
    found = run(shop.boss, "products", goods__csv=FILE)
    from callcart.commerce.inventory.public import receive

    tea = Variant.objects.get(sku="TEA-100")
    receive(shop.boss, variant_id=tea.id, warehouse_id=shop.warehouses["west"].id, quantity=3)
    exchange.take_back(shop.boss, found.id)
    work(found)
    assert (found.state, found.problem) == ("done", "It cannot be undone any more: TEA-100 is used in stock.")
    assert Variant.objects.count() == 3


@pytest.mark.parametrize(("whole", "part"), [("OLD", "TEA-100"), ("TEA-100", "OLD")])
def test_a_set_and_what_it_is_made_of_stand_in_the_way(shop: Shop, whole: str, part: str) -> None:
    shop.goods("OLD")
    found = run(shop.boss, "products", goods__csv=FILE)
    ids = dict(Variant.objects.values_list("sku", "id"))
    compose(shop.boss, ids[whole], [ComponentDraft(ids[part])])
    exchange.take_back(shop.boss, found.id)
    work(found)
    assert (found.state, found.problem) == ("done", "It cannot be undone any more: TEA-100 is used in sets.")
    assert list(units_in_sets([ids[whole]])[ids[whole]]) == [ids[part]]


def test_export_and_import_again_change_nothing(shop: Shop) -> None:
    run(shop.boss, "products", goods__csv=FILE)
    its = importer("products")
    assert its.export is not None
    page = its.export(shop.boss, "products", {}, "")
    assert {row["sku"]: row["product"] for row in page.rows} == {
        "TEA-100": "green-tea",
        "TEA-250": "green-tea",
        "CUP": "cup",
    }


def test_no_permission_no_change(shop: Shop) -> None:
    clerk: Any = shop.staff("exchange.run", "catalog.view")
    with pytest.raises(PermissionDenied):
        begin(clerk, "products", a__csv=FILE)
    assert exchange.Import.objects.count() == 0
