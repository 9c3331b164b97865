"""What came in a set goes back as single goods: a component's share of the price, and no more than the set's price in all."""

from __future__ import annotations

from callcart.commerce.payments.public import Refund
from tests.commerce.aftersales.counter import Counter
from tests.commerce.sets import tea_set


def refunded(order_id: object) -> list[int]:
    rows = Refund.objects.filter(payment__order_id=order_id).order_by("id")
    return list(rows.values_list("amount_minor", flat=True))


def test_one_component_is_refunded_at_its_share_and_all_of_them_at_the_sets_price(counter: Counter) -> None:
    shop = counter.shop
    tea_set(shop, pots=(10, 0), cups=(40, 0))
    order = counter.delivered(("SET", 1))
    counter.settle(counter.inspect(counter.received(order, 0, 1)))
    assert refunded(order.id) == [645]  # a cup of four at 25.80
    counter.settle(counter.inspect(counter.received(order, 1, 3)))
    assert sum(refunded(order.id)) == 4999 + order.delivery_minor
    assert shop.stock("CUP")["west"] == (40, 0)
    counter.adds_up()
