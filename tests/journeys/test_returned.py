"""Bought in the shop and paid by card: delivered, one of two lines sent back by the customer's own wish, looked at, and paid back at the
payment company. Every sum is right at the end."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.system import eventually
from tests.journeys.trade import Trade
from tests.journeys.warehouse import send

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]


def test_one_line_comes_back_and_is_paid_back(trade: Trade) -> None:
    kept, back, first = trade.sku("KEEP"), trade.sku("BACK"), trade.place.warehouses[0]
    trade.goods(kept, {first: 5}, price=3333)
    trade.goods(back, {first: 5}, price=4999)
    customer = trade.customer()
    number = trade.buy(customer, {kept: 1, back: 2}, method="prepaid")
    trade.pay_at_company(customer)
    trade.wait_order(number, "paid", payment_state="paid")
    trade.approve(number)
    [tracking] = send(trade, number)
    trade.carry(tracking)
    order = trade.wait_order(number, "delivered", fulfilment_state="delivered")

    case = _ask(trade, customer, number, back)
    page = trade.staff("ware")
    _take_back(trade, page, case)
    assert trade.left(back) == {first: 4}, "one of two is on the shelf again, to be sold"
    _settle(trade, case)
    refund = _wait_refund(trade, order["id"])
    [line] = trade.rows(
        "SELECT * FROM orders_line WHERE order_id = %(id)s AND sku = %(sku)s", id=order["id"], sku=back
    )
    assert refund["amount_minor"] == line["total_minor"] // 2
    assert _gave_back(trade, order) == [refund["amount_minor"]]

    paid = trade.payment(order["id"])
    assert (paid["captured_minor"], paid["amount_minor"] >= paid["captured_minor"] - refund["amount_minor"]) == (order["total_minor"], True)  # fmt: skip
    trade.wait_order(
        number, "partly returned", payment_state="part_refunded", fulfilment_state="part_returned"
    )
    customer.reload()
    trade.picture(customer, "returned-settled")
    trade.picture(trade.open_order("fin", number), "returned-order")
    assert trade.complaints == []


def _ask(trade: Trade, customer: Page, number: str, sku: str) -> dict[str, Any]:
    """The customer asks on the order's page: one unit of one line, and why."""
    customer.goto(f"{trade.url}/order/{number}")
    customer.locator(f"a[href*='/order/{number}/return']").first.click()
    [line] = trade.rows(
        "SELECT l.id FROM orders_line l JOIN orders_order o ON o.id = l.order_id WHERE o.number = %(n)s AND l.sku = %(s)s",
        n=number, s=sku,
    )  # fmt: skip
    customer.select_option(f"[name='units-{line['id']}']", "1")
    customer.select_option("[name=reason]", index=0)
    trade.picture(customer, "returned-ask")
    customer.locator("form[enctype] .btn-main").click()
    expect(customer.locator(".state h1")).to_be_visible()
    trade.picture(customer, "returned-asked")
    [case] = trade.rows(
        "SELECT c.* FROM aftersales_case c JOIN orders_order o ON o.id = c.order_id WHERE o.number = %(n)s AND c.tenant_id = %(t)s",
        n=number, t=trade.tenant,
    )  # fmt: skip
    return case


def _case(trade: Trade, case: dict[str, Any]) -> dict[str, Any]:
    return trade.rows("SELECT * FROM aftersales_case WHERE id = %(id)s", id=case["id"])[0]


def _take_back(trade: Trade, page: Page, case: dict[str, Any]) -> None:
    """Accepted by a person where no rule has, then received and found as new."""
    address = f"{trade.url}/office/returns/{case['id']}"
    if _case(trade, case)["state"] == "asked":
        boss = trade.staff("super")
        boss.goto(address)
        trade.picture(boss, "returned-decide")
        boss.locator("form[action$='/approve'] .btn-primary").click()
        eventually(lambda: _case(trade, case)["state"] != "asked", "it is accepted")
    page.goto(address)
    page.locator("#receive [name=warehouse]").select_option(str(trade.warehouse(trade.place.warehouses[0])))
    page.locator("#receive .btn-primary").click()
    expect(page.locator("#inspect")).to_be_visible()
    trade.picture(page, "returned-inspect")
    page.locator("#inspect .btn-primary").click()
    eventually(lambda: _case(trade, case)["state"] not in ("received", "waiting"), "it was looked at")


def _settle(trade: Trade, case: dict[str, Any]) -> None:
    page = trade.staff("owner")
    page.goto(f"{trade.url}/office/returns/{case['id']}")
    settle = page.locator("#settle .btn-primary")
    if settle.count():
        settle.click()
    eventually(lambda: _case(trade, case)["state"] == "closed", "it is settled")
    page.reload()
    trade.picture(page, "returned-closed")


def _wait_refund(trade: Trade, order: Any) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        rows = trade.rows(
            "SELECT r.* FROM payments_refund r JOIN payments_payment p ON p.id = r.payment_id"
            " WHERE p.order_id = %(id)s AND r.state = 'done'",
            id=order,
        )
        return rows[0] if rows else None

    found = eventually(look, "the money has gone back")
    assert found is not None
    return found


def _gave_back(trade: Trade, order: dict[str, Any]) -> list[int]:
    """What the payment company says it gave back for this order."""
    path = next((trade.system.home / "demo-gateway").glob("*.sqlite"))
    with sqlite3.connect(path, timeout=10) as book:
        rows = book.execute(
            "SELECT r.amount FROM refund r JOIN payment p ON p.reference = r.payment"
            " WHERE p.description LIKE ? AND p.return_url LIKE ?",  # two shops may have an order of one number
            (f"%{order['number']}%", f"{trade.url}/%"),
        )
        return [int(row[0]) for row in rows]
