"""A product with a name in one language: made, changed and read by all, in a shop that writes only that one."""

from __future__ import annotations

import re

from callcart.commerce.catalog.models import Product, Variant
from callcart.people.tenants.public import update_tenant
from tests.web.office.office import Office, field_error, words


def required(text: str) -> list[str]:
    """The names of the fields of a name which the form asks for, in their order on the page."""
    return [
        name
        for name, rest in re.findall(r'<input[^>]* name="(name\w*)"([^>]*)>', text)
        if " required" in rest
    ]


def test_in_chinese_alone(office: Office) -> None:
    update_tenant(office.boss, settings={"languages": ["zh-hans"]})
    client = office.client("marketing")
    form = client.get("/office/products/new").content.decode()
    assert required(form) == ["name_zh"]
    assert form.count(" autofocus=") == 1
    empty = client.post("/office/products/new", {"sku": "TG-1", "price": "9"})
    assert field_error(empty, "name_zh") == "Please fill this in."
    assert field_error(empty, "name") == ""
    made = client.post(
        "/office/products/new", {"name_zh": "铜锅", "sku": "TG-1", "price": "9", "on_sale": "1"}
    )
    variant = Variant.objects.get(sku="TG-1")
    assert made["Location"] == f"/office/products/{variant.product_id}"
    for page in (made["Location"], "/office/products?q=tongguo"):
        assert "铜锅" in words(client.get(page)), page
    address = f"/office/products/{variant.product_id}/variants/{variant.id}"
    assert required(client.get(address).content.decode()) == ["name_zh"]
    values = {"sku": "TG-1", "name_zh": "铜锅（大）", "price": "10", "on_sale": "1"}
    assert client.post(address, values).status_code == 303
    assert Variant.objects.get(sku="TG-1").name_in("en") == "铜锅（大）"
    renamed = client.post(f"{made['Location']}/edit", {"name_zh": "紫铜锅", "on_sale": "1"})
    assert renamed.status_code == 303
    assert Product.objects.get(id=variant.product_id).name_in("en") == "紫铜锅"


def test_in_english_as_before(office: Office) -> None:
    client = office.client("marketing")
    assert required(client.get("/office/products/new").content.decode()) == ["name"]
    refused = client.post("/office/products/new", {"sku": "TG-2", "price": "9"})
    assert field_error(refused, "name") == "Please fill this in."
