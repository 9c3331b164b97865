"""Who takes part in the shop's journeys: its staff at their screens, its customer with a telephone in the hand, the carrier company.

Pages are worked by what they are (names of fields, where a form leads), never by their words: each journey runs in an English and
in a Chinese shop. A staff member signs in once for all journeys.
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.journeys.browser import open_context, sign_in
from tests.journeys.shell import Shell
from tests.journeys.system import System, eventually

MILLISECONDS = 15_000
GOOD_CARD, BAD_CARD = "4242424242424242", "4000000000000002"
PICTURES = os.environ.get("JOURNEY_PICTURES", "")  # a folder for a picture of every step; empty: none


@dataclass(frozen=True, slots=True)
class Place:
    """A demo shop as its people know it."""

    slug: str
    language: str
    country: str
    method: str  # the delivery whose carrier has an interface
    customer: str
    address: dict[str, str]
    warehouses: tuple[str, str, str]


PLACES = {
    "harbor": Place(
        "harbor", "en-US", "US", "ground", "Eleanor Yates",
        {"name": "Ada Example", "phone": "(202) 555-0199", "street": "12 Harbor Road", "city": "Portland", "province": "ME",
         "postcode": "04101"},
        ("PWM", "CLT", "RNO"),
    ),
    "qinghe": Place(
        "qinghe", "zh-CN", "CN", "standard", "范玉兰",
        {"name": "示例客户", "phone": "138 0000 9999", "street": "文三路 90 号", "city": "杭州市", "district": "西湖区", "province": "浙江省",
         "postcode": "310012"},
        ("HGH", "CAN", "CTU"),
    ),
}  # fmt: skip

GOODS = """
from callcart.commerce.catalog.public import ProductDraft, VariantDraft, add_variant, create_product
from callcart.commerce.inventory.models import Warehouse
from callcart.commerce.inventory.public import receive
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug(slug)
with tenant_transaction(tenant.id):
    boss = Actor.system(tenant.id, "journey")
    product = create_product(boss, ProductDraft(name=name, name_zh=name_zh, slug=sku.lower()))
    variant = add_variant(boss, product.id, VariantDraft(sku=sku, price_minor=price, weight_g=400, barcode=barcode))
    for code, units in stock.items():
        receive(boss, variant_id=variant.id, warehouse_id=Warehouse.objects.get(code=code).id, quantity=units)
    answer = str(variant.id)
