"""Paying: to the provider and back, the pay link, and pages that believe the ledger and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from callcart.commerce.orders.models import Order
from callcart.commerce.payments.fake import FakeGateway
from callcart.commerce.payments.models import Attempt, Payment
from callcart.commerce.payments.public import pay_token
from callcart.core.clock import now
from tests.web.shop.visitor import Shop, Visitor, grouped


@pytest.fixture
def unpaid(harbor: Shop, provider: FakeGateway) -> tuple[Visitor, Order, str]:
    """A prepaid order whose buyer stands before the provider's page."""
    visitor = harbor.visitor()
    order = visitor.order(harbor.goods(price=4000), payment_method="prepaid")
    with harbor.acting():
        return visitor, order, f"/pay/{pay_token(harbor.boss, order.id)}"


def test_placing_leads_straight_to_the_providers_page(harbor: Shop, provider: FakeGateway) -> None:
    visitor, sku = harbor.visitor(), harbor.goods(price=4000)
    visitor.add(sku)
    page = visitor.place(payment_method="prepaid")
    assert page.status == 303
    assert page.to.startswith("https://pay.example/")
    request = list(provider.sessions.values())[-1]
    assert request.amount.minor == harbor.orders_of(sku)[0].total_minor == 4695
    assert request.return_url.startswith("http://harbor.localhost/pay/")
    assert request.return_url.endswith("/back")
    assert request.notify_url == "http://harbor.localhost/hooks/payments/fake"


def test_back_from_the_provider_it_waits_for_the_signed_word(
    harbor: Shop, unpaid: tuple[Visitor, Order, str]
) -> None:
    visitor, order, path = unpaid
    page = visitor.get(f"{path}/back?status=paid&success=true&state=paid")
    assert "Being confirmed" in page.words, "what the address bar says counts for nothing"
    assert visitor.get(f"{path}/state").response.json() == {"state": "waiting"}
    assert "Paid, thank you" not in page.words
    harbor.report(order, paid=True)
    assert visitor.get(f"{path}/state").response.json() == {"state": "paid"}
    page = visitor.get(f"{path}/back")
    assert "Paid, thank you" in page.words
    assert "$46.95 has arrived." in page.words
    with harbor.acting():
        assert Payment.objects.get(order_id=order.id).state == "paid"


def test_each_page_shows_the_way_to_a_person_once(harbor: Shop, unpaid: tuple[Visitor, Order, str]) -> None:
    visitor, order, path = unpaid
    pages = (
        f"{path}/back",
        path,
        f"/order/{order.number}",
        "/track",
        "/help",
        "/p/cast-iron-skillet",
        "/",
        "/cart",
    )
    assert {page: visitor.get(page).text.count('class="call"') for page in pages} == dict.fromkeys(pages, 1)


def test_a_declined_payment_can_be_tried_again(harbor: Shop, unpaid: tuple[Visitor, Order, str]) -> None:
    visitor, order, path = unpaid
    harbor.report(order, paid=False)
    page = visitor.get(f"{path}/back?status=paid")
    assert "No payment has arrived yet" in page.words, "the next try may be paid already: nothing is claimed"
    assert "Try again: $46.95" in page.words
    again = visitor.post(f"{path}/go")
    assert again.to.startswith("https://pay.example/")
    harbor.report(order, paid=True)
    assert "Paid, thank you" in visitor.get(f"{path}/back").words


def test_a_provider_that_is_down_costs_no_order(harbor: Shop, provider: FakeGateway) -> None:
    provider.down = True
    visitor, sku = harbor.visitor(), harbor.goods()
    visitor.add(sku)
    page = visitor.place(payment_method="prepaid")
    (order,) = harbor.orders_of(sku)
    assert page.to.startswith("/pay/")
    assert "The payment provider cannot be reached just now." in visitor.get(page.to).words
    provider.down = False
    assert visitor.post(f"{page.to}/go").to.startswith("https://pay.example/")
    assert len(harbor.orders_of(sku)) == 1
    assert order.state == "placed"


