"""Two receipts, expiries and orders at once, each with a connection of its own on real commits: no unit is promised twice, nobody is
told twice, and a hold is either used or freed."""

from __future__ import annotations

from collections import Counter

import pytest

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders.models import Order
from callcart.commerce.supply.models import ArrivalNotice
from callcart.commerce.supply.public import cancel_notice, serve
from callcart.core import integrity
from callcart.core.models import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.public import Customer
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, at_once, open_shop
from tests.commerce.supply.waiting import customer, waits

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def live_shop(fresh_db: str) -> Shop:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        return open_shop(tenant)


@pytest.fixture
def people(live_shop: Shop) -> list[Customer]:
    with tenant_transaction(live_shop.tenant_id):
        live_shop.goods("TEA", west=1, east=1)
        live_shop.place(("TEA", 2))
        found = [customer(live_shop, f"Person {number}") for number in range(12)]
        for who in found:
            waits(live_shop, "TEA", who=who)
    return found


def receive(shop: Shop, place: str, units: int) -> None:
    inventory.receive(
        shop.boss,
        variant_id=shop.variants["TEA"].id,
        warehouse_id=shop.warehouses[place].id,
        quantity=units,
    )


def adds_up(shop: Shop) -> None:
    assert integrity.find_in("supply") == [] and inventory.recount() == []


def test_two_receipts_at_once_promise_no_unit_twice(live_shop: Shop, people: list[Customer]) -> None:
    tea = live_shop.variants["TEA"].id
    # As it is in life: receiving is one transaction, the worker's reaction another.
    work = [lambda place=place: receive(live_shop, place, 2) for place in ("west", "east") * 2]
    work += [lambda: serve(tea) for _ in range(6)]
    found = at_once(live_shop.tenant_id, work)
    assert not [each for each in found if isinstance(each, Exception)]
    with tenant_transaction(live_shop.tenant_id):
        serve(tea)
        rows = list(ArrivalNotice.objects.order_by("id").values_list("state", flat=True))
        assert rows == ["told"] * 8 + ["waiting"] * 4
        assert Event.objects.filter(kind="supply.arrived").count() == 8
        assert sum(allocated for _, allocated in live_shop.stock("TEA").values()) == 10
        adds_up(live_shop)


def test_whoever_was_told_and_strangers_order_at_once(live_shop: Shop, people: list[Customer]) -> None:
    with tenant_transaction(live_shop.tenant_id):
        receive(live_shop, "west", 6)
        serve(live_shop.variants["TEA"].id)

    def buy(who: Customer | None) -> Order:
        return live_shop.place(("TEA", 1), customer_id=who.id if who else None)

    work = [lambda who=who: buy(who) for who in people[:6]] + [lambda: buy(None) for _ in range(6)]
    found = at_once(live_shop.tenant_id, work)
    kinds = Counter(type(each).__name__ for each in found)
    assert kinds == {"Order": 6, "InsufficientStock": 6}, kinds
    assert all(isinstance(each, Order) for each in found[:6]), "those who were told got theirs"
    with tenant_transaction(live_shop.tenant_id):
        assert ArrivalNotice.objects.filter(state="bought").count() == 6
        adds_up(live_shop)


def test_taken_back_and_ordered_at_once(live_shop: Shop, people: list[Customer]) -> None:
    with tenant_transaction(live_shop.tenant_id):
        receive(live_shop, "east", 3)
        serve(live_shop.variants["TEA"].id)
        notices = list(ArrivalNotice.objects.filter(state="told").order_by("id"))
    work = [lambda each=each: cancel_notice(live_shop.boss, each.id) for each in notices]
    work += [lambda each=each: live_shop.place(("TEA", 1), customer_id=each.customer_id) for each in notices]
    at_once(live_shop.tenant_id, work)
    with tenant_transaction(live_shop.tenant_id):
        assert not ArrivalNotice.objects.filter(state="told", id__in=[each.id for each in notices]).exists()
        serve(live_shop.variants["TEA"].id)
        adds_up(live_shop)
