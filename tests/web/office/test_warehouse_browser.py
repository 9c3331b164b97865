"""Scanning in a real browser, on a phone's screen, by keyboard alone: a scanner is a keyboard that types fast."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from callcart.commerce.inventory.models import Stock
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.inventory.documents.yard import again, purchase
from tests.commerce.shop import open_shop
from tests.web.looking import assert_sound, open_page, sign_in

pytestmark = [pytest.mark.journey]


@pytest.mark.timeout(120)
def test_codes_typed_one_after_another_are_booked_once_each(address: str, browser: Browser) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        shop = open_shop(tenant)
        shop.goods("CUP")
        document = purchase(shop, ("CUP", 6))
    page, complaints = open_page(browser, width=390)
    sign_in(page, address)
    page.goto(f"{address}/office/stock/documents/{document.id}/scan")
    expect(page.locator("#code")).to_be_focused()
    for code in ("cup", "2*CUP", "WHAT", "cup"):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    expect(page.locator(".scan-list li")).to_contain_text("4 / 6")
    page.keyboard.type("3*CUP")
    page.keyboard.press("Enter")
    expect(page.locator("#feedback")).to_contain_text("More than expected")
    assert_sound(page)
    page.locator("[data-take]").press("Enter")
    expect(page.locator("#scan-lines")).to_contain_text("This document is complete.")
    page.context.set_offline(True)  # what is read meanwhile is kept, and sent once the network is back
    page.locator("#code").press_sequentially("-1*CUP")
    page.keyboard.press("Enter")
    expect(page.locator("#feedback")).to_contain_text("No connection.")
    page.context.set_offline(False)
    expect(page.locator("#feedback")).to_contain_text("cannot be done in the state", timeout=15_000)
    assert complaints == []
    with tenant_transaction(tenant.id):
        assert Stock.objects.get(variant=shop.variants["CUP"]).on_hand == 7
        assert again(document).state == "received"
    page.context.close()