def test_the_link_of_the_desk_is_good_for_anybody_who_has_it(
    harbor: Shop, unpaid: tuple[Visitor, Order, str]
) -> None:
    _visitor, order, path = unpaid
    stranger = harbor.visitor()
    page = stranger.get(path)
    assert f"Pay for order {grouped(order.number)}" in page.words
    assert "$46.95" in page.words
    for secret in (order.ship_street, order.ship_name, "555-0199"):
        assert secret not in page.text, "a link shows what is owed, not whose it is"
    assert f"/order/{order.number}" not in page.text
    assert stranger.get(f"/order/{order.number}").status == 404


@pytest.mark.parametrize("token", ["x", "AAAA", "A" * 43, "%00", "🙂", "a" * 5000])
def test_a_forged_link_leads_nowhere(harbor: Shop, token: str) -> None:
    visitor = harbor.visitor()
    for page in ("", "/back", "/state"):
        assert visitor.get(f"/pay/{token}{page}").status == 404
    assert visitor.post(f"/pay/{token}/go").status == 404


def test_a_link_of_the_other_shop_leads_nowhere(qinghe: Shop, unpaid: tuple[Visitor, Order, str]) -> None:
    _visitor, _order, path = unpaid
    other = qinghe.visitor()
    assert other.get(path).status == 404
    assert other.post(f"{path}/go").status == 404


def test_a_paid_or_cancelled_or_cash_order_takes_no_money(
    harbor: Shop, unpaid: tuple[Visitor, Order, str]
) -> None:
    visitor, order, path = unpaid
    harbor.report(order, paid=True)
    assert visitor.post(f"{path}/go").to == f"{path}/back"
    assert "Paid, thank you" in visitor.get(path).words
    visitor.post(f"/order/{order.number}/cancel", version=_version(harbor, order), reason="changed my mind")
    assert "This order was cancelled" in visitor.get(path).words
    assert visitor.post(f"{path}/go").to == f"{path}/back"
    cash = visitor.order(harbor.goods())
    with harbor.acting():
        link = f"/pay/{pay_token(harbor.boss, cash.id)}"
    assert "Nothing to pay here" in visitor.get(link).words
    assert visitor.post(f"{link}/go").to == f"{link}/back"


def _version(shop: Shop, order: Order) -> int:
    with shop.acting():
        return Order.objects.get(id=order.id).version


def test_instalments_after_the_first_are_not_asked_for_before_their_day(
    harbor: Shop, provider: FakeGateway
) -> None:
    visitor = harbor.visitor()
    order = visitor.order(harbor.goods(price=10_000), payment_method="instalments", instalments="4")
    with harbor.acting():
        path = f"/pay/{pay_token(harbor.boss, order.id)}"
    assert "$25.00" in visitor.get(path).words
    harbor.report(order, paid=True)
    page = visitor.get(f"{path}/back")
    assert "Paid, thank you" in page.words
    assert "$25.00 has arrived." in page.words
    assert visitor.get(path).words.count("$25.00") >= 4, "the plan stands on the page"


def test_a_foreign_host_name_sends_neither_payer_nor_messages_astray(
    harbor: Shop, provider: FakeGateway, unpaid: tuple[Visitor, Order, str]
) -> None:
    _visitor, _order, path = unpaid
    provider.sessions.clear()
    with harbor.acting():
        Attempt.objects.update(made_at=now() - timedelta(hours=1))  # its page is not used again
    answer = Client(HTTP_HOST="evil.example:9000").post(f"{path}/go")
    assert answer.status_code == 303
    (request,) = provider.sessions.values()
    assert request.return_url.startswith("http://harbor.localhost/pay/")
    assert request.notify_url == "http://harbor.localhost/hooks/payments/fake"
