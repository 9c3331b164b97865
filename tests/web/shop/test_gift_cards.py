"""Gift cards and store credit in the shop: the balance, the checkout, the page of a pay link; several ways to pay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from callcart.commerce.payments import public as payments
from callcart.commerce.payments.fake import FakeGateway
from callcart.commerce.payments.gateway import gateway
from callcart.commerce.payments.models import Attempt, Payment, StoredAccount
from callcart.core.ids import new_id
from callcart.core.money import Money
from tests.web.shop.visitor import Shop

pytestmark = pytest.mark.usefixtures("provider")


def _card(shop: Shop, minor: int) -> payments.IssuedCard:
    with shop.acting():
        return payments.issue_card(shop.boss, amount=Money(minor, "USD"), idempotency_key=str(new_id()))


def _balance(shop: Shop, card: payments.IssuedCard) -> int:
    with shop.acting():
        return StoredAccount.objects.get(id=card.account.id).balance_minor


def test_what_is_on_a_card(harbor: Shop) -> None:
    card, guest = _card(harbor, 4200), harbor.visitor()
    assert guest.get("/gift-card").status == 200
    page = guest.post("/gift-card", code=payments.grouped(card.code).lower())
    assert "$42.00" in page.words and card.code not in page.text
    wrong = guest.post("/gift-card", code="0000-0000")
    assert wrong.status == 422
    assert wrong.error("code") == "This is no gift card code. Check it character by character."


def test_guessing_is_stopped(harbor: Shop) -> None:
    from callcart.commerce.payments.codes import new_code

    guest = harbor.visitor()
    found = [guest.post("/gift-card", code=new_code()).status for _ in range(11)]
    assert found == [422] * 10 + [429]


def test_a_card_pays_a_part_at_the_checkout_and_the_page_says_what_is_left(harbor: Shop) -> None:
    card, sku, guest = _card(harbor, 500), harbor.goods(price=1250), harbor.visitor()
    guest.add(sku)
    page = guest.place(payment_method="prepaid", gift_card=card.code)
    assert page.to.startswith("/pay/")
    (order,) = harbor.orders_of(sku)
    with harbor.acting():
        assert Payment.objects.get(order_id=order.id).captured_minor == 500
    shown = guest.get(page.to)
    assert "Paid so far $5.00" in shown.words
    assert guest.post(page.to + "/go").to.startswith("https://pay.example/")
    with harbor.acting():
        assert Attempt.objects.get(payment__order_id=order.id).amount_minor == order.total.minor - 500


def test_a_card_that_pays_it_all_leaves_nothing_to_pay(harbor: Shop) -> None:
    card, sku, guest = _card(harbor, 90_000), harbor.goods(price=1250), harbor.visitor()
    guest.add(sku)
    page = guest.place(payment_method="prepaid", gift_card=card.code)
    (order,) = harbor.orders_of(sku)
    assert "Paid, thank you" in guest.get(page.to).words
    assert _balance(harbor, card) == 90_000 - order.total.minor


def test_a_wrong_card_places_no_order_and_loses_nothing_typed(harbor: Shop) -> None:
    sku, guest = harbor.goods(price=1250), harbor.visitor()
    guest.add(sku)
    page = guest.place(payment_method="prepaid", gift_card="ABCD", note="ring twice")
    assert page.status == 422
    assert page.error("gift_card") == "This is no gift card code. Check it character by character."
    assert "ring twice" in page.text and 'value="ABCD"' in page.text
    assert harbor.orders_of(sku) == []
    assert harbor.left(sku) == 20


def test_two_presses_spend_once(harbor: Shop) -> None:
    card, sku, guest = _card(harbor, 500), harbor.goods(price=1250), harbor.visitor()
    guest.add(sku)
    shown = guest.checkout()
    for _ in range(2):
        guest.place(shown, payment_method="prepaid", gift_card=card.code)
    assert len(harbor.orders_of(sku)) == 1
    assert _balance(harbor, card) == 0


def test_a_card_on_the_page_of_a_pay_link(harbor: Shop) -> None:
    card, sku, guest = _card(harbor, 300), harbor.goods(price=1250), harbor.visitor()
    order = guest.order(sku, payment_method="prepaid")
    with harbor.acting():
        token = payments.pay_token(harbor.boss, order.id)
    page = harbor.visitor().post(f"/pay/{token}/gift-card", code=card.code, key="0")
    assert page.to == f"/pay/{token}"
    assert "Paid so far $3.00" in guest.get(page.to).words
    again = harbor.visitor().post(f"/pay/{token}/gift-card", code=card.code, key="300")
    assert again.status == 409 and again.error("code") == "There is nothing left on it."
    assert harbor.visitor().post("/pay/nonsense/gift-card", code=card.code).status == 404


def test_store_credit_of_whoever_is_signed_in(harbor: Shop) -> None:
    sku, phone, visitor = harbor.goods(price=1250), harbor.phone(), harbor.visitor()
    visitor.sign_in(phone)
    visitor.add(sku)
    first = visitor.place(payment_method="prepaid")
    (order,) = harbor.orders_of(sku)
    assert order.customer_id is not None
    with harbor.acting():
        payments.grant_credit(
            harbor.boss, customer_id=order.customer_id, amount=Money(400, "USD"), reason="sorry", idempotency_key=str(new_id())
        )  # fmt: skip
        token = payments.pay_token(harbor.boss, order.id)
    assert first.status == 303
    assert "Store credit: $4.00" in visitor.get("/account").words
    assert "store credit of $4.00" in visitor.get(f"/pay/{token}").words
    assert "store credit" not in harbor.visitor().get(f"/pay/{token}").words
    assert harbor.visitor().post(f"/pay/{token}/store-credit", key="0").status == 404
    assert visitor.post(f"/pay/{token}/store-credit", key="0").to == f"/pay/{token}"
    with harbor.acting():
        assert Payment.objects.get(order_id=order.id).captured_minor == 400
    other = harbor.goods(price=900)
    visitor.add(other)
    shown = visitor.checkout()
    assert "Use my store credit" not in shown.words  # nothing left of it


class Second(FakeGateway):
    """Another provider."""


@pytest.fixture
def two_ways(harbor: Shop) -> Iterator[None]:
    here = "callcart.commerce.payments.fake.FakeGateway"
    with override_settings(
        CALLCART_GATEWAYS={"fake": here, "second": "tests.web.shop.test_gift_cards.Second"}
    ):
        yield
    gateway.cache_clear()


@pytest.mark.usefixtures("two_ways")
def test_the_customer_chooses_between_ways(harbor: Shop) -> None:
    sku, guest = harbor.goods(price=1250), harbor.visitor()
    guest.add(sku)
    page = guest.place(payment_method="prepaid")
    assert page.to.startswith("/pay/")
    assert "How would you like to pay?" in guest.get(page.to).words
    assert guest.post(page.to + "/go", way="second").to.startswith("https://pay.example/")
    (order,) = harbor.orders_of(sku)
    with harbor.acting():
        assert [each.provider for each in Attempt.objects.filter(payment__order_id=order.id)] == ["second"]
    assert guest.post(page.to + "/go", way="nobody").status == 404
