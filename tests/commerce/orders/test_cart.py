"""The shop's cart promises nothing: it says what moved, and what is placed is what the visitor saw."""

from __future__ import annotations

import pytest

from callcart.commerce.catalog.public import update_product, update_variant
from callcart.commerce.orders.models import Cart
from callcart.commerce.orders.public import (
    Order,
    PriceChanged,
    accept_prices,
    add_to_cart,
    cart_units,
    new_cart_token,
    order_detail,
    place_cart,
    repeat_draft,
    set_cart_quantity,
    track_order,
    view_cart,
)
from callcart.core.errors import Invalid, NotFound
from callcart.core.ids import new_id
from callcart.people.customers.public import create_customer, customer_actor, guest_actor
from tests.commerce.shop import Shop


@pytest.fixture
def token(shop: Shop) -> str:
    shop.goods("A", price=1000, west=3)
    shop.goods("B", price=500, west=1)
    token = new_cart_token()
    add_to_cart(token, shop.variants["A"].id, quantity=2)
    add_to_cart(token, shop.variants["B"].id)
    return token


def test_what_is_added_is_counted_and_priced(shop: Shop, token: str) -> None:
    cart = add_to_cart(token, shop.variants["A"].id)
    assert (cart.units, cart.goods.minor, cart_units(token)) == (4, 3500, 4)
    assert cart.can_order
    assert set_cart_quantity(token, shop.variants["A"].id, quantity=0).units == 1
    assert Cart.objects.get().token_hash != token


def test_a_moved_price_is_shown_and_stops_the_order_until_it_is_accepted(shop: Shop, token: str) -> None:
    update_variant(shop.boss, shop.variants["A"].id, price_minor=1100)
    cart = view_cart(token)
    assert [line.changed for line in cart.lines] == [True, False]
    guest, draft = guest_actor(shop.tenant_id), shop.draft(channel="web")
    with pytest.raises(PriceChanged) as refused:
        place_cart(guest, token, draft, idempotency_key="k")
    assert set(refused.value.fields) == {"lines.0.price"}
    assert cart_units(token) == 3
    accept_prices(token)
    order = place_cart(guest, token, draft, idempotency_key="k")
    assert order.goods_minor == 2700
    assert cart_units(token) == 0


def test_sold_out_and_withdrawn_are_said_before_the_order(shop: Shop, token: str) -> None:
    shop.place(("B", 1))
    update_product(shop.boss, shop.variants["A"].product_id, on_sale=False)
    first, second = view_cart(token).lines
    assert (first.variant.on_sale, second.in_stock, second.left) == (False, False, 0)
    assert not view_cart(token).can_order
    with pytest.raises(Invalid):
        add_to_cart(token, shop.variants["A"].id)


def test_a_placed_cart_starts_anew_under_the_same_cookie(shop: Shop, token: str) -> None:
    guest, draft = guest_actor(shop.tenant_id), shop.draft(channel="web")
    order = place_cart(guest, token, draft, idempotency_key="k")
    assert place_cart(guest, token, draft, idempotency_key="other").id == order.id
    add_to_cart(token, shop.variants["A"].id)
    assert cart_units(token) == 1
    assert Order.objects.count() == 1


@pytest.mark.parametrize("quantity", [-1, 10_000, 10**30])
def test_wrong_quantities_are_refused(shop: Shop, token: str, quantity: int) -> None:
    for change in (add_to_cart, set_cart_quantity):
        with pytest.raises(Invalid) as refused:
            change(token, shop.variants["A"].id, quantity=quantity)
        assert set(refused.value.fields) == {"quantity"}
    assert cart_units(token) == 3


def test_unknown_goods_and_unknown_carts(shop: Shop, token: str) -> None:
    with pytest.raises(Invalid):
        add_to_cart(token, new_id())
    with pytest.raises(Invalid):
        add_to_cart("", shop.variants["A"].id)
    assert view_cart("nobody's").lines == ()
    with pytest.raises(Invalid) as refused:
        place_cart(guest_actor(shop.tenant_id), "nobody's", shop.draft(channel="web"), idempotency_key="k")
    assert "lines" in refused.value.fields


def test_the_last_order_again_at_todays_price_without_what_is_gone(shop: Shop) -> None:
    shop.goods("A", price=1000, west=9)
    shop.goods("B", price=500, west=9)
    ann = create_customer(shop.boss, name="Ann Example")
    order = shop.place(("A", 2), ("B", 1), customer_id=ann.id)
    update_variant(shop.boss, shop.variants["A"].id, price_minor=1200)
    update_product(shop.boss, shop.variants["B"].product_id, on_sale=False)
    again = repeat_draft(shop.boss, order.id)
    assert again.missing == ("Thing B",)
    assert [(line.quantity, line.seen_minor) for line in again.draft.lines] == [(2, 1200)]
    assert (again.draft.customer_id, again.draft.payment_method) == (ann.id, "cod")
    placed = shop.place(actor=shop.boss, lines=again.draft.lines, address=again.draft.address)
    assert placed.total_minor == 2900
    with pytest.raises(NotFound):
        repeat_draft(customer_actor(create_customer(shop.boss, name="Ben Example")), order.id)


def test_a_guest_follows_an_order_by_number_and_phone_only(shop: Shop) -> None:
    shop.goods("A", west=9)
    order = shop.place(("A", 1))
    guest = guest_actor(shop.tenant_id)
    spoken = f"{order.number[:2]}-{order.number[2:]}"
    assert track_order(guest, spoken, "212 555 0142").order.id == order.id
    for number, phone in (
        (order.number, "212 555 0143"),
        (order.number[:-1], "212 555 0142"),
        ("", ""),
        ("1" * 10_000, "x" * 10_000),
        ("\x00", "\ud800"),
    ):
        with pytest.raises(NotFound):
            track_order(guest, number, phone)
    with pytest.raises(NotFound):
        order_detail(guest, order.id)
