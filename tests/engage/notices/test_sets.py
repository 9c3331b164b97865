"""A set in a message is one thing, with what is in it."""

from __future__ import annotations

from callcart.engage.notices.facts import items
from tests.commerce.sets import tea_set
from tests.commerce.shop import Shop


def test_a_set_is_one_item_with_what_is_in_it(shop: Shop) -> None:
    tea_set(shop)
    shop.goods("A", east=5)
    order = shop.place(("SET", 2), ("A", 1))
    assert items(order, "en") == "2 × Thing SET (2 × Thing POT, 8 × Thing CUP)\n1 × Thing A"
    assert items(order, "zh-hans") == "2 × 东西 SET（2 × 东西 POT、8 × 东西 CUP）\n1 × 东西 A"
