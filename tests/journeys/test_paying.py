"""A pay link in a browser: from the shop to the payment company's page and back, with every process real."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.browser import open_context
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]

PLACE = """
import json
from callcart.commerce.catalog.models import Variant
from callcart.commerce.orders.public import DraftAddress, DraftLine, OrderDraft, place_order
from callcart.commerce.inventory.models import Stock
from callcart.commerce.payments.public import pay_token
from callcart.commerce.shipping.models import DeliveryMethod
from callcart.core.actor import Actor
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
from django.db.models import F
tenant = tenant_by_slug("harbor")
with tenant_transaction(tenant.id):
    actor = Actor.system(tenant.id, "test")
    row = Stock.objects.filter(on_hand__gt=F("allocated") + 3).first()
    draft = OrderDraft(
        lines=(DraftLine(row.variant_id, 1),), channel="phone", payment_method="prepaid",
        address=DraftAddress("Ada Example", "+12125550142", "US", "Oregon", "Portland", "", "1 Pine Street", "97201"),
        delivery_method=DeliveryMethod.objects.filter(is_active=True).first().code,
    )
    order = place_order(actor, draft, idempotency_key=str(new_id()))
    print(json.dumps({"order": str(order.id), "token": pay_token(actor, order.id)}))
"""  # fmt: skip


def _owing(system: System) -> dict[str, str]:
    """A prepaid order of the shop harbor, nothing paid yet, and its pay link's token."""
    found: dict[str, str] = json.loads(system.python(PLACE).splitlines()[-1])
    return found


def _payment(system: System, order: str) -> dict[str, Any]:
    query = "SELECT state, captured_minor, amount_minor FROM payments_payment WHERE order_id = %(id)s"
    return system.rows(query, {"id": order})[0]


def _go_to_the_company(page: Page, system: System, token: str) -> None:
    page.goto(f"{system.url()}/pay/{token}")
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(f"**:{system.port('gateway')}/pay/**")


@pytest.mark.parametrize(("language", "width"), [("en-US", 1440), ("zh-CN", 390)])
def test_a_refused_card_then_a_good_one(system: System, browser: Browser, language: str, width: int) -> None:
    owing = _owing(system)
    with open_context(browser, language=language, width=width) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        _go_to_the_company(page, system, owing["token"])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.click("button[value='4000000000000002']")
        page.wait_for_selector("[role=alert]")
        page.click("button[value='4242424242424242']")
        page.wait_for_url(f"{system.url()}/pay/{owing['token']}/**")
        eventually(lambda: _payment(system, owing["order"])["state"] == "paid", "the payment is booked")
        assert complaints == []
    paid = _payment(system, owing["order"])
    assert paid["captured_minor"] == paid["amount_minor"]
    kinds = system.rows(
        "SELECT e.kind FROM payments_providerevent e JOIN payments_attempt a ON a.id = e.attempt_id"
        " JOIN payments_payment p ON p.id = a.payment_id WHERE p.order_id = %(id)s",
        {"id": owing["order"]},
    )
    assert sorted(row["kind"] for row in kinds) == ["captured", "declined"]
    eventually(lambda: _axis(system, owing) == "paid", "the order knows")


def _axis(system: System, owing: dict[str, str]) -> str:
    query = "SELECT payment_state FROM orders_order WHERE id = %(id)s"
    return str(system.rows(query, {"id": owing["order"]})[0]["payment_state"])


@pytest.mark.kill
def test_a_company_killed_while_the_bank_thinks(system: System, browser: Browser) -> None:
    owing = _owing(system)
    with open_context(browser) as context:
        page = context.new_page()
        _go_to_the_company(page, system, owing["token"])
        page.click("button[value='4000000000003220']")
        page.wait_for_selector("[role=status]")
        system.wait_back("gateway", system.kill("gateway"))
        eventually(
            lambda: _payment(system, owing["order"])["state"] == "paid", "booked after all", timeout=60
        )


def test_a_demo_call_is_answered_and_hears_the_shop(system: System) -> None:
    said = system.callcart("demo", "call", "--as", "known", "--seconds", "8")
    assert "calling +12025550100 from +1202555" in said
    assert "something is said: the greeting" in said and "pressed 1" in said
    calls = system.rows(
        "SELECT caller_e164, customer_id, language FROM conversations_conversation ORDER BY id DESC LIMIT 1"
    )
    assert calls[0]["caller_e164"] in said and calls[0]["customer_id"] is not None
