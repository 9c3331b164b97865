"""Approvers, editors and cancellers at once, each with a connection of their own: one wins, the others are told, and documents,
stock and money say the same afterwards."""

from __future__ import annotations

from collections import Counter

import pytest

from callcart.commerce.inventory.public import recount
from callcart.commerce.orders.public import (
    DecidedAlready,
    Order,
    SetQuantity,
    approve_order,
    cancel_order,
    confirm_change,
    hand_over,
    merge_orders,
    split_order,
)
from callcart.commerce.shipping.public import Dispatch, Parcel, open_dispatches
from callcart.core import integrity
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, at_once, open_shop

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def shop(fresh_db: str) -> Shop:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        shop = open_shop(tenant)
        shop.goods("A", west=40, east=40)
    return shop


def all_adds_up(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        assert recount() == []
        for domain in ("orders", "payments"):
            assert integrity.find_in(domain) == []


def test_two_who_approve_approve_against_edit_and_against_cancel(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        orders = [shop.place(("A", 2)) for _ in range(12)]
        lines = {order.id: order.lines.get().id for order in orders}
    work = []
    for number, order in enumerate(orders):
        work.append(lambda order=order: approve_order(shop.boss, order.id, version=1))
        rivals = (
            lambda order=order: approve_order(shop.boss, order.id, version=1),
            lambda order=order: confirm_change(
                shop.boss, order.id, [SetQuantity(lines[order.id], 1)], version=1
            ),
            lambda order=order: cancel_order(shop.boss, order.id, reason="changed my mind", version=1),
        )
        work.append(rivals[number % 3])
    found = at_once(shop.tenant_id, work)
    for one, other in zip(found[::2], found[1::2], strict=True):
        kinds = Counter(type(each).__name__ for each in (one, other))
        assert kinds["Order"] == 1
        assert kinds["DecidedAlready"] + kinds["StaleOrder"] == 1
    twins = [each for pair in range(0, 24, 6) for each in found[pair : pair + 2]]
    assert all(isinstance(each, Order | DecidedAlready) for each in twins)
    with tenant_transaction(shop.tenant_id):
        for order in Order.objects.all():
            expected = 1 if order.state == "confirmed" else 0
            assert Dispatch.objects.filter(order_id=order.id).count() == expected
    all_adds_up(shop)


def test_one_document_leaves_once(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        order = shop.place(("A", 2))
        approve_order(shop.boss, order.id, version=1)
        (only,) = open_dispatches(order.id)
    found = at_once(
        shop.tenant_id,
        [lambda: hand_over(shop.boss, only.id) for _ in range(4)]
        + [lambda: cancel_order(shop.boss, order.id, reason="too late", version=2)],
    )
    with tenant_transaction(shop.tenant_id):
        order.refresh_from_db()
        assert Parcel.objects.count() == (0 if order.state == "cancelled" else 1)
    assert len([each for each in found if not isinstance(each, Exception)]) == 1
    all_adds_up(shop)


def test_splits_and_merges_crosswise_end_without_a_deadlock(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        one, two = shop.place(("A", 3)), shop.place(("A", 3))
        line = one.lines.get().id
    found = at_once(
        shop.tenant_id,
        [
            lambda: merge_orders(shop.boss, one.id, two.id, versions=(1, 1), idempotency_key="m1"),
            lambda: merge_orders(shop.boss, two.id, one.id, versions=(1, 1), idempotency_key="m2"),
            lambda: split_order(shop.boss, one.id, {line: 1}, version=1, idempotency_key="s1"),
            lambda: split_order(shop.boss, one.id, {line: 1}, version=1, idempotency_key="s1"),
        ],
    )
    refused = Counter(type(each).__name__ for each in found if isinstance(each, Exception))
    assert set(refused) <= {"StaleOrder", "CannotMerge"}, found
    with tenant_transaction(shop.tenant_id):
        live = Order.objects.exclude(state="cancelled")
        assert sum(line.quantity for order in live for line in order.lines.all()) == 6
        assert sum(allocated for _on_hand, allocated in shop.stock("A").values()) == 6
    all_adds_up(shop)
