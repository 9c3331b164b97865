"""Clerks with connections of their own at the same documents: nothing is counted twice, nobody waits in a circle."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import Arrival, Counted, TransferDraft
from callcart.commerce.inventory.public import Movement, recount
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.inventory.documents.yard import again, begin_count, key, lines, purchase, row, take_in
from tests.commerce.shop import Shop, at_once, open_shop


@pytest.fixture
def shop(fresh_db: str) -> Shop:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        shop = open_shop(tenant)
        for sku in "ABC":
            shop.goods(sku, west=40, east=40)
    return shop


def _names(found: list[Any]) -> Counter[str]:
    return Counter(type(each).__name__ for each in found)


def test_clerks_at_the_same_line_and_batches_sent_twice(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        document = purchase(shop, ("A", 24), ("B", 24))
    clerks = [shop.staff("inventory.receive") for _ in range(4)]
    arrivals = [Arrival(shop.variants[sku].id, 1) for sku in "AB"]
    work = [
        partial(documents.receive, clerk, document.id, arrivals, idempotency_key=f"{number}", partly=True)
        for number in range(6)
        for clerk in clerks
        for _twice in range(2)
    ]
    assert _names(at_once(shop.tenant_id, work, workers=8)) == {"Receipt": 48}
    with tenant_transaction(shop.tenant_id):
        assert [row(shop, sku).on_hand for sku in "AB"] == [64, 64]
        assert Movement.objects.filter(kind="put").count() == 48
        assert again(document).state == "received"
        assert recount() == []


def test_the_last_unit_is_taken_in_once(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        document = purchase(shop, ("A", 1), ("B", 9))
    found = at_once(shop.tenant_id, [partial(take_in, shop, document, ("A", 1)) for _ in range(6)])
    assert _names(found) == {"Receipt": 1, "MoreThanExpected": 5}
    with tenant_transaction(shop.tenant_id):
        assert row(shop, "A").on_hand == 41


def test_a_count_is_posted_while_orders_are_placed(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        document = begin_count(shop, "A", "B", "C")
        entries = [Counted(shop.variants[sku].id, 30, add=False) for sku in "ABC"]
        documents.count(shop.boss, document.id, entries, idempotency_key=key())
    place = partial(shop.place, ("C", 1), ("A", 1), ("B", 1))
    post = partial(documents.post_count, shop.boss, document.id, reason="count")
    found = at_once(shop.tenant_id, [place, place, post, place, place, post, place, place])
    assert _names(found) == {"Order": 6, "Document": 1, "NotNow": 1}
    with tenant_transaction(shop.tenant_id):
        assert [(row(shop, sku).on_hand, row(shop, sku).allocated) for sku in "ABC"] == [(30, 6)] * 3
        assert recount() == []


def test_transfers_both_ways_at_once(shop: Shop) -> None:
    west, east = (shop.warehouses[code].id for code in ("west", "east"))
    with tenant_transaction(shop.tenant_id):
        made = [
            documents.make_transfer(shop.boss, TransferDraft(*ends, lines(shop, *wanted)))
            for ends in ((west, east), (east, west))
            for wanted in ((("A", 2), ("B", 2), ("C", 2)), (("C", 3), ("B", 3), ("A", 3)))
        ]
    sends = [partial(documents.send, shop.boss, document.id) for document in made]
    assert _names(at_once(shop.tenant_id, sends + sends)) == {"Document": 4, "NotNow": 4}
    arrive = []
    for document, units in zip(made, (2, 3, 2, 3), strict=True):
        arrive += [partial(take_in, shop, document, (sku, units)) for sku in "ABC"]
    assert _names(at_once(shop.tenant_id, arrive)) == {"Receipt": 12}
    with tenant_transaction(shop.tenant_id):
        assert {again(document).state for document in made} == {"closed"}
        assert [row(shop, sku, place).on_hand for sku in "ABC" for place in ("west", "east")] == [40] * 6
        assert recount() == []
