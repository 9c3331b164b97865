"""Counting again finds every sum that somebody changed behind our back, in any tenant, and nothing in a healthy shop."""

from __future__ import annotations

import psycopg
import pytest
from click.testing import CliRunner

from callcart.commerce.orders.public import (
    SetQuantity,
    cancel_order,
    confirm_change,
    confirm_order,
    ship_order,
)
from callcart.core.database import parameters
from callcart.core.integrity import domains, find_all
from callcart.core.tenancy import tenant_transaction
from callcart.processes.integrity import integrity
from tests.commerce.shop import Shop


@pytest.fixture
def trade(live_shop: Shop) -> Shop:
    """A shop in which everything has happened once."""
    with tenant_transaction(live_shop.tenant_id):
        live_shop.goods("A", price=1000, west=9, east=3)
        sent, changed, gone = (live_shop.place(("A", 2)) for _ in range(3))
        live_shop.place(("A", 1), payment_method="instalments", instalments=3)
        confirm_order(live_shop.boss, sent.id, version=1)
        ship_order(live_shop.boss, sent.id, version=2)
        line = changed.lines.get()
        confirm_change(live_shop.boss, changed.id, [SetQuantity(line.id, 1)], version=1)
        cancel_order(live_shop.boss, gone.id, reason="x", version=1)
    return live_shop


def test_a_healthy_shop_adds_up(trade: Shop) -> None:
    assert {"inventory", "payments", "orders"} <= set(domains())
    assert list(find_all()) == []
    result = CliRunner().invoke(integrity, [])
    assert (result.exit_code, result.output) == (0, "Everything adds up.\n")


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE inventory_stock SET on_hand = on_hand + 1 WHERE allocated > 0", "stock on hand against its movements"),
        ("UPDATE inventory_stock SET allocated = allocated - 1 WHERE allocated > 0", "stock allocated against what is held"),
        ("UPDATE inventory_movement SET allocated_change = 9 WHERE kind = 'ship'", "stock allocated against its movements"),
        ("DELETE FROM inventory_reservation WHERE state = 'held'", "units promised to a line against its quantity"),
        ("UPDATE inventory_reservation SET state = 'held' WHERE state = 'released'", "units held for a cancelled order"),
        ("UPDATE orders_order SET goods_minor = goods_minor + 1, total_minor = total_minor + 1",
         "goods of an order against its lines"),
        ("UPDATE payments_payment SET amount_minor = amount_minor - 1", "money owed against the order's total"),
        ("UPDATE payments_payment SET captured_minor = 5 WHERE method = 'instalments'", "money captured against its receipts"),
        ("UPDATE payments_instalment SET amount_minor = 0 WHERE number = 2", "instalments against the amount owed"),
        ("INSERT INTO payments_refund (id, tenant_id, payment_id, amount_minor, currency, state, reason, reference, failure, way,"
         " payee, asked_by_name) SELECT gen_random_uuid(), tenant_id, id, 1, currency, 'due', '', '', '', 'cash', '', '' FROM payments_payment LIMIT 1",
         "money given back against money captured"),
        ("UPDATE shipping_parcelline SET quantity = quantity + 1", "units in parcels against units taken out of stock"),
    ],
)  # fmt: skip
def test_what_was_changed_behind_our_back_is_found(trade: Shop, damage: str, what: str) -> None:
    with psycopg.connect(**parameters("owner")) as owner:
        owner.execute("SELECT set_config('callcart.tenant', %s, true)", [str(trade.tenant_id)])
        assert owner.execute(damage.encode()).rowcount
    found = list(find_all())
    assert what in {each.what for each in found}
    assert {each.tenant_id for each in found} == {trade.tenant_id}
    result = CliRunner().invoke(integrity, [])
    assert result.exit_code == 1
    assert what in result.output
