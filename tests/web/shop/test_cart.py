"""The cart: quantities good and bad, a price that moved, goods that went."""

from __future__ import annotations

import pytest

from callcart.commerce.catalog.models import Variant
from callcart.commerce.catalog.public import update_variant
from callcart.commerce.inventory.models import Stock
from callcart.commerce.orders.models import CartLine
from callcart.commerce.pricing import public as pricing
from tests.web.shop.visitor import Shop

BAD = ["0", "-1", "1000000000", "99999999999999999999", "1.5", "two", "", "١٠٠٠٠", "<b>1</b>", "9" * 10_000]


def reprice(shop: Shop, sku: str, minor: int) -> None:
    with shop.acting():
        update_variant(shop.boss, Variant.objects.get(sku=sku).id, price_minor=minor)


def sell_out(shop: Shop, sku: str, *, left: int = 0) -> None:
    from callcart.commerce.inventory.public import adjust

    with shop.acting():
        row = Stock.objects.get(variant__sku=sku)
        adjust(
            shop.boss, variant_id=row.variant_id, warehouse_id=row.warehouse_id,
            change=left - row.on_hand, reason="counted",
        )  # fmt: skip


def units(shop: Shop, sku: str) -> list[int]:
    with shop.acting():
        return list(CartLine.objects.filter(variant__sku=sku).values_list("quantity", flat=True))


def test_an_empty_cart_says_so(harbor: Shop) -> None:
    assert "Your cart is empty" in harbor.visitor().get("/cart").words


def test_added_twice_it_is_one_line_and_the_badge_counts_units(harbor: Shop) -> None:
    sku, visitor = harbor.goods(price=1250), harbor.visitor()
    assert visitor.add(sku, 2).to == "/cart"
    visitor.add(sku, 1)
    page = visitor.get("/cart")
    assert units(harbor, sku) == [3]
    assert "Cart, 3 items" in page.text
    assert "$37.50" in page.words
    assert "It is in your cart." in page.words
    assert "It is in your cart." not in visitor.get("/cart").words, "said once"


@pytest.mark.parametrize("quantity", BAD, ids=lambda text: repr(text[:12]))
def test_a_bad_quantity_is_said_at_its_field_and_nothing_is_added(harbor: Shop, quantity: str) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    page = visitor.add(sku, quantity)
    assert page.status == 422
    assert page.error("qty") == "Give a quantity from 1 to 9999."
    assert units(harbor, sku) == []
    assert "<b>1</b>" not in page.text


def test_a_bad_change_keeps_the_old_quantity_and_shows_what_was_typed(harbor: Shop) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku, 2)
    page = visitor.post("/cart/change", sku=sku, quantity="-4")
    assert page.status == 422
    assert page.error("qty-1") == "Give a quantity from 1 to 9999."
    assert 'value="-4"' in page.text
    assert units(harbor, sku) == [2]


def test_a_change_a_zero_and_the_bin(harbor: Shop) -> None:
    first, second, visitor = harbor.goods(), harbor.goods(), harbor.visitor()
    visitor.add(first)
    visitor.add(second)
    assert visitor.post("/cart/change", sku=first, quantity="5").status == 303
    assert units(harbor, first) == [5]
    visitor.post("/cart/change", sku=first, quantity="0")
    visitor.post("/cart/change", sku=second, quantity="1", remove="1")
    assert units(harbor, first) == units(harbor, second) == []


def test_a_code_nobody_sells_is_not_found(harbor: Shop) -> None:
    visitor = harbor.visitor()
    assert visitor.add("NO-SUCH").status == 404
    assert visitor.add("").status == 404
    assert visitor.post("/cart/change", sku="\x00", quantity=1).status == 404


def test_a_price_that_moved_is_said_at_its_line_until_it_is_taken(harbor: Shop) -> None:
    sku, visitor = harbor.goods(price=1000), harbor.visitor()
    visitor.add(sku, 2)
    reprice(harbor, sku, 1200)
    page = visitor.get("/cart")
    assert "The price was $10.00 when you put it in; now it is $12.00." in page.words
    assert "$24.00" in page.words
    visitor.post("/cart/prices")
    assert "The price was" not in visitor.get("/cart").words


