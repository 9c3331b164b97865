"""The orders desk in a real Chromium: each page fits and is accessible in both languages; a queue is worked by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from callcart.commerce.orders.public import (
    Order,
    RulesDraft,
    add_receiver,
    approve_order,
    hold_order,
    keep_doubts,
    set_rules,
    set_tags,
)
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant
from tests.commerce.shop import ADDRESS, open_shop
from tests.web.looking import assert_sound, open_page, sign_in

pytestmark = [pytest.mark.journey]


class Desk:
    """Orders in several places: two to approve of which one is doubtful, one approved from two warehouses, one on hold."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant_id = tenant.id
        shop = self.shop = open_shop(tenant)
        shop.goods("TEA", price=2000, west=50)
        shop.goods("CUP", price=129_900, east=20)
        set_rules(shop.boss, RulesDraft(large_minor=100_000), version=0)
        add_receiver(shop.boss, kind="phone", value="(212) 555-0177", note="never at home")
        self.clean = self._order(("TEA", 2))
        self.twin = self._order(
            ("TEA", 1), address=replace(ADDRESS, street="3 Fir Street", phone="2125550176")
        )
        self.doubtful = self._order(
            ("CUP", 3), address=replace(ADDRESS, phone="(212) 555-0177", street="1 A")
        )
        self.sure = self._order(
            ("TEA", 1), ("CUP", 1), address=replace(ADDRESS, street="7 Elm Street", phone="2125550178")
        )
        approve_order(shop.boss, self.sure, version=1)
        held = self._order(("TEA", 1), address=replace(ADDRESS, street="9 Oak Street", phone="2125550179"))
        hold_order(shop.boss, held, reason="The customer wants to call back on Monday", version=1)
        for order in Order.objects.all():
            keep_doubts(order)
        set_tags(shop.boss, self.clean, ["gift", "call first"])

    def _order(self, *lines: tuple[str, int], **changes: object) -> UUID:
        return self.shop.place(*lines, **changes).id

    def states(self) -> dict[UUID, str]:
        with tenant_transaction(self.tenant_id):
            return dict(Order.objects.values_list("id", "state"))


@pytest.fixture
def desk(address: str) -> Iterator[Desk]:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        made = Desk(tenant)
    yield made


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_fit_and_are_accessible(address: str, desk: Desk, browser: Browser, language: str) -> None:
    paths = (
        "orders/approval", "orders/waiting", "orders/waiting?queue=held", "orders/receivers", "orders/rules", "orders?col=tags&col=doubts&col=total",
        f"orders/{desk.doubtful}", f"orders/{desk.sure}", f"orders/{desk.clean}/split", f"orders/{desk.clean}/merge",
        f"orders/{desk.sure}/warehouses", f"orders/{desk.clean}/edit",
    )  # fmt: skip
    page, complaints = open_page(browser, language=language)
    sign_in(page, address)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 860})
        for path in paths:
            page.goto(f"{address}/office/{path}")
            assert_sound(page, path)
    assert complaints == []


def test_the_queue_is_worked_by_keyboard(address: str, desk: Desk, browser: Browser) -> None:
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.goto(f"{address}/office/orders/approval?only=clean")
    page.wait_for_selector("button[name=act][disabled]")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.inner_text("[data-ticked]") == "1 ticked"
    page.keyboard.press("h")
    page.keyboard.type("call back")
    page.click("dialog[open] button[value=hold]")
    page.wait_for_selector("text=1 order done.")
    page.keyboard.press("j")
    page.keyboard.press("a")  # nothing is ticked: the row the cursor is on
    page.wait_for_url("**/office/orders/approval*")
    page.wait_for_selector("text=1 order done.")
    assert sorted([desk.states()[desk.clean], desk.states()[desk.twin]]) != ["placed", "placed"]
    assert complaints == []


def test_a_pasted_address_fills_the_fields(address: str, desk: Desk, browser: Browser) -> None:
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.goto(f"{address}/office/orders/{desk.clean}/edit")
    page.click("summary:has-text('Address')")
    page.fill("#paste-address", "Ben Sample, 77 Elm Ave, Seattle, WA 98101")
    page.press("#paste-address", "Enter")
    expect(page.locator("[name=city]")).to_have_value("Seattle")
    assert page.input_value("[name=street]") == "77 Elm Ave"
    assert page.input_value("[name=name]") == "Ben Sample"
    expect(page.locator("[name=phone]")).to_be_focused()  # nothing was said of it: look there first
    assert complaints == []
