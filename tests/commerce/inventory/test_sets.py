"""A set has as many as its components allow, and nothing is booked on its own code."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import DocumentKind, LineDraft, StockInDraft
from callcart.commerce.inventory.public import SEVERAL, SetHasNoStock, can_buy
from callcart.commerce.supply import public as supply
from callcart.core.errors import Invalid
from tests.commerce.sets import tea_set
from tests.commerce.shop import Shop

OTHER = DocumentKind.OTHER


def left(shop: Shop, sku: str = "SET") -> dict[str, int]:
    variant_id = shop.variants[sku].id
    return {
        row.code: row.available for row in inventory.availability([variant_id])[variant_id] if row.available
    }


def test_as_many_as_the_scarcest_component_allows(shop: Shop) -> None:
    tea_set(shop, pots=(0, 10), cups=(0, 15))
    assert left(shop) == {"east": 3}
    shop.place(("CUP", 4))
    assert left(shop) == {"east": 2}
    shop.place(("POT", 9))
    assert left(shop) == {"east": 1}


def test_sets_that_only_several_warehouses_have_together_are_said_to_be_so(shop: Shop) -> None:
    bundle = tea_set(shop, pots=(2, 1), cups=(5, 8))
    assert left(shop) == {"west": 1, "east": 1, "": 1}  # 13 cups are three sets
    rows = inventory.availability([bundle.id])[bundle.id]
    assert [row.name for row in rows if row.warehouse_id == SEVERAL] == ["several warehouses"]
    assert can_buy(rows, 3) and not can_buy(rows, 4)


def test_a_set_may_be_ordered_back_where_all_of_it_may(shop: Shop) -> None:
    bundle = tea_set(shop, pots=(0, 0), cups=(0, 4))
    places = {"warehouse_id": shop.warehouses["east"].id}
    inventory.set_backorderable(shop.boss, variant_id=shop.variants["POT"].id, allowed=True, **places)
    assert not can_buy(inventory.availability([bundle.id])[bundle.id])
    inventory.set_backorderable(shop.boss, variant_id=shop.variants["CUP"].id, allowed=True, **places)
    assert can_buy(inventory.availability([bundle.id])[bundle.id])


def receive(shop: Shop) -> None:
    place = {"variant_id": shop.variants["SET"].id, "warehouse_id": shop.warehouses["east"].id}
    inventory.receive(shop.boss, quantity=1, **place)


def put(shop: Shop) -> None:
    place = {"variant_id": shop.variants["SET"].id, "warehouse_id": shop.warehouses["east"].id}
    damaged = inventory.Condition.DAMAGED
    inventory.put(shop.boss, quantity=1, condition=damaged, document=("test", shop.variants["SET"].id), reason="x", **place)  # fmt: skip


def backorder(shop: Shop) -> None:
    place = {"variant_id": shop.variants["SET"].id, "warehouse_id": shop.warehouses["east"].id}
    inventory.set_backorderable(shop.boss, allowed=True, **place)


def count(shop: Shop) -> None:
    its = (shop.variants["SET"].id,)
    documents.make_count(shop.boss, documents.CountDraft(shop.warehouses["east"].id, variant_ids=its))


@pytest.mark.parametrize("book", [receive, put, backorder, count])
def test_booking_on_its_code_is_refused(shop: Shop, book: Callable[[Shop], None]) -> None:
    tea_set(shop)
    with pytest.raises(SetHasNoStock) as caught:
        book(shop)
    assert caught.value.fields == {
        "variant_id": "SET: a set has no stock of its own. Book what it is made of."
    }
    assert shop.stock("SET") == {}


def test_a_document_names_what_a_set_is_made_of(shop: Shop) -> None:
    tea_set(shop)
    lines = (LineDraft(shop.variants["CUP"].id, 1), LineDraft(shop.variants["SET"].id, 1))
    with pytest.raises(Invalid) as caught:
        documents.make_stock_in(shop.boss, StockInDraft(OTHER, shop.warehouses["east"].id, lines))
    assert caught.value.fields == {"line-1": "A set has no stock of its own. Name what it is made of."}


def test_a_scanned_set_is_told_and_holds_up_nothing(shop: Shop) -> None:
    tea_set(shop)
    found = documents.make_stock_in(shop.boss, StockInDraft(OTHER, shop.warehouses["east"].id))
    documents.open_stock_in(shop.boss, found.id, version=found.version)
    scans = documents.scan(shop.boss, found.id, ["CUP", "SET"], idempotency_key="k", allow_over=True)
    assert [str(each.outcome) for each in scans] == ["booked", "is_set"]
    assert shop.stock("CUP") == {"east": (41, 0)}


def test_one_waits_and_asks_for_what_is_missing_in_a_set(shop: Shop) -> None:
    bundle = tea_set(shop, pots=(0, 0))
    with pytest.raises(Invalid) as asked:
        supply.ask_replenishment(shop.boss, variant_id=bundle.id, quantity=1)
    assert asked.value.fields == {"variant_id": "This is a set. Ask for what is missing in it."}