"""


@dataclass
class Trade:
    """One shop and all who deal with it."""

    system: System
    browser: Browser
    shell: Shell
    place: Place
    complaints: list[str] = field(default_factory=list)
    _staff: dict[str, Page] = field(default_factory=dict)
    _contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.system.url(self.place.slug)

    @property
    def tenant(self) -> int:
        return int(self.rows("SELECT id FROM tenants_tenant WHERE slug = %(s)s", s=self.place.slug)[0]["id"])

    def staff(self, login: str) -> Page:
        """The screen of a staff member, 1440 wide."""
        if login not in self._staff:
            context = open_context(self.browser, language=self.place.language)
            page = self._page(context)
            sign_in(page, self.url, f"{login}@{self.place.slug}.example")
            self._staff[login] = page
        return self._staff[login]

    def customer(self) -> Page:
        """The shop on a telephone, 390 wide: somebody nobody knows yet."""
        return self._page(
            open_context(self.browser, language=self.place.language, width=390, height=844, microphone=False)
        )

    def _page(self, context: BrowserContext) -> Page:
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(MILLISECONDS)
        page.on("pageerror", lambda error: self.complaints.append(error.stack or str(error)))
        page.on("console", self._said)
        return page

    def _said(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        return self.system.rows(query, values)

    def sku(self, about: str) -> str:
        """A code that no run before has used."""
        return f"J{about}{secrets.token_hex(3).upper()}"

    def goods(self, sku: str, stock: dict[str, int], *, price: int = 2000) -> str:
        """A product of its own; the id of its one variant."""
        values = {"slug": self.place.slug, "sku": sku, "stock": stock, "price": price, "barcode": sku}
        made = self.shell.run(GOODS, name=f"Journey lamp {sku}", name_zh=f"旅程台灯 {sku}", **values)
        return str(made)

    def warehouse(self, code: str) -> Any:
        [row] = self.rows("SELECT id FROM inventory_warehouse WHERE code = %(c)s AND tenant_id = %(t)s", c=code, t=self.tenant)  # fmt: skip
        return row["id"]

    def left(self, sku: str) -> dict[str, int]:
        """Units on hand by warehouse."""
        found = self.rows(
            "SELECT w.code, s.on_hand FROM inventory_stock s JOIN inventory_warehouse w ON w.id = s.warehouse_id"
            " JOIN catalog_variant v ON v.id = s.variant_id WHERE v.sku = %(sku)s AND s.on_hand > 0",
            sku=sku,
        )
        return {row["code"]: row["on_hand"] for row in found}

    def order(self, number: str) -> dict[str, Any]:
        [row] = self.rows(
            "SELECT o.* FROM orders_order o WHERE o.number = %(n)s AND o.tenant_id = %(t)s", n=number, t=self.tenant
        )  # fmt: skip
        return row

    def payment(self, order_id: Any) -> dict[str, Any]:
        [row] = self.rows("SELECT * FROM payments_payment WHERE order_id = %(id)s", id=order_id)
        return row

    def wait_order(self, number: str, what: str, **wanted: str) -> dict[str, Any]:
        """The order once its columns are as wanted."""

        def look() -> dict[str, Any]:
            row = self.order(number)
            return row if all(row[name] == value for name, value in wanted.items()) else {}

        return eventually(
            look, f"order {number}: {what} ({wanted})", timeout=120
        )  # jobs after jobs, on any machine

    def told(self, order_id: Any, kind: str) -> str:
        """The text of a message the customer was sent; waits for it."""

        def look() -> str:
            found = self.rows(
                "SELECT text FROM notices_notice WHERE order_id = %(id)s AND kind = %(kind)s AND state = 'sent' ORDER BY id",
                id=order_id, kind=kind,
            )  # fmt: skip
            return found[-1]["text"] if found else ""

        return eventually(look, f"the customer is told: {kind}")

    def picture(self, page: Page, name: str) -> None:
        if PICTURES:
            path = Path(PICTURES) / f"{name}-{self.place.slug}-{page.viewport_size['width']}.png"  # type: ignore[index]
            page.screenshot(path=path, full_page=True)

    # What several journeys do

    def take_order(self, sku: str, *, units: int, method: str) -> str:
        """An agent takes an order for the customer; its number."""
        page = self.staff("amy")
        self.start_order(page, sku, units=units)
        self._new_address(page)
        page.locator(f"#delivery-{self.place.method} input").check()
        page.locator(f"[name=payment_method][value={method}]").check()
        page.keyboard.press("Control+Enter")
        number = page.locator(".placed-number [data-copy]")
        expect(number).to_be_visible()
        return number.get_attribute("data-copy") or ""

    def start_order(self, page: Page, sku: str, *, units: int) -> None:
        """An agent finds the customer and types a product into a new order."""
        page.goto(f"{self.url}/desk/")
        page.fill("#look-up-box", self.place.customer)
        page.keyboard.press("Enter")
        page.locator(".candidate").first.click()
        page.locator("[data-new-order]").click()
        expect(page.locator("#order-search")).to_be_focused()
        page.keyboard.type(sku)
        expect(page.locator("#order-options [aria-selected=true]")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("[data-quantity]:focus")).to_have_count(1)
        page.keyboard.type(str(units))

    def _new_address(self, page: Page) -> None:
        page.locator("[name=address_id][value='']").check()
        for name, text in self.place.address.items():
            if name != "phone":
                page.fill(f"[name='address.{name}']", text)
        page.locator("#order-note").focus()  # out of the last field: priced for where it goes now

    def buy(self, page: Page, basket: dict[str, int], *, method: str) -> str:
        """A visitor puts products into the cart and checks out; the order's number. Prepaid ends at the payment company."""
        for sku, units in basket.items():
            page.goto(f"{self.url}/p/{sku.lower()}")
            page.fill("[name=quantity]", str(units))
            page.click(".buy .btn-main")
            page.wait_for_url("**/cart")
        self.picture(page, "cart")
        page.click('a[href="/checkout"]')
        for name, text in self.place.address.items():
            box = page.locator(f"main [name={name}]")
            if box.evaluate("each => each.tagName") == "SELECT":
                box.select_option(text)
            else:
                box.fill(text)
        page.click("main .paybar button")
        page.check(f"[name=delivery_method][value={self.place.method}]")
        page.check(f"[name=payment_method][value={method}]")
        self.picture(page, "checkout")
        page.click(".paybar button")
        page.wait_for_url(re.compile(r"/(order|pay)/"))
        found = self.rows("SELECT o.number FROM orders_order o JOIN orders_line l ON l.order_id = o.id WHERE l.sku = %(sku)s ORDER BY o.id DESC LIMIT 1", sku=next(iter(basket)))  # fmt: skip
        return str(found[0]["number"])

    def pay_by_link(self, page: Page, link: str, *, cards: tuple[str, ...] = (GOOD_CARD,)) -> None:
        """From the page of a pay link to the company's, one card after the other, and back."""
        page.goto(link)
        self.picture(page, "pay")
        page.locator("form[action$='/go'] button:not([name])").first.click()
        self.pay_at_company(page, cards=cards)

    def pay_at_company(self, page: Page, *, cards: tuple[str, ...] = (GOOD_CARD,)) -> None:
        page.wait_for_url(f"**:{self.system.port('gateway')}/pay/**")
        self.picture(page, "pay-company")
        for card in cards:
            page.click(f"button[value='{card}']")
        page.wait_for_url(f"{self.url}/pay/**")

    def approve(self, number: str) -> None:
        """An approver ticks it in the queue."""
        page, order = self.staff("super"), self.order(number)
        page.goto(f"{self.url}/office/orders/approval")
        page.locator(f"[name=order][value^='{order['id']}']").check()
        self.picture(page, "approval")
        page.locator(".bulk-bar [name=act][value=approve]").click()
        self.wait_order(number, "approved", state="confirmed")

    def open_order(self, login: str, number: str) -> Page:
        page = self.staff(login)
        page.goto(f"{self.url}/office/orders/{self.order(number)['id']}")
        return page

    def confirm_dialog(self, page: Page, name: str) -> Locator:
        """Open a dialog of a page; what is in it."""
        page.locator(f"[data-open='{name}']").first.click()
        dialog = page.locator(f"dialog#{name}, #{name}[open]").first
        expect(dialog).to_be_visible()
        return dialog

    def carry(self, tracking: str, *, steps: int = 6) -> None:
        """The carrier moves a parcel on, all well, by the buttons of its own page."""
        page = self.staff("ware")
        for _each in range(steps):
            page.request.post(
                f"https://127.0.0.1:{self.system.port('carrier')}/push",
                form={"tracking": tracking, "fate": "well"}, max_redirects=0,
            )  # fmt: skip

    def spoil_card(self, order_number: str) -> None:
        """The bank takes back a card that was good when the customer first paid with it."""
        path = next((self.system.home / "demo-gateway").glob("*.sqlite"))
        with sqlite3.connect(path, timeout=10) as book:
            moved = book.execute(
                "UPDATE payment SET card = '4000000000000002' WHERE kind = 'session' AND mandate <> ''"
                " AND description LIKE ? AND return_url LIKE ?",  # two shops may have an order of one number
                (f"%{order_number}%", f"{self.url}/%"),
            )
        assert moved.rowcount == 1, "the company knows one payment of this order"