def test_the_price_notice_is_in_the_readers_form(qinghe: Shop) -> None:
    sku, visitor = qinghe.goods(price=1000), qinghe.visitor(language="zh-hans")
    visitor.add(sku)
    reprice(qinghe, sku, 1200)
    page = visitor.get("/cart")
    assert "¥10.00" in page.words
    assert "¥12.00" in page.words


def test_what_sold_out_since_is_said_and_stops_the_checkout(harbor: Shop) -> None:
    sku, visitor = harbor.goods(stock=5), harbor.visitor()
    visitor.add(sku, 2)
    sell_out(harbor, sku, left=1)
    assert "Only 1 is left. Choose fewer to go on." in visitor.get("/cart").words
    sell_out(harbor, sku)
    page = visitor.get("/cart")
    assert "Sold out since you put it in." in page.words
    assert 'href="/checkout"' not in page.text
    assert visitor.get("/checkout").to == "/cart"


def test_what_is_no_longer_sold_is_said(harbor: Shop) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku)
    with harbor.acting():
        update_variant(harbor.boss, Variant.objects.get(sku=sku).id, on_sale=False)
    assert "This is no longer sold." in visitor.get("/cart").words
    assert visitor.add(sku).status in (404, 422)


def test_another_visitors_cart_is_another_cart(harbor: Shop) -> None:
    sku, mine, other = harbor.goods(), harbor.visitor(), harbor.visitor()
    mine.add(sku)
    assert sku.lower() not in other.get("/cart").text
    other.client.cookies["cart"] = "x" * 5000
    assert other.get("/cart").status == 200


def offer(shop: Shop, **terms: object) -> None:
    """A promotion by the code SPRING-25 that runs."""
    with shop.acting():
        draft = pricing.PromotionDraft(
            **{"name": "Spring sale", "name_zh": "春季促销", "needs_coupon": True, **terms}
        )  # type: ignore[arg-type]
        made = pricing.create_promotion(shop.boss, draft)
        pricing.add_code(shop.boss, made.id, "SPRING-25", uses_allowed=1)
        pricing.set_promotion_state(shop.boss, made.id, pricing.PromotionState.ACTIVE, version=1)


def test_a_code_shows_what_is_saved_and_why_and_goes_again(harbor: Shop) -> None:
    offer(harbor, kind="percent", percent_bp=1000)
    sku, visitor = harbor.goods(price=2000), harbor.visitor()
    visitor.add(sku, 1)
    assert visitor.post("/cart/coupon", code="spring 25").to == "/cart"
    page = visitor.get("/cart")
    assert "you save $2.00" in page.words
    assert "List $20.00 · Spring sale (SPRING-25) 10 % −$2.00" in page.words
    assert "$18.00" in page.words
    visitor.post("/cart/coupon", code="SPRING-25", remove="1")
    assert "Spring sale" not in visitor.get("/cart").words


@pytest.mark.parametrize(
    "code", ["NOSUCH", "", "<b>x</b>", "\x00", "9" * 500], ids=lambda text: repr(text[:8])
)
def test_a_wrong_code_is_said_at_its_box(harbor: Shop, code: str) -> None:
    sku, visitor = harbor.goods(price=2000), harbor.visitor()
    visitor.add(sku, 1)
    page = visitor.post("/cart/coupon", code=code)
    assert page.status == 422
    assert page.error("code")
    assert units(harbor, sku) == [1]


def test_codes_are_not_found_by_a_loop(harbor: Shop) -> None:
    sku, visitor = harbor.goods(price=2000), harbor.visitor()
    visitor.add(sku, 1)
    said = [visitor.post("/cart/coupon", code=f"TRY-{number}").error("code") for number in range(22)]
    assert said[0] == "There is no such code."
    assert said[-1].startswith("Too many codes were tried.")
