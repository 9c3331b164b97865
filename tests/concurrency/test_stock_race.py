"""Many buyers at once, each with a connection of their own, on real commits: stock is never promised twice, nobody sees a
deadlock, a double click is one order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection

from callcart.commerce.inventory.locks import lock_stock, retrying
from callcart.commerce.inventory.public import InsufficientStock, Movement, Reservation, recount
from callcart.commerce.orders.public import (
    AddLine,
    Order,
    RemoveLine,
    StaleOrder,
    add_to_cart,
    cancel_order,
    cart_units,
    confirm_change,
    new_cart_token,
    place_cart,
    place_order,
)
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, at_once, open_shop

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def shop(fresh_db: str) -> Shop:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        shop = open_shop(tenant)
        shop.goods("LAST", west=1)
        shop.goods("A", west=40, east=40)
        shop.goods("B", west=40, east=40)
        shop.goods("C", west=40, east=40)
    return shop


def test_300_buyers_of_the_last_unit(shop: Shop) -> None:
    def buy(number: int) -> Callable[[], Order]:
        return lambda: place_order(shop.boss, shop.draft(("LAST", 1)), idempotency_key=f"buyer-{number}")

    found = at_once(shop.tenant_id, [buy(number) for number in range(300)], workers=40)
    bought = [each for each in found if isinstance(each, Order)]
    refused = [each for each in found if isinstance(each, InsufficientStock)]
    assert (len(bought), len(refused)) == (1, 299), Counter(type(each).__name__ for each in found)
    assert {tuple(each.fields.items()) for each in refused} == {(("lines.0.quantity", "Sold out."),)}
    with tenant_transaction(shop.tenant_id):
        assert shop.stock("LAST") == {"west": (1, 1)}
        assert Order.objects.count() == 1
        assert Reservation.objects.count() == 1
        assert Movement.objects.filter(kind="reserve").count() == 1


def test_opposite_line_order_ends_without_a_deadlock(shop: Shop) -> None:
    turns = [("A", "B", "C"), ("C", "B", "A"), ("B", "C", "A"), ("C", "A", "B")]

    def buy(number: int) -> Callable[[], Order]:
        lines = [(sku, 1) for sku in turns[number % 4]]
        return lambda: place_order(shop.boss, shop.draft(*lines), idempotency_key=f"buyer-{number}")

    found = at_once(shop.tenant_id, [buy(number) for number in range(100)], workers=25)
    kinds = Counter(type(each).__name__ for each in found)
    assert kinds == {"Order": 80, "InsufficientStock": 20}
    with tenant_transaction(shop.tenant_id):
        for sku in "ABC":
            assert shop.stock(sku) == {"west": (40, 40), "east": (40, 40)}
        assert recount() == []


def test_a_deadlock_the_database_breaks_off_is_tried_again(shop: Shop) -> None:
    """Two transactions that take stock rows in opposite order by hand: the verb still ends well."""
    import threading

    first, second = shop.variants["A"].id, shop.variants["B"].id
    met = threading.Barrier(2)
    tries = Counter[str]()

    def crosswise(name: str, mine: object, other: object) -> Callable[[], str]:
        def work() -> str:
            tries[name] += 1
            lock_stock([mine])  # type: ignore[list-item]
            if tries[name] == 1:
                met.wait(30)
            lock_stock([other])  # type: ignore[list-item]
            return name

        return lambda: retrying(work)

    found = at_once(shop.tenant_id, [crosswise("ann", first, second), crosswise("ben", second, first)])
    assert found == ["ann", "ben"]
    assert sorted(tries.values()) == [1, 2]


def test_an_error_that_is_no_race_is_not_repeated(shop: Shop) -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(5)")

    with tenant_transaction(shop.tenant_id), pytest.raises(OperationalError):
        retrying(work)
    assert len(tries) == 1


def test_two_presses_at_once_are_one_order(shop: Shop) -> None:
    draft = shop.draft(("A", 1))
    found = at_once(
        shop.tenant_id, [lambda: place_order(shop.boss, draft, idempotency_key="form-1") for _ in range(12)]
    )
    assert {each.id for each in found} == {found[0].id}
    with tenant_transaction(shop.tenant_id):
        assert Order.objects.count() == 1
        assert sum(allocated for _on_hand, allocated in shop.stock("A").values()) == 1


def test_a_cart_placed_twice_at_once_is_one_order(shop: Shop) -> None:
    token = new_cart_token()
    with tenant_transaction(shop.tenant_id):
        add_to_cart(token, shop.variants["A"].id, quantity=2)
    draft = shop.draft(channel="web")
    presses = [
        lambda key=key: place_cart(shop.boss, token, draft, idempotency_key=key)
        for key in ("a", "b", "a", "c")
    ]
    found = at_once(shop.tenant_id, presses)
    assert {each.id for each in found} == {found[0].id}
    with tenant_transaction(shop.tenant_id):
        assert Order.objects.count() == 1
        assert cart_units(token) == 0


def test_additions_to_a_cart_at_once_all_count(shop: Shop) -> None:
    token = new_cart_token()
    found = at_once(shop.tenant_id, [lambda: add_to_cart(token, shop.variants["A"].id) for _ in range(10)])
    assert not [each for each in found if isinstance(each, Exception)]
    with tenant_transaction(shop.tenant_id):
        assert cart_units(token) == 10


def test_cancelling_and_buying_at_once_conserve_stock(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        orders = [shop.place(("A", 2), ("B", 1)) for _ in range(20)]

    def cancel(order: Order) -> Callable[[], Order]:
        return lambda: cancel_order(shop.boss, order.id, reason="changed my mind", version=order.version)

    def buy(number: int) -> Callable[[], Order]:
        return lambda: place_order(
            shop.boss, shop.draft(("B", 1), ("A", 2)), idempotency_key=f"buyer-{number}"
        )

    work = [each for pair in zip(map(cancel, orders), map(buy, range(20)), strict=True) for each in pair]
    found = at_once(shop.tenant_id, work, workers=20)
    assert Counter(type(each).__name__ for each in found) == {"Order": 40}
    with tenant_transaction(shop.tenant_id):
        assert sum(allocated for _, allocated in shop.stock("A").values()) == 40
        assert sum(allocated for _, allocated in shop.stock("B").values()) == 20
        assert recount() == []


def test_two_changes_of_one_version_one_wins(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        order = shop.place(("A", 1), ("C", 1))
        line = order.lines.get(position=2)
    found = at_once(
        shop.tenant_id,
        [
            lambda: confirm_change(
                shop.boss, order.id, [AddLine(shop.variants["B"].id, 1)], version=order.version
            ),
            lambda: confirm_change(shop.boss, order.id, [RemoveLine(line.id)], version=order.version),
            lambda: cancel_order(shop.boss, order.id, reason="no longer wanted", version=order.version),
        ],
    )
    assert Counter(type(each).__name__ for each in found) == {"Order": 1, "StaleOrder": 2}
    assert all(each.details == {"version": 2} for each in found if isinstance(each, StaleOrder))
    with tenant_transaction(shop.tenant_id):
        assert recount() == []


def test_cancelled_twice_at_once_gives_back_once(shop: Shop) -> None:
    with tenant_transaction(shop.tenant_id):
        order = shop.place(("A", 3))
    found = at_once(
        shop.tenant_id,
        [lambda: cancel_order(shop.boss, order.id, reason="twice", version=order.version) for _ in range(6)],
    )
    assert Counter(type(each).__name__ for each in found) == {"Order": 1, "StaleOrder": 5}
    with tenant_transaction(shop.tenant_id):
        assert shop.stock("A") == {"west": (40, 0), "east": (40, 0)}
        assert Movement.objects.filter(kind="release").count() == 1
