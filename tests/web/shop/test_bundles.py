"""A set in the shop: what is in it, how many are left, one row in the cart and in the order."""

from __future__ import annotations

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import ComponentDraft, Variant
from tests.web.shop.visitor import Shop


def pair(shop: Shop) -> tuple[str, str, str]:
    """A set of one of the first and four of the second SKU; its own SKU."""
    pot, cup = shop.goods(price=3000, stock=20, name="Pot"), shop.goods(price=800, stock=11, name="Cup")
    its = shop.goods(price=4999, stock=0, name="Tea set")
    with shop.acting():
        known = {row.sku: row.id for row in Variant.objects.filter(sku__in=[pot, cup, its])}
        catalog.compose(shop.boss, known[its], [ComponentDraft(known[pot]), ComponentDraft(known[cup], 4)])
    return its, pot, cup


def test_its_page_says_what_is_in_it_and_how_many_are_left(harbor: Shop) -> None:
    its, _pot, cup = pair(harbor)
    said = harbor.visitor().get(f"/p/{its.lower()}").words
    assert "What is in it Pot × 1 Cup × 4" in said
    assert "2 left in" in said
    buyer = harbor.visitor()
    buyer.add(cup, 8)
    buyer.place()
    out = harbor.visitor().get(f"/p/{its.lower()}").words
    assert "Sold out" in out and "Something in this set is out just now." in out
    assert "Sign in to be told" not in out


def test_one_row_in_the_cart_and_in_the_order(harbor: Shop) -> None:
    its, pot, cup = pair(harbor)
    visitor = harbor.visitor()
    visitor.add(its, 2)
    cart = visitor.get("/cart").words
    assert "Tea set" in cart and "$99.98" in cart and "Cup" not in cart
    visitor.place()
    (order,) = harbor.orders_of(cup)
    said = visitor.get(f"/order/{order.number}").words
    assert "$49.99 × 2 2 × Pot 8 × Cup $99.98" in said
    assert harbor.left(pot) == 18 and harbor.left(cup) == 3


def test_too_many_are_refused_at_the_row_of_the_set(harbor: Shop) -> None:
    its, _pot, _cup = pair(harbor)
    visitor = harbor.visitor()
    visitor.add(its, 3)
    assert "Only 2 are left. Choose fewer to go on." in visitor.get("/cart").words
