"""From cart to order: as a guest and signed in, every way to pay, and everything that can go wrong on the way."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import connections

from callcart.commerce.payments.fake import FakeGateway
from callcart.commerce.payments.models import Instalment, Payment
from callcart.people.customers.models import Address, Phone
from callcart.people.customers.public import block_customer, create_customer, required_fields
from tests.web.shop.test_cart import reprice, sell_out
from tests.web.shop.visitor import ADDRESSES, Shop, grouped

LONG = "x" * 10_000


def test_a_guest_orders_with_cash_on_delivery(harbor: Shop) -> None:
    sku, visitor = harbor.goods(stock=5, price=1250), harbor.visitor()
    visitor.add(sku, 2)
    page = visitor.place(note="Ring twice 🔔")
    (order,) = harbor.orders_of(sku)
    assert page.to == f"/order/{order.number}?new=1"
    assert (order.channel, order.state, order.customer_id) == ("web", "placed", None)
    assert (order.goods_minor, order.delivery_minor, order.total_minor) == (2500, 695, 3195)
    assert (order.ship_phone, order.ship_province, order.note) == ("+12025550199", "ME", "Ring twice 🔔")
    assert harbor.left(sku) == 3
    assert "Your cart is empty" in visitor.get("/cart").words
    assert "Your order is placed and will be confirmed soon." in visitor.get(page.to).words


def test_the_same_in_chinese_at_the_other_shop(qinghe: Shop) -> None:
    sku, visitor = qinghe.goods(price=1250), qinghe.visitor(language="zh-hans")
    order = visitor.order(sku)
    assert (order.language, order.ship_province, order.total_minor) == ("zh-hans", "浙江省", 1250 + 800)
    words = visitor.get(f"/order/{order.number}").words
    assert "浙江省杭州市西湖区文三路 90 号" in words
    assert f"东西 {sku}" in words


def test_an_empty_cart_cannot_check_out(harbor: Shop) -> None:
    visitor = harbor.visitor()
    assert visitor.get("/checkout").to == "/cart"
    assert visitor.post("/checkout").to == "/cart"
    assert visitor.post("/checkout/place", payment_method="cod").to == "/cart"


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name", "", "Please fill this in."),
        ("name", LONG, "At most 100 characters."),
        ("street", "", "Please fill this in."),
        ("street", LONG, "At most 300 characters."),
        ("city", "", "Please fill this in."),
        ("province", "", "Please fill this in."),
        ("postcode", "", "Please fill this in."),
        ("postcode", "ABC", "This is not a postcode of that country."),
        ("phone", "", "Give a telephone number for the delivery."),
        ("phone", "12", "This is not a telephone number."),
        ("phone", "<script>alert(1)</script>", "This is not a telephone number."),
        ("city", "a\x01b", "This text holds characters that cannot be kept."),
    ],
    ids=lambda text: repr(text[:14]),
)
def test_a_mistake_in_the_address_is_said_at_its_field(
    harbor: Shop, field: str, text: str, said: str
) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku)
    page = visitor.checkout(**{field: text})
    assert page.status == 422
    assert page.error(field) == said
    assert "12 Harbor Road" in page.text or field == "street", "what else was typed stays"
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("slug", ["harbor", "qinghe"])
def test_the_form_asks_for_what_an_address_needs_and_marks_the_rest(
    slug: str, harbor: Shop, qinghe: Shop
) -> None:
    shop, country = (harbor, "US") if slug == "harbor" else (qinghe, "CN")
    visitor = shop.visitor()
    visitor.add(shop.goods())
    fields = re.findall(
        r'<label for="f-(\w+)">(.*?)</label>\s*<(?:input|select)([^>]*)', visitor.get("/checkout").text
    )
    asked = {name: " required" in rest for name, _label, rest in fields}
    marked = {name: "(optional)" in label or "（选填）" in label for name, label, _rest in fields}
    place = {"province", "city", "district", "street", "postcode"} & set(asked)
    assert {name for name in place if asked[name]} == required_fields(country) & place
    assert place >= {"province", "city", "street", "postcode"}
    assert all(asked[name] is not marked[name] for name in asked if name != "q"), (asked, marked)


def test_a_chinese_address_needs_no_district_and_no_postcode(qinghe: Shop) -> None:
    visitor = qinghe.visitor()
    visitor.add(qinghe.goods())
    assert visitor.checkout(district="", postcode="").status == 200


@pytest.mark.parametrize("name", ["😀 Ada", "أدا مثال", "<b>Ada</b> & Söhne", "艾达"])
def test_any_writing_is_a_name_and_is_shown_as_it_is(harbor: Shop, name: str) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku)
    page = visitor.place(visitor.checkout(name=name))
    (order,) = harbor.orders_of(sku)
    assert order.ship_name == name
    shown = visitor.get(page.to)
    assert name in shown.words if "<" not in name else "<b>Ada" not in shown.text


def test_a_place_nobody_delivers_to_is_said(harbor: Shop) -> None:
    from callcart.commerce.shipping.models import DeliveryMethod

    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku)
    with harbor.acting():
        was = {row.id: row.zones for row in DeliveryMethod.objects.all()}
        DeliveryMethod.objects.update(zones=["ME"])
    try:
        page = visitor.checkout(province="OR", postcode="97201")
    finally:
        with harbor.acting():
            for key, zones in was.items():
                DeliveryMethod.objects.filter(id=key).update(zones=zones)
    assert page.status == 422
    assert page.error("province") == "We do not deliver to this address yet."


def test_delivery_and_payment_are_asked_for_and_checked(harbor: Shop) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku)
    nothing = visitor.place(delivery_method="", payment_method="")
    assert nothing.status == 422
    assert nothing.error("delivery") == "Choose a delivery method."
    assert nothing.error("payment") == "Choose how to pay."
    courier = visitor.place(delivery_method="courier", payment_method="cod")
    assert courier.error("payment") == "This delivery method takes no cash."
    forged = visitor.place(delivery_method="teleport", payment_method="gift")
    assert forged.error("delivery") == "This delivery method does not serve the address."
    note = visitor.place(note=LONG)
    assert note.error("note") == "At most 2000 characters, this is 10000."
    assert harbor.orders_of(sku) == []


@pytest.mark.parametrize("count", ["0", "1", "13", "1000000000", "-3", "many", ""])
def test_a_number_of_instalments_nobody_offers(harbor: Shop, provider: FakeGateway, count: str) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku)
    page = visitor.place(payment_method="instalments", instalments=count)
    if count in ("0", "", "many", "-3"):  # none chosen: the usual three
        assert page.status == 303
        assert harbor.orders_of(sku)[0].instalment_count == 3
    else:
        assert page.status == 422
        assert page.error("payment") == "Give 2 to 12 instalments."
        assert harbor.orders_of(sku) == []


def test_instalments_are_planned_and_add_up(harbor: Shop, provider: FakeGateway) -> None:
    sku, visitor = harbor.goods(price=10_000), harbor.visitor()
    visitor.add(sku)
    page = visitor.checkout()
    assert "3 × $33.33" in page.words
    done = visitor.place(page, payment_method="instalments", instalments="3")
    (order,) = harbor.orders_of(sku)
    assert done.to.startswith("https://pay.example/")
    with harbor.acting():
        parts = list(
            Instalment.objects.filter(payment__order_id=order.id).values_list("amount_minor", flat=True)
        )
    assert parts == [3334, 3333, 3333]
    assert visitor.get(f"/order/{order.number}").words.count("$33.33") == 2


def test_a_double_click_is_one_order(harbor: Shop) -> None:
    sku, visitor = harbor.goods(stock=5), harbor.visitor()
    visitor.add(sku)
    page = visitor.checkout()
    first, second = visitor.place(page), visitor.place(page)
    assert first.to == second.to
    assert len(harbor.orders_of(sku)) == 1
    assert harbor.left(sku) == 4


def test_two_presses_at_the_same_moment_are_one_order(harbor: Shop) -> None:
    sku, visitor = harbor.goods(stock=5), harbor.visitor()
    visitor.add(sku)
    answers = {
        **visitor.checkout().hidden("/checkout/place"),
        "delivery_method": "ground",
        "payment_method": "cod",
    }
    gate, went = threading.Barrier(4), []

    def press() -> None:
        twin = harbor.visitor()
        twin.client.cookies["cart"] = visitor.client.cookies["cart"].value
        gate.wait(30)
        went.append(twin.post("/checkout/place", **answers).to)
        connections.close_all()

    threads = [threading.Thread(target=press) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (order,) = harbor.orders_of(sku)
    assert went == [f"/order/{order.number}?new=1"] * 4
    assert harbor.left(sku) == 4


def test_a_price_that_moves_before_the_button_is_pressed_stops_the_order(harbor: Shop) -> None:
    sku, visitor = harbor.goods(price=1000), harbor.visitor()
    visitor.add(sku)
    page = visitor.checkout()
    reprice(harbor, sku, 1100)
    refused = visitor.place(page)
    assert refused.status == 409
    assert "The price was $10.00 when you put it in; now it is $11.00." in refused.words
    assert harbor.orders_of(sku) == []
    assert visitor.place(refused).status == 303, "the page that showed the new price was sent"
    assert harbor.orders_of(sku)[0].goods_minor == 1100


def test_a_cart_that_another_tab_changed_is_shown_again(harbor: Shop) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku)
    page = visitor.checkout()
    visitor.post("/cart/change", sku=sku, quantity="7")
    refused = visitor.place(page)
    assert refused.status == 409
    assert "Your cart is not what this page showed." in refused.words
    assert harbor.orders_of(sku) == []


def test_what_sells_out_before_the_button_is_pressed_is_said_at_its_line(harbor: Shop) -> None:
    sku, visitor = harbor.goods(stock=2), harbor.visitor()
    visitor.add(sku, 2)
    page = visitor.checkout()
    sell_out(harbor, sku, left=1)
    refused = visitor.place(page)
    assert refused.status == 409
    assert "somebody else bought what you wanted" in refused.words
    assert "Only 1 is left." in refused.words
    assert harbor.orders_of(sku) == []
    assert harbor.left(sku) == 1


@pytest.mark.parametrize("field", ["shown", "address"])
def test_tampered_hidden_fields_buy_nothing(harbor: Shop, field: str) -> None:
    sku, visitor = harbor.goods(stock=5), harbor.visitor()
    visitor.add(sku)
    page = visitor.place(**{field: "<x>" * 50})
    assert page.status in (409, 422)
    assert harbor.orders_of(sku) == []
    assert "<x>" not in page.text


def test_an_odd_key_still_orders_once(harbor: Shop) -> None:
    sku, visitor = harbor.goods(stock=5), harbor.visitor()
    visitor.add(sku)
    page = visitor.checkout()
    assert visitor.place(page, key="<x>").to == visitor.place(page, key="\x00" * 500).to
    assert len(harbor.orders_of(sku)) == 1


def test_another_customers_kept_address_is_not_ones_own(harbor: Shop) -> None:
    with harbor.acting():
        theirs = Address.objects.create(
            customer=create_customer(harbor.boss, name="Somebody Else"), name="Somebody Else", country="US", province="ME", city="Bangor",
            street="9 Hidden Lane",
        )  # fmt: skip
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.sign_in("202 555 7001")
    visitor.add(sku)
    for page in (visitor.checkout(address=str(theirs.id)), visitor.place(address=str(theirs.id))):
        assert page.status == 422
        assert "Hidden Lane" not in page.text
    assert harbor.orders_of(sku) == []


def test_signed_in_the_address_is_kept_and_offered(harbor: Shop) -> None:
    phone = "+12025557002"
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.sign_in(phone)
    visitor.add(sku)
    visitor.place(visitor.checkout(save="1"))
    (order,) = harbor.orders_of(sku)
    with harbor.acting():
        customer = Phone.objects.get(e164=phone).customer
        (kept,) = Address.objects.filter(customer=customer)
    assert order.customer_id == customer.id
    assert (kept.street, kept.phone) == ("12 Harbor Road", "+12025550199")
    again = harbor.goods()
    visitor.add(again)
    page = visitor.get("/checkout")
    assert f'value="{kept.id}" checked' in page.text
    second = visitor.post("/checkout", address=str(kept.id))
    visitor.place(second)
    assert harbor.orders_of(again)[0].ship_street == "12 Harbor Road"
    assert grouped(order.number) in visitor.get("/account").words


def test_a_blocked_customer_is_told_and_nothing_is_held(harbor: Shop) -> None:
    phone = "+12025557003"
    sku, visitor = harbor.goods(stock=5), harbor.visitor()
    visitor.sign_in(phone)
    with harbor.acting():
        block_customer(harbor.boss, Phone.objects.get(e164=phone).customer_id, reason="never pays")
    visitor.add(sku)
    page = visitor.place()
    assert page.status == 422
    assert "cannot order" in page.words
    assert "never pays" not in page.text
    assert harbor.left(sku) == 5


def test_what_was_typed_travels_to_the_second_page_and_back(harbor: Shop) -> None:
    sku, visitor = harbor.goods(), harbor.visitor()
    visitor.add(sku)
    page = visitor.checkout(name='Ada "the" <Example>')
    fields = page.hidden("/checkout/place")
    assert fields["name"] == 'Ada "the" <Example>'
    back = visitor.post("/checkout", **fields, note="ring", back="1")
    assert back.status == 200
    assert 'value="Ada &#34;the&#34; &lt;Example&gt;"' in back.text
    assert 'name="note" value="ring"' in back.text
    assert re.search(r'<option value="ME" selected', back.text)


def test_the_money_is_owed_once_for_an_order(harbor: Shop, provider: FakeGateway) -> None:
    sku, visitor = harbor.goods(price=2000), harbor.visitor()
    visitor.add(sku)
    page = visitor.checkout(**ADDRESSES["harbor"])
    visitor.place(page, payment_method="prepaid")
    visitor.place(page, payment_method="prepaid")
    (order,) = harbor.orders_of(sku)
    with harbor.acting():
        (payment,) = Payment.objects.filter(order_id=order.id)
        assert payment.attempts.count() == 1, "an open page of the provider is used again"
    assert payment.amount_minor == order.total_minor == 2695
