"""An order by telephone, paid at the door: from the desk over approval, packing and the carrier to the carrier's money in the books."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.system import eventually
from tests.journeys.trade import Trade
from tests.journeys.warehouse import send

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]


def test_from_the_desk_to_the_carriers_money(trade: Trade, tmp_path: Path) -> None:
    sku, first = trade.sku("COD"), trade.place.warehouses[0]
    trade.goods(sku, {first: 9})
    number = trade.take_order(sku, units=2, method="cod")
    trade.picture(trade.staff("amy"), "cod-desk")
    placed = trade.order(number)
    assert (placed["channel"], placed["payment_state"], placed["fulfilment_state"]) == (
        "phone",
        "due_on_delivery",
        "reserved",
    )

    trade.approve(number)
    [tracking] = send(trade, number)
    assert trade.left(sku) == {first: 7}

    trade.carry(tracking)
    trade.wait_order(
        number, "carried and collected", fulfilment_state="delivered", payment_state="collected_by_carrier"
    )
    trade.told(placed["id"], "delivered")  # a scan on the way may have been overtaken, and tells nothing then
    _take_in(trade, number, tracking, tmp_path)
    closed = trade.wait_order(number, "paid and closed", payment_state="remitted", state="closed")

    paid = trade.payment(closed["id"])
    assert (paid["captured_minor"], paid["amount_minor"]) == (closed["total_minor"], closed["total_minor"])
    [receipt] = trade.rows("SELECT * FROM payments_receipt WHERE payment_id = %(id)s", id=paid["id"])
    assert receipt["amount_minor"] == closed["total_minor"]
    page = trade.open_order("amy", number)
    trade.picture(page, "cod-closed")
    assert trade.complaints == []


def _take_in(trade: Trade, number: str, tracking: str, folder: Path) -> None:
    """The carrier's file: the parcel, what it collected less its fee, and a number that nobody knows."""
    page, order = trade.staff("fin"), trade.order(number)
    page.goto(f"{trade.url}/office/money/carriers")
    expect(page.locator(f"a[href$='/orders/{order['id']}']")).to_be_visible()
    trade.picture(page, "cod-owed")
    file = folder / "remittance.csv"
    amount = f"{order['total_minor'] / 100:.2f}"
    file.write_text(
        f"运单号,代收金额,手续费\n{tracking},{amount},2.50\nMP0000000000,11.00,1.00\n", encoding="gbk"
    )
    page.goto(f"{trade.url}/office/money/carriers/new")
    page.select_option(
        "[name=account]", index=1 if page.locator("[name=account] option[value='']").count() else 0
    )
    page.set_input_files("[name=file]", file)
    page.locator("form[enctype] [type=submit], form[enctype] button:not([type])").first.click()
    expect(page.locator("[name=take]")).to_be_attached()
    assert page.input_value("[name=col_number]") == "运单号"
    trade.picture(page, "cod-columns")
    page.locator("form:has([name=take]) .btn-primary").click()
    page.wait_for_url(re.compile(r"/office/money/carriers/[0-9a-f-]{36}$"))
    trade.picture(page, "cod-file")
    page.locator("form[action$='/book'] button").click()
    eventually(lambda: trade.payment(order["id"])["captured_minor"] > 0, "the carrier's line is booked")
    trade.picture(page, "cod-booked")
