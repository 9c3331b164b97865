"""A demo shop as its visitors use it: clients with cookies, goods of a test's own, and what lies in the tables afterwards."""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import dataclass
from typing import Any

from django.test import Client

from callcart.commerce.catalog.public import ProductDraft, VariantDraft, add_variant, create_product
from callcart.commerce.inventory.models import Stock
from callcart.commerce.inventory.public import list_warehouses, receive
from callcart.commerce.orders.models import Order
from callcart.commerce.payments.fake import FakeGateway, webhook
from callcart.commerce.payments.gateway import gateway, key_of
from callcart.commerce.payments.models import Attempt
from callcart.commerce.payments.public import apply_webhook
from callcart.core.actor import Actor
from callcart.core.ids import spoken
from callcart.core.tenancy import tenant_transaction

_serial = itertools.count(1)
ADDRESSES = {
    "harbor": {
        "name": "Ada Example",
        "phone": "(202) 555-0199",
        "street": "12 Harbor Road",
        "city": "Portland",
        "province": "ME",
        "postcode": "04101",
    },
    "qinghe": {
        "name": "示例客户",
        "phone": "138 0000 9999",
        "street": "文三路 90 号",
        "city": "杭州市",
        "district": "西湖区",
        "province": "浙江省",
        "postcode": "310012",
    },
}
METHODS = {"harbor": "ground", "qinghe": "standard"}


@dataclass
class Shop:
    """One tenant's storefront."""

    tenant_id: int
    slug: str

    @property
    def boss(self) -> Actor:
        return Actor.system(self.tenant_id, "test")

    def acting(self) -> Any:
        return tenant_transaction(self.tenant_id)

    def visitor(self, *, language: str = "en", **extra: Any) -> Visitor:
        # a browser at an address of its own, so that one test's look-ups do not count for another's
        number = next(_serial)
        client = Client(
            HTTP_HOST=f"{self.slug}.localhost",
            HTTP_ACCEPT_LANGUAGE="zh-CN" if language == "zh-hans" else "en-US",
            REMOTE_ADDR=f"10.{number // 65536}.{number // 256 % 256}.{number % 256}",
            **extra,
        )
        return Visitor(self, client)

    def goods(self, *, stock: int = 20, price: int = 1250, name: str = "", **draft: Any) -> str:
        """A SKU of its own product, all of it in the first warehouse; returns the SKU."""
        sku = f"T{next(_serial):05d}"
        with self.acting():
            product = create_product(
                self.boss, ProductDraft(name=name or f"Thing {sku}", name_zh=f"东西 {sku}", slug=sku.lower())
            )
            variant = add_variant(self.boss, product.id, VariantDraft(sku=sku, price_minor=price, **draft))
            if stock:
                place = list_warehouses()[0].id
                receive(self.boss, variant_id=variant.id, warehouse_id=place, quantity=stock)
        return sku

    def phone(self) -> str:
        """A number nobody has asked a code for yet."""
        number = next(_serial) + 4000
        return f"+1202555{number:04d}" if self.slug == "harbor" else f"+861381234{number:04d}"

    def left(self, sku: str) -> int:
        with self.acting():
            rows = Stock.objects.filter(variant__sku=sku)
            return sum(row.on_hand - row.allocated for row in rows)

    def orders_of(self, sku: str) -> list[Order]:
        with self.acting():
            return list(Order.objects.filter(lines__sku=sku).order_by("id"))

    def report(self, order: Order, *, paid: bool) -> None:
        """The provider's signed word on the newest attempt of an order."""
        fake = gateway("fake")
        assert isinstance(fake, FakeGateway)
        with self.acting():
            attempt = Attempt.objects.filter(payment__order_id=order.id).order_by("-id")[0]
        key = key_of(self.tenant_id, attempt.id)
        event = fake.pay(key) if paid else fake.decline(key)
        apply_webhook("fake", *webhook(event))


@dataclass
class Visitor:
    """Somebody's browser."""

    shop: Shop
    client: Client

    def get(self, path: str, **data: Any) -> Page:
        return Page(self.client.get(path, data or None))

    def post(self, path: str, **data: Any) -> Page:
        return Page(self.client.post(path, data))

    def add(self, sku: str, quantity: Any = 1) -> Page:
        return self.post("/cart/add", sku=sku, quantity=quantity)

    def checkout(self, **changes: Any) -> Page:
        """The second page of the checkout, after a good address."""
        return self.post("/checkout", **{**ADDRESSES[self.shop.slug], **changes})

    def place(self, page: Page | None = None, **changes: Any) -> Page:
        """Press the button on the second page, with its hidden fields and an answer changed here and there."""
        shown = page or self.checkout()
        answers = {
            "delivery_method": METHODS[self.shop.slug],
            "payment_method": "cod",
            **shown.hidden("/checkout/place"),
            **changes,
        }
        return self.post("/checkout/place", **answers)

    def order(self, sku: str, **changes: Any) -> Order:
        """A guest's order, placed by the pages."""
        self.add(sku)
        page = self.place(**changes)
        assert page.status == 303, page.text
        return self.shop.orders_of(sku)[-1]

    def sign_in(self, phone: str) -> Page:
        """By the code that the demo shows."""
        sent = self.post("/sign-in", phone=phone)
        return self.post("/sign-in/code", phone=phone, code=sent.code)


def grouped(number: str) -> str:
    """An order's number as a page says it, in `words`."""
    return spoken(number).replace("\N{NO-BREAK SPACE}", " ")


class Page:
    """An answer, as far as a reader sees it."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.text: str = b"".join(response).decode() if response.streaming else response.content.decode()

    @property
    def words(self) -> str:
        """The text without its markup, blanks made one."""
        main = self.text.partition("<main")[2].partition("</main>")[0]
        plain = html.unescape(re.sub(r"<[^>]+>", " ", main))
        return re.sub(r"\s+", " ", plain)

    @property
    def to(self) -> str:
        return str(self.response.headers.get("Location", ""))

    @property
    def code(self) -> str:
        found = re.search(r'class="code num">(\d{6})<', self.text)
        assert found, self.words
        return found[1]

    def error(self, field: str) -> str:
        """What is said at a field; empty where nothing is."""
        found = re.search(rf'<p class="err" id="e-{field}"[^>]*>([^<]*)</p>', self.text)
        return html.unescape(found[1]) if found else ""

    def hidden(self, action: str) -> dict[str, str]:
        """The hidden fields of the form that is sent there."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.text, re.DOTALL)
        assert form, self.words
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
        return {name: html.unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}
