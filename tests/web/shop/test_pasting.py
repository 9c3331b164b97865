"""A pasted address comes back in fields; a campaign named in an address goes with the visitor to the order."""

from __future__ import annotations

import json

import pytest

from tests.web.shop.visitor import Shop


def test_a_pasted_address_comes_back_in_fields_with_the_state_as_the_form_has_it(harbor: Shop) -> None:
    visitor = harbor.visitor()
    answer = visitor.client.post(
        "/checkout/address", {"text": "Ada Example, 1 Pine Street, Portland, OR 97201, (212) 555-0142"}
    )
    found = json.loads(answer.content)
    assert (found["name"], found["province"], found["city"], found["postcode"]) == (
        "Ada Example", "OR", "Portland", "97201",
    )  # fmt: skip
    assert answer["Cache-Control"] == "private, no-store"
    assert visitor.client.get("/checkout/address").status_code == 405
    assert (
        json.loads(visitor.client.post("/checkout/address", {"text": "x" * 5000}).content)["name"]
        == "x" * 1000
    )


def test_the_campaign_of_an_address_is_the_orders(harbor: Shop) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.get("/?campaign=spring-26")
    assert visitor.order(sku).campaign == "spring-26"


def test_a_campaign_in_chinese_is_kept_too(qinghe: Shop) -> None:
    sku, visitor = qinghe.goods(), qinghe.visitor(language="zh-hans")
    visitor.get("/?campaign=春季上新")
    assert visitor.order(sku).campaign == "春季上新"


@pytest.mark.parametrize("given", ["<b>", "x" * 101, "a;b", ""])
def test_what_is_no_name_is_no_campaign(harbor: Shop, given: str) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    assert visitor.client.get("/", {"campaign": given}).status_code == 200
    assert visitor.order(sku).campaign == ""
