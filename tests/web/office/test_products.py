"""Products and stock in the office: making, pricing, counting; codes that are taken; places out of one's scope."""

from __future__ import annotations

from callcart.commerce.catalog.models import Product, Variant
from callcart.commerce.inventory.models import Movement
from callcart.core.ids import new_id
from tests.web.office.office import Office, field_error, words

NEW = {"name": "Enamel kettle", "name_zh": "搪瓷水壶", "sku": "KET-1", "price": "39.50", "on_sale": "1"}


def test_a_product_is_made_with_its_first_variant(office: Office) -> None:
    client = office.client("marketing")
    done = client.post("/office/products/new", NEW)
    variant = Variant.objects.get(sku="KET-1")
    assert done["Location"] == f"/office/products/{variant.product_id}"
    assert (variant.price_minor, variant.currency, variant.name_zh) == (3950, "USD", "搪瓷水壶")
    said = words(client.get(done["Location"]))
    assert "Enamel kettle" in said and "$39.50" in said and "On sale" in said
    assert "Enamel kettle" in words(client.get("/office/products?q=tang ci"))


def test_a_refused_variant_leaves_no_product_behind(office: Office) -> None:
    office.shop.goods("KET-1")
    client = office.client("marketing")
    taken = client.post("/office/products/new", NEW)
    assert taken.status_code == 409
    assert field_error(taken, "sku") == "Another product already has this code."
    for price in ("", "a lot", "-1", "1,5", "3.999"):
        refused = client.post("/office/products/new", NEW | {"sku": "KET-2", "price": price})
        assert refused.status_code == 422 and field_error(refused, "price"), price
    assert not Product.objects.filter(name="Enamel kettle").exists()


def test_a_price_changes_for_new_orders_only(office: Office) -> None:
    order = office.order()
    variant = office.shop.variants["TEA"]
    address = f"/office/products/{variant.product_id}/variants/{variant.id}"
    values = {"sku": "TEA", "name": variant.name, "price": "25", "on_sale": "1"}
    assert office.client("agent").post(address, values).status_code == 403
    assert office.client("marketing").post(address, values).status_code == 303
    assert Variant.objects.get(id=variant.id).price_minor == 2500
    assert order.lines.get().unit_minor == 2000


def test_a_product_is_taken_off_sale_and_renamed(office: Office) -> None:
    variant = office.shop.goods("TEA")
    client = office.client("marketing")
    assert (
        client.post(f"/office/products/{variant.product_id}/edit", {"name": "Green tea"}).status_code == 303
    )
    product = Product.objects.get(id=variant.product_id)
    assert (product.name, product.on_sale) == ("Green tea", False)
    refused = client.post(f"/office/products/{variant.product_id}/edit", {"name": ""})
    assert refused.status_code == 422 and field_error(refused, "name")


def test_a_variant_is_reached_only_by_its_own_product(office: Office) -> None:
    tea, cup = office.shop.goods("TEA"), office.shop.goods("CUP")
    address = f"/office/products/{tea.product_id}/variants/{cup.id}"
    assert office.client().get(address).status_code == 404
    assert office.client().post(address, {"sku": "X", "price": "1"}).status_code == 404


def test_goods_are_booked_in_where_none_lay_and_corrected_with_a_reason(office: Office) -> None:
    variant = office.shop.goods("TEA")
    client = office.client("warehouse")
    address = f"/office/stock/{variant.id}/{office.shop.warehouses['west'].id}"
    assert client.get(address).status_code == 200
    assert client.post(address, {"act": "receive", "change": "12"}).status_code == 303
    bare = client.post(address, {"act": "adjust", "change": "-2", "reason": ""})
    assert bare.status_code == 422 and field_error(bare, "reason")
    assert client.post(address, {"act": "adjust", "change": "-2", "reason": "broken"}).status_code == 303
    assert office.shop.stock("TEA")["west"] == (10, 0)
    said = words(client.get("/office/stock/movements"))
    assert "Warehouse Example" in said and "broken" in said and "−2" in said
    file = client.get("/office/stock/movements?export=csv&kind=adjust")
    text = b"".join(file).decode("utf-8-sig")
    assert text.count("\n") == 2 and "broken" in text and ",-2," in text


def test_counts_that_cannot_be_are_refused_at_their_field(office: Office) -> None:
    office.order(3)
    variant = office.shop.variants["TEA"]
    client = office.client("warehouse")
    address = f"/office/stock/{variant.id}/{office.shop.warehouses['west'].id}"
    for units in ("", "many", "1.5", "0", "9" * 19):
        refused = client.post(address, {"act": "adjust", "change": units, "reason": "count"})
        assert refused.status_code == 422 and field_error(refused, "change"), units
    below = client.post(address, {"act": "adjust", "change": "-48", "reason": "count"})
    assert "3 of these are promised to orders" in words(below)
    assert office.shop.stock("TEA")["west"] == (50, 3)


def test_a_clerk_counts_only_in_their_own_warehouse(office: Office) -> None:
    variant = office.shop.goods("TEA", west=1, east=1)
    client = office.narrowed(
        "warehouse", inventory__adjust={"scope": "west"}, inventory__receive={"scope": "west"}
    )
    values = {"act": "adjust", "change": "1", "reason": "found one"}
    moved = Movement.objects.count()
    east = client.post(f"/office/stock/{variant.id}/{office.shop.warehouses['east'].id}", values)
    assert "permission" in words(east) and Movement.objects.count() == moved
    assert (
        client.post(f"/office/stock/{variant.id}/{office.shop.warehouses['west'].id}", values).status_code
        == 303
    )


def test_stock_addresses_that_lead_nowhere(office: Office) -> None:
    variant = office.shop.goods("TEA")
    west = office.shop.warehouses["west"].id
    assert office.client().get(f"/office/stock/{new_id()}/{west}").status_code == 404
    assert office.client().get(f"/office/stock/{variant.id}/{new_id()}").status_code == 404
    assert office.client("agent").get(f"/office/stock/{variant.id}/{west}").status_code == 403


def test_a_broken_place_in_a_list_starts_it_from_its_head(office: Office) -> None:
    office.shop.goods("TEA", west=1)
    for path in ("products", "stock", "stock/movements", "customers", "calls"):
        for after in ("x", "bm9uZQ", "WyJ4IiwieSJd", "WyIyMDI2LTAxLTAxIiwieSJd"):
            assert office.client().get(f"/office/{path}?after={after}").status_code == 200, (path, after)


def test_all_that_is_wrong_of_a_product_and_its_first_variant_is_said_at_once(office: Office) -> None:
    refused = office.client().post(
        "/office/products/new", {"name": "", "sku": "", "barcode": "9" * 80, "price": "cheap"}
    )
    assert refused.status_code == 422
    assert all(field_error(refused, name) for name in ("name", "sku", "barcode", "price"))
    named = office.client().post("/office/products/new", {"name": "Tea", "sku": "", "price": "3.00"})
    assert field_error(named, "sku") and not field_error(named, "name")
    variant = office.client().post(
        f"/office/products/{office.shop.goods('TEA').product_id}/variants/new", {"sku": "", "price": "cheap"}
    )
    assert variant.status_code == 422 and all(field_error(variant, name) for name in ("sku", "price"))
    assert not Product.objects.filter(name="").exists()
