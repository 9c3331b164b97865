"""A customer wants what is out: the agent asks for it and puts the customer on the list, the buyer orders it, it comes, the customer is told
and its unit held, and the order takes just that unit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.system import eventually
from tests.journeys.trade import Trade
from tests.journeys.warehouse import receive

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]


def test_from_nothing_left_to_the_order(trade: Trade) -> None:
    sku, first = trade.sku("OUT"), trade.place.warehouses[0]
    variant = trade.goods(sku, {})
    _asked_for(trade, sku)
    assert _state(trade, "supply_replenishmentrequest", variant) == "asked"
    assert _state(trade, "supply_arrivalnotice", variant) == "waiting"

    _bought(trade, sku, variant, first)
    assert _state(trade, "supply_replenishmentrequest", variant) == "ordered"
    page = trade.staff("ware")
    page.goto(trade.staff("owner").url)
    receive(trade, page, sku, units=1)
    notice = _wait_told(trade, variant)
    assert (notice["held"], trade.left(sku)) == (1, {first: 1})
    assert _state(trade, "supply_replenishmentrequest", variant) == "arrived"

    stranger = trade.customer()
    stranger.goto(f"{trade.url}/p/{sku.lower()}")
    expect(stranger.locator("form.buy")).to_have_count(0)
    trade.picture(stranger, "out-held-for-another")

    number = trade.take_order(sku, units=1, method="cod")
    assert _state(trade, "supply_arrivalnotice", variant) == "bought"
    held = trade.rows(
        "SELECT order_id, quantity FROM inventory_reservation WHERE variant_id = %(v)s AND state = 'held'",
        v=variant,
    )
    assert held == [{"order_id": trade.order(number)["id"], "quantity": 1}]
    assert trade.complaints == []


def _asked_for(trade: Trade, sku: str) -> None:
    """In the middle of an order form: the line says that there is none, and two buttons what can be done."""
    page = trade.staff("amy")
    trade.start_order(page, sku, units=1)
    request, notice = page.locator("[data-short=request]"), page.locator("[data-short=notice]")
    expect(request).to_be_visible()
    trade.picture(page, "out-desk")
    with page.expect_response(re.compile("/order/short")) as answer:
        request.click()
    assert answer.value.ok
    with page.expect_response(re.compile("/order/short")) as answer:
        notice.click()
    assert answer.value.ok
    trade.picture(page, "out-desk-asked")


def _bought(trade: Trade, sku: str, variant: str, place: str) -> None:
    page = trade.staff("owner")
    page.goto(f"{trade.url}/office/stock/wanted")
    wanted = page.locator(f"section[aria-label='{sku}']")
    wanted.locator("[name=place]").select_option(str(trade.warehouse(place)))
    trade.picture(page, "out-wanted")
    wanted.locator("button[value=order]").click()
    page.wait_for_url(re.compile(r"/stock/documents/[0-9a-f-]{36}$"))
    page.locator("form[action$='/open'] button").click()
    expect(page.locator("a[href$='/scan']")).to_be_visible()
    trade.picture(page, "out-purchase")


def _wait_told(trade: Trade, variant: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        rows = trade.rows(
            "SELECT * FROM supply_arrivalnotice WHERE variant_id = %(v)s AND state = 'told'", v=variant
        )
        return rows[0] if rows else None

    found = eventually(look, "the customer's turn has come")
    assert found is not None
    sent = "SELECT text FROM notices_notice WHERE customer_id = %(c)s AND kind = 'goods_arrived' AND state = 'sent'"
    eventually(lambda: trade.rows(sent, c=found["customer_id"]), "the customer is told")
    return found


def _state(trade: Trade, table: str, variant: str) -> str:
    [row] = trade.rows(f"SELECT state FROM {table} WHERE variant_id = %(v)s", v=variant)
    return str(row["state"])
