"""Sets in the office: composed in a form, seen on product and order, changed and split as one thing."""

from __future__ import annotations

from callcart.commerce.catalog.models import Component
from callcart.commerce.orders.models import Order
from tests.commerce.sets import tea_set
from tests.web.office.office import Office, words


def composed(office: Office) -> list[tuple[str, int]]:
    rows = Component.objects.filter(bundle__sku="SET").select_related("variant").order_by("position")
    return [(row.variant.sku, row.units) for row in rows]


def test_a_set_is_searched_together_changed_and_saved(office: Office) -> None:
    its = tea_set(office.shop)
    lid = office.shop.goods("LID")
    client, page = office.client("marketing"), f"/office/products/{its.product_id}/variants/{its.id}/set"
    said = words(client.get(page))
    assert "Thing POT" in said and "Thing CUP" in said and "As a set $49.99" in said
    assert "One by one $62.00" in said
    pot, cup = (str(office.shop.variants[sku].id) for sku in ("POT", "CUP"))
    values = {"version": str(its.version), "component": [pot, cup], "units": ["1", "5"]}
    found = words(client.post(page, values | {"act": "search", "q": "thing"}))
    assert "Thing LID" in found and "SET · $" not in found
    assert "Thing LID" in words(client.post(page, values | {"act": f"add-{lid.id}"}))
    assert composed(office) == [("POT", 1), ("CUP", 4)]
    without = values | {"act": f"remove-{pot}"}
    assert "Thing POT" not in words(client.post(page, without))
    assert client.post(page, values | {"act": "save"}).status_code == 303
    assert composed(office) == [("POT", 1), ("CUP", 5)]
    stale = client.post(page, values | {"act": "save"})
    assert stale.status_code == 409
    wrong = client.post(page, values | {"version": str(its.version + 1), "units": ["0", "x"], "act": "save"})
    assert wrong.status_code == 422 and words(wrong).count("Give a quantity from 1 to 999.") == 2
    assert composed(office) == [("POT", 1), ("CUP", 5)]


def test_only_those_who_edit_products_compose(office: Office) -> None:
    its = tea_set(office.shop)
    page = f"/office/products/{its.product_id}/variants/{its.id}/set"
    assert office.client("warehouse").post(page, {"act": "save"}).status_code == 403
    assert composed(office) == [("POT", 1), ("CUP", 4)]
    other = office.shop.goods("LID")
    astray = f"/office/products/{other.product_id}/variants/{its.id}/set"
    assert office.client("owner").get(astray).status_code == 404


def test_the_products_page_says_what_is_in_it_and_how_many_there_are(office: Office) -> None:
    its = tea_set(office.shop, pots=(2, 1), cups=(5, 8))
    said = words(office.client("owner").get(f"/office/products/{its.product_id}"))
    assert "What is in it" in said and "4 × Thing CUP" in said
    assert "1 more when several warehouses send their part." in said


def test_an_order_shows_the_set_with_its_parts_and_changes_it_as_one(office: Office) -> None:
    tea_set(office.shop)
    order = office.shop.place(("SET", 2))
    (its,) = order.sold_sets.all()
    client = office.client("owner")
    said = words(client.get(f"/office/orders/{order.id}"))
    assert "Thing SET" in said and "$99.98" in said and "East × 8" in said
    form = {"act": "preview", "version": str(order.version), f"quantity-{its.id}": "3", "reason": "more"}
    assert "2 → 3" in words(client.post(f"/office/orders/{order.id}/edit", form))
    assert client.post(f"/office/orders/{order.id}/edit", form | {"act": "confirm"}).status_code == 303
    assert list(order.lines.values_list("sku", "quantity")) == [("POT", 3), ("CUP", 12)]
    assert f"units-{its.id}" in client.get(f"/office/orders/{order.id}/split").content.decode()
    assert f"percent-{its.id}" in client.get(f"/office/orders/{order.id}/price").content.decode()
    assert Order.objects.get(id=order.id).goods_minor == 3 * 4999
