"""What a customer's price list gives shows before the cart: on shelves, in a search, on the product's page."""

from __future__ import annotations

import pytest

from callcart.commerce.pricing import public as pricing
from callcart.people.customers.models import Customer, Phone
from tests.web.shop.visitor import Shop, Visitor


@pytest.fixture
def gold(harbor: Shop) -> Visitor:
    """Somebody signed in whose tier has a price list."""
    visitor, phone = harbor.visitor(), harbor.phone()
    visitor.sign_in(phone)
    with harbor.acting():
        Customer.objects.filter(phones__e164=phone).update(tier="gold", name="Ada Example")
        if not pricing.PriceList.objects.filter(code="gold-own").exists():
            draft = pricing.ListDraft(
                code="gold-own", name="Gold customers", name_zh="金卡会员", groups=("tier:gold",), percent_bp=500
            )  # fmt: skip
            pricing.create_list(harbor.boss, draft)
    return visitor


def test_a_shelf_strikes_the_list_price_out_and_the_cart_agrees(harbor: Shop, gold: Visitor) -> None:
    sku = harbor.goods(price=2000, name="Lantern of brass")
    guest = harbor.visitor()
    for page in (guest.get("/search", q="Lantern of brass"), guest.get(f"/p/{sku.lower()}")):
        assert "$20.00" in page.words and "<s class" not in page.text.partition("<main")[2]
    shelf = gold.get("/search", q="Lantern of brass")
    assert '<s class="soft">$20.00</s> $19.00' in shelf.text
    product = gold.get(f"/p/{sku.lower()}")
    assert '$19.00 <s class="soft">$20.00</s>' in product.text
    assert "List $20.00 · Gold customers −5 %" in product.words
    gold.add(sku)
    cart = gold.get("/cart").words
    assert "$20.00 $19.00" in cart and "was" not in cart


def test_a_product_of_several_prices_begins_at_the_lowest_of_ones_own(harbor: Shop, gold: Visitor) -> None:
    from callcart.commerce.catalog.models import Variant
    from callcart.commerce.catalog.public import VariantDraft, add_variant

    sku = harbor.goods(price=3000, name="Ladder of ash")
    with harbor.acting():
        product_id = Variant.objects.get(sku=sku).product_id
        add_variant(harbor.boss, product_id, VariantDraft(sku=f"{sku}-L", price_minor=5000))
        listed = pricing.PriceList.objects.get(code="gold-own")
        pricing.set_prices(harbor.boss, listed.id, [pricing.PriceRow(f"{sku}-L", 2500)])
    assert "from $30.00" in harbor.visitor().get("/search", q="Ladder of ash").words
    assert "$50.00 from $25.00" in gold.get("/search", q="Ladder of ash").words


def test_a_form_of_an_address_knows_who_is_signed_in(harbor: Shop, gold: Visitor) -> None:
    with harbor.acting():
        number = Phone.objects.filter(customer__name="Ada Example").latest("created_at").e164
    shown = f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    gold.add(harbor.goods())
    for page in (gold.get("/checkout"), gold.get("/account/address")):
        assert 'value="Ada Example"' in page.text and f'value="{shown}"' in page.text
    guest = harbor.visitor()
    guest.add(harbor.goods())
    assert shown not in guest.get("/checkout").text
    refused = gold.post("/checkout", name="", phone="")
    assert refused.status == 422 and shown not in refused.text.partition("<main")[2]
