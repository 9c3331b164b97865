"""Returns in Chromium: the list, a case in each part of its way, the form from the order, the rules; wide and narrow, in both
languages: no complaint, nothing wider than the screen, accessible."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff
from callcart.people.tenants.public import Tenant
from tests.commerce.aftersales.counter import Counter
from tests.commerce.shop import open_shop
from tests.web.looking import assert_sound, open_page, sign_in


@pytest.mark.timeout(170)
def test_pages_of_returns(address: str, browser: Browser) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        counter = Counter(open_shop(tenant))
        counter.shop.goods("A", price=1000, west=30)
        order = counter.delivered(("A", 5))
        asked, here = counter.ask(order, 1, reason="faulty", text="It rattles."), counter.received(order, 1)
        looked_at = counter.inspect(counter.received(order, 1))
    addresses = [
        "/office/returns", "/office/returns/rules", f"/office/orders/{order.id}/return?kind=exchange", f"/office/orders/{order.id}",
        *(f"/office/returns/{case.id}" for case in (asked, here, looked_at)),
    ]  # fmt: skip
    for width, language in ((1440, "en"), (390, "zh-hans")):
        with tenant_transaction(tenant.id):
            Staff.objects.update(language=language)
        page, complaints = open_page(browser, width=width, language=language)
        sign_in(page, address)
        for path in addresses:
            page.goto(f"{address}{path}")
            assert_sound(page)
        assert complaints == []
        page.context.close()
