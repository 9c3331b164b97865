"""Every count that somebody changed behind the movements' back is named in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from callcart.commerce.inventory.documents.public import DocumentLine
from callcart.commerce.inventory.models import Movement, Stock
from callcart.commerce.inventory.public import recount
from callcart.core.models import Event
from tests.commerce.inventory.documents.yard import purchase, take_in, transfer
from tests.commerce.shop import Shop


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (lambda: Stock.objects.update(on_hand=99), "stock on hand against its movements"),
        (lambda: Stock.objects.update(damaged=9), "damaged stock against its movements"),
        (lambda: Stock.objects.update(inspecting=9), "stock in quality control against its movements"),
        (lambda: Stock.objects.update(in_transit=9), "stock in transit against its movements"),
        (lambda: Stock.objects.update(in_transit=9), "stock in transit against transfers under way"),
        (lambda: Movement.objects.filter(kind="transit").delete(), "stock in transit against its movements"),
        (
            lambda: DocumentLine.objects.update(received=2),
            "units received by a document against its movements",
        ),
        (lambda: DocumentLine.objects.update(open_units=7), "units still to come against the document"),
    ],
)
def test_what_does_not_add_up_is_named(shop: Shop, damage: Callable[[], object], what: str) -> None:
    shop.goods("A", west=5)
    take_in(shop, purchase(shop, ("A", 4)), ("A", 1))
    transfer(shop, ("A", 2))
    assert recount() == []
    damage()
    assert what in {each.what for each in recount()}


def test_one_event_names_all_products_of_a_verb(shop: Shop) -> None:
    for number in range(55):
        shop.goods(f"S{number:02}")
    Event.objects.filter(kind="stock.changed").delete()
    wanted = [(sku, 1) for sku in shop.variants]
    take_in(shop, purchase(shop, *wanted), *wanted)
    (event,) = Event.objects.filter(kind="stock.changed")
    assert (len(event.data["variant_ids"]), event.data["many"]) == (50, True)
