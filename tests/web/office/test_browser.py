"""The office in a real Chromium, as it is worked with: every main page fits and is accessible at both widths and in both
languages; filters, columns, refused dialogs and hidden numbers work by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from callcart.commerce.orders.public import Order, confirm_order, ship_order
from callcart.contact.conversations.public import open_conversation
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.public import add_address, create_customer
from callcart.people.staff.models import Staff
from callcart.people.tenants.models import Tenant
from tests.commerce.shop import Shop, open_shop
from tests.web.looking import assert_sound, open_page, sign_in

pytestmark = [pytest.mark.journey]
LISTS = (
    "orders", "orders?state=placed&col=city&col=total", "orders?q=nothing-like-it", "customers", "customers/new", "products",
    "products/new", "stock", "stock/movements", "calls", "queues", "staff", "staff/new", "roles", "roles/new",
)  # fmt: skip


class Trade:
    """What lies in the shop: a customer, an order by each way to pay, one of them sent out."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant_id = tenant.id
        shop = open_shop(tenant)
        self.customer = create_customer(
            shop.boss, name="Ada Example", phone="(212) 555-0142", email="ada@example.com"
        ).id
        add_address(
            shop.boss,
            self.customer,
            name="Ada",
            street="1 Pine Street",
            city="Portland",
            province="Oregon",
            postcode="97201",
        )
        shop.goods("TEA", price=2000, west=50, east=3)
        shop.goods("A-RATHER-LONG-CODE-OF-A-CUP-0123456789", price=129_900, west=2)
        self.placed = self._order(shop, payment_method="instalments", instalments=3)
        self.sent = self._order(shop)
        confirm_order(shop.boss, self.sent, version=1)
        ship_order(shop.boss, self.sent, version=2, carrier="Swift", tracking="SW-1")
        open_conversation(shop.boss, channel="voice", direction="inbound", customer_id=self.customer)
        self.product = shop.variants["TEA"].product_id
        self.role = Staff.objects.all()[0].roles.all()[0].id

    def _order(self, shop: Shop, **changes: object) -> UUID:
        return shop.place(("TEA", 2), customer_id=self.customer, **changes).id

    def pages(self) -> tuple[str, ...]:
        return (
            f"orders/{self.placed}", f"orders/{self.sent}", f"orders/{self.placed}/edit", f"customers/{self.customer}",
            f"customers/{self.customer}/edit", f"products/{self.product}", f"roles/{self.role}",
        )  # fmt: skip

    def order(self) -> Order:
        with tenant_transaction(self.tenant_id):
            return Order.objects.get(id=self.placed)


@pytest.fixture
def trade(address: str) -> Iterator[Trade]:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        made = Trade(tenant)
    yield made


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "light"), (390, "dark")])
def test_pages_fit_keep_the_policy_and_are_accessible(
    address: str, trade: Trade, browser: Browser, language: str, width: int, scheme: str
) -> None:
    page, complaints = open_page(browser, width=width, language=language, scheme=scheme)
    sign_in(page, address)
    for path in (*LISTS, *trade.pages()):
        page.goto(f"{address}/office/{path}")
        assert_sound(page)
    assert complaints == []


def test_the_list_is_filtered_and_its_columns_chosen_by_keyboard(
    address: str, trade: Trade, browser: Browser
) -> None:
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.goto(f"{address}/office/orders")
    page.focus("summary:has-text('Payment method')")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**method=cod*")
    assert page.locator("tbody tr").count() == 1
    page.click("summary:has-text('Columns')")
    page.check("text=City")
    page.click("details[open] button[type=submit]")
    page.wait_for_url("**col=city*")
    assert "method=cod" in page.url
    assert page.locator("th:has-text('City')").is_visible()
    page.click("text=Save this view")
    page.fill("dialog[open] [name=name]", "Cash by city")
    page.keyboard.press("Enter")
    expect(page.locator(".tabs a[aria-current]")).to_have_text("Cash by city")
    assert complaints == []


def test_a_refused_step_comes_back_in_its_dialog_and_goes_through_after(
    address: str, trade: Trade, browser: Browser
) -> None:
    page, complaints = open_page(browser, width=390)
    sign_in(page, address)
    page.goto(f"{address}/office/orders/{trade.placed}")
    page.click("[data-open=cancel]")
    page.fill("dialog[open] [name=reason]", "   ")
    page.click("dialog[open] button[type=submit]")
    error = page.locator("dialog[open] .field-error:not([hidden])")
    expect(error).to_be_visible()
    assert trade.order().state == "placed"
    page.fill("dialog[open] [name=reason]", "ordered twice")
    page.click("dialog[open] button[type=submit]")
    expect(page.locator(".order-standing")).to_have_text("Nothing is left to do.")
    assert trade.order().state == "cancelled"
    assert complaints == []


def test_hidden_numbers_are_shown_when_asked_for(address: str, trade: Trade, browser: Browser) -> None:
    page, complaints = open_page(browser, width=390)
    sign_in(page, address)
    page.goto(f"{address}/office/customers/{trade.customer}")
    assert "555-0142" not in page.content()
    page.click("#phones >> text=Show in full")
    expect(page.locator("#phones")).to_contain_text("(212) 555-0142")
    page.click("#emails >> text=Show in full")
    expect(page.locator("#emails")).to_contain_text("ada@example.com")
    assert complaints == []


def test_an_edit_is_previewed_and_made_by_keyboard(address: str, trade: Trade, browser: Browser) -> None:
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.goto(f"{address}/office/orders/{trade.placed}/edit")
    _type(page, "input[name^=quantity-]", "3")
    page.keyboard.press("Enter")  # the first button: a preview, never the change itself
    expect(page.locator("text=What this changes")).to_be_visible()
    assert trade.order().version == 1
    page.fill("[name=reason]", "asked by phone")
    page.click("text=Change the order")
    expect(page.locator(".table-total")).to_contain_text("$65.00")
    assert trade.order().total_minor == 6500
    assert complaints == []


def _type(page: Page, selector: str, text: str) -> None:
    page.focus(selector)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
