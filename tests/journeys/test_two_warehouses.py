"""An order that no warehouse can send alone: goods are brought over by a transfer, it is split over two, and each sends its part."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.trade import Trade
from tests.journeys.warehouse import send, transfer

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]


def test_split_over_two_with_a_transfer(trade: Trade) -> None:
    first, second, third = trade.place.warehouses
    sku = trade.sku("TWO")
    trade.goods(sku, {first: 2, third: 5})
    transfer(trade, sku, third, second, units=3)
    assert trade.left(sku) == {first: 2, second: 3, third: 2}

    customer = trade.customer()
    number = trade.buy(customer, {sku: 5}, method="cod")
    trade.picture(customer, "two-placed")
    _lies_in_two(trade, number)
    trade.approve(number)
    order = trade.order(number)
    documents = trade.rows(
        "SELECT * FROM shipping_dispatch WHERE order_id = %(id)s ORDER BY id", id=order["id"]
    )
    assert len(documents) == 2
    assert sum(each["cod_minor"] for each in documents) == order["total_minor"], (
        "each parcel collects its share"
    )

    tracking = send(trade, number)
    assert len(tracking) == 2
    trade.carry(tracking[0])
    trade.wait_order(number, "one is there", fulfilment_state="part_delivered")
    customer.goto(f"{trade.url}/order/{number}")
    expect(customer.locator("section.box .tag-brand")).to_have_count(2)
    trade.picture(customer, "two-one-there")
    trade.carry(tracking[1])
    trade.wait_order(
        number, "both are there", fulfilment_state="delivered", payment_state="collected_by_carrier"
    )
    assert sum(trade.left(sku).values()) == 2
    trade.picture(trade.open_order("amy", number), "two-done")
    assert trade.complaints == []


def _lies_in_two(trade: Trade, number: str) -> None:
    held = trade.rows(
        "SELECT w.code, sum(r.quantity) AS units FROM inventory_reservation r"
        " JOIN inventory_warehouse w ON w.id = r.warehouse_id WHERE r.order_id = %(id)s AND r.state = 'held' GROUP BY 1",
        id=trade.order(number)["id"],
    )
    assert sum(row["units"] for row in held) == 5
    assert len(held) == 2
