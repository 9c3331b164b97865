"""Paid in three instalments: the first by the link from the desk, the second refused by the bank and paid by the link in the message
about it, the third charged by itself."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.system import eventually
from tests.journeys.trade import Trade

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]

DUE = """
from django.utils.timezone import now
from callcart.commerce.payments.dunning import DUNNING, Act, dun_shop
from callcart.commerce.payments.models import Instalment
from callcart.core import jobs
from callcart.core.clock import today
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import get_tenant
with tenant_transaction(tenant):
    day = today(get_tenant().timezone)
    charge = next(at for at, each in enumerate(DUNNING) if each.act is Act.CHARGE)
    Instalment.objects.filter(payment__order_id=order, number=number).update(due_on=day, next_at=now(), step=charge)
    jobs.defer(dun_shop)
"""


def test_the_second_one_is_refused_and_paid_by_link(trade: Trade) -> None:
    sku = trade.sku("INS")
    trade.goods(sku, {trade.place.warehouses[0]: 5}, price=9000)
    number = trade.take_order(sku, units=1, method="instalments")
    link = trade.staff("amy").input_value("#pay-link")
    order = trade.order(number)["id"]
    customer = trade.customer()
    trade.pay_by_link(customer, link)
    first = _wait(trade, order, ["paid", "scheduled", "scheduled"])
    assert sum(row["amount_minor"] for row in first) == trade.order(number)["total_minor"]
    trade.picture(customer, "instalments-first-paid")

    trade.spoil_card(number)
    trade.shell.run(DUE, tenant=trade.tenant, order=str(order), number=2)
    _wait(trade, order, ["paid", "overdue", "scheduled"])
    text = trade.told(order, "instalment_failed")
    _seen_by_finance(trade, order)

    found = re.search(r"https://\S+/pay/\S+", text)
    assert found, text
    trade.pay_by_link(customer, found[0].rstrip("."))
    second = _wait(trade, order, ["paid", "paid", "scheduled"])
    expect(customer.locator(".state-badge")).to_be_visible()
    trade.picture(customer, "instalments-second-paid")

    trade.shell.run(DUE, tenant=trade.tenant, order=str(order), number=3)
    third = _wait(trade, order, ["paid", "paid", "paid"])
    assert [row["amount_minor"] for row in third] == [row["amount_minor"] for row in second]
    _sums(trade, order)
    assert trade.complaints == []


def _wait(trade: Trade, order: Any, states: list[str]) -> list[dict[str, Any]]:
    def look() -> list[dict[str, Any]] | None:
        rows = trade.rows(
            "SELECT i.* FROM payments_instalment i JOIN payments_payment p ON p.id = i.payment_id"
            " WHERE p.order_id = %(id)s AND i.state <> 'cancelled' ORDER BY i.number",
            id=order,
        )
        return rows if [row["state"] for row in rows] == states else None

    return eventually(look, f"the instalments are {states}")


def _seen_by_finance(trade: Trade, order: Any) -> None:
    page = trade.staff("fin")
    page.goto(f"{trade.url}/office/money/instalments?standing=today")
    trade.picture(page, "instalments-today")
    page.locator(f"a[href*='{order}']").click()
    expect(page.locator("table")).to_be_visible()
    trade.picture(page, "instalments-plan")


def _sums(trade: Trade, order: Any) -> None:
    paid = trade.payment(order)
    assert (paid["state"], paid["captured_minor"]) == ("paid", paid["amount_minor"])
    receipts = trade.rows(
        "SELECT amount_minor FROM payments_receipt WHERE payment_id = %(id)s", id=paid["id"]
    )
    assert len(receipts) == 3
    assert sum(row["amount_minor"] for row in receipts) == paid["amount_minor"]
    attempts = trade.rows("SELECT state FROM payments_attempt WHERE payment_id = %(id)s", id=paid["id"])
    assert sorted(row["state"] for row in attempts) == ["captured", "captured", "captured", "declined"]
