"""Sets under contention: the last component wanted by a set and by itself, and two people composing sets of one another."""

from __future__ import annotations

import pytest

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import Component, ComponentDraft
from callcart.commerce.inventory.public import InsufficientStock, receive
from callcart.commerce.orders.models import Order
from callcart.core import integrity
from callcart.core.errors import Conflict, Invalid
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.sets import tea_set
from tests.commerce.shop import Shop, at_once, open_shop


@pytest.fixture
def live_shop(fresh_db: str) -> Shop:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        return open_shop(tenant)


def test_the_last_component_goes_once_in_a_set_or_by_itself(live_shop: Shop) -> None:
    shop = live_shop
    with tenant_transaction(shop.tenant_id):
        tea_set(shop, pots=(0, 1), cups=(0, 40))
    buyers = [lambda: shop.place(("SET", 1)), lambda: shop.place(("POT", 1))] * 4
    found = at_once(shop.tenant_id, buyers)
    assert sum(isinstance(each, Order) for each in found) == 1
    assert sum(isinstance(each, InsufficientStock) for each in found) == 7
    with tenant_transaction(shop.tenant_id):
        assert shop.stock("POT") == {"east": (1, 1)}
        assert shop.stock("CUP") in ({"east": (40, 0)}, {"east": (40, 4)})
        assert integrity.find_in("orders") == [] and integrity.find_in("inventory") == []


@pytest.mark.parametrize("round_", range(3))
def test_two_people_do_not_make_sets_of_sets_between_them(live_shop: Shop, round_: int) -> None:
    shop = live_shop
    with tenant_transaction(shop.tenant_id):
        ids = [shop.goods(sku).id for sku in ("A", "B", "C")]

    def compose(bundle: int, part: int) -> None:
        catalog.compose(shop.boss, ids[bundle], [ComponentDraft(ids[part])])

    found = at_once(shop.tenant_id, [lambda: compose(0, 1), lambda: compose(1, 2), lambda: compose(2, 0)])
    assert all(each is None or isinstance(each, Invalid) for each in found)
    with tenant_transaction(shop.tenant_id):
        rows = Component.objects.all()
        assert not {row.bundle_id for row in rows} & {row.variant_id for row in rows}
        assert len(rows) == sum(each is None for each in found) == 1


def test_of_two_clerks_at_one_set_one_is_told(live_shop: Shop) -> None:
    shop = live_shop
    with tenant_transaction(shop.tenant_id):
        its = tea_set(shop)
    cup = shop.variants["CUP"].id
    both = [
        lambda units=units: catalog.compose(  # type: ignore[misc]
            shop.boss, its.id, [ComponentDraft(cup, units)], version=its.version
        )
        for units in (2, 3)
    ]
    found = at_once(shop.tenant_id, both)
    assert sorted(type(each) for each in found if isinstance(each, Exception)) == [Conflict]


def test_goods_are_not_booked_on_what_becomes_a_set(live_shop: Shop) -> None:
    shop = live_shop
    with tenant_transaction(shop.tenant_id):
        box, cup = shop.goods("BOX"), shop.goods("CUP")
    place = {"variant_id": box.id, "warehouse_id": shop.warehouses["east"].id}
    found = at_once(
        shop.tenant_id,
        [
            lambda: receive(shop.boss, quantity=1, **place),
            lambda: catalog.compose(shop.boss, box.id, [ComponentDraft(cup.id)]),
        ],
    )
    assert sum(isinstance(each, Invalid) for each in found) == 1
    with tenant_transaction(shop.tenant_id):
        assert Component.objects.exists() != bool(shop.stock("BOX").get("east", (0, 0))[0])
