"""Orders shown in a chat, all of it in browsers: the agent shows two, the visitor pays one at the payment company and says yes to the
other, both see it at once; and what was said comes to him from a real mail server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.journeys.browser import open_context
from tests.journeys.desk_page import MILLISECONDS, DeskPage
from tests.journeys.letterbox import Letterbox
from tests.journeys.shell import Shell
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

ORDERS = """
from callcart.commerce.inventory.models import Stock
from callcart.commerce.orders.public import DraftAddress, DraftLine, OrderDraft, place_order
from callcart.commerce.shipping.models import DeliveryMethod
from callcart.core.actor import Actor
from callcart.core.ids import new_id, spoken
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.public import create_customer
from callcart.people.tenants.public import tenant_by_slug
from django.db.models import F
tenant = tenant_by_slug("harbor")
answer = {}
with tenant_transaction(tenant.id):
    boss = Actor.system(tenant.id, "journey")
    customer = create_customer(boss, name="Ann Journey", phone=phone)
    # Of different goods: two alike would be held up as one order taken twice.
    goods = Stock.objects.filter(on_hand__gt=F("allocated") + 5).order_by("variant_id").distinct("variant_id")[:2]
    method = DeliveryMethod.objects.filter(is_active=True).first().code
    for way, row in zip(("prepaid", "cod"), goods, strict=True):
        order = place_order(boss, OrderDraft(
            lines=(DraftLine(row.variant_id, 1),), channel="phone", payment_method=way, customer_id=customer.id,
            address=DraftAddress("Ann Journey", phone, "US", "Oregon", "Portland", "", street, "97201"),
            delivery_method=method,
        ), idempotency_key=str(new_id()))
        answer[way] = [str(order.id), spoken(order.number)]
"""
ADDRESS = "ann@there.example"


@dataclass(frozen=True, slots=True)
class Order:
    id: str
    number: str  # as it is said


@dataclass(slots=True)
class Guest:
    """A customer of the shop on a telephone, signed in."""

    page: Page
    complaints: list[str]

    @property
    def chat(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title='Chat with us']")

    def card(self, order: Order) -> Any:
        return self.chat.locator(".card", has_text=order.number)

    def says(self, words: str) -> None:
        self.chat.get_by_label("Your message").fill(words)
        self.chat.get_by_label("Your message").press("Enter")


@pytest.fixture
def orders(shell: Shell) -> tuple[str, Order, Order]:
    """A customer's number, an order to be paid in advance, one to be paid at the door."""
    phone = f"+1202555{secrets.randbelow(3000) + 6000}"
    made = shell.run(ORDERS, phone=phone, street=f"{secrets.randbelow(90_000) + 1} Pine Street")
    return phone, Order(*made["prepaid"]), Order(*made["cod"])


@pytest.fixture
def guest(system: System, browser: Browser, orders: tuple[str, Order, Order]) -> Iterator[Guest]:
    context = open_context(browser, width=390, height=844, microphone=False)
    page, complaints = context.new_page(), list[str]()
    page.set_default_timeout(MILLISECONDS)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{system.url()}/sign-in")
    page.fill("[name=phone]", orders[0])
    page.click("main .btn-main")
    page.fill("[name=code]", page.inner_text(".note-demo .code").replace(" ", ""))
    page.click("main .btn-main")
    page.wait_for_url("**/account**")
    yield Guest(page, complaints)
    context.close()


def test_one_is_paid_and_one_agreed_to_and_the_talk_comes_by_mail(
    system: System, desk: DeskPage, guest: Guest, orders: tuple[str, Order, Order], letterbox: Letterbox
) -> None:
    _phone, prepaid, at_the_door = orders
    desk.get_ready()
    guest.page.locator("[data-chat-open]").click()
    guest.says("Can I still pay for my lamp?")
    expect(desk.page.locator("[data-written-offer]")).to_be_visible(timeout=MILLISECONDS)
    desk.press("Alt+a")
    expect(desk.page.locator("[data-reply-text]")).to_be_focused(timeout=MILLISECONDS)
    desk.page.keyboard.type("You can, right here.")
    desk.press("Control+Enter")
    for order in (prepaid, at_the_door):
        _show(desk, order)

    _pays(system, guest, prepaid)
    _agrees(guest, at_the_door)
    for order, label in ((prepaid, "Paid"), (at_the_door, "The customer said yes")):
        shown = desk.page.locator("[data-shown-card]", has_text=order.number)
        expect(shown).to_contain_text(label, timeout=MILLISECONDS)
    assert _order(system, prepaid)["payment_state"] == "paid"
    assert _order(system, at_the_door)["state"] == "confirmed"

    _comes_by_mail(guest, letterbox, prepaid, at_the_door)
    desk.press("w")
    expect(desk.page.locator("[data-reply-text]")).to_be_focused(timeout=MILLISECONDS)
    desk.page.keyboard.type("Good-bye!")
    desk.press("Alt+k")
    expect(guest.chat.locator("#standing")).to_contain_text("has ended", timeout=MILLISECONDS)
    assert guest.complaints == []


def _order(system: System, order: Order) -> dict[str, Any]:
    [row] = system.rows("SELECT payment_state, state FROM orders_order WHERE id = %(id)s", {"id": order.id})
    return row


def _show(desk: DeskPage, order: Order) -> None:
    """By keys to the menu, then the one with the number."""
    desk.press("Alt+p")
    desk.page.locator("[data-show-order]", has_text=order.number).click()
    expect(desk.page.locator("[data-shown-card]", has_text=order.number)).to_be_visible(timeout=MILLISECONDS)


def _pays(system: System, guest: Guest, order: Order) -> None:
    """In a tab of its own, at the company's page; the card in the chat follows by itself."""
    with guest.page.context.expect_page() as opened:
        guest.card(order).get_by_role("link", name="Pay now").click()
    pay = opened.value
    pay.locator("form[action$='/go'] button:not([name])").first.click()
    pay.wait_for_url(f"**:{system.port('gateway')}/pay/**")
    pay.click("button[value='4242424242424242']")
    pay.wait_for_url(f"{system.url()}/pay/**")
    pay.close()
    expect(guest.card(order)).to_contain_text("Paid", timeout=MILLISECONDS)
    expect(guest.card(order).get_by_role("link", name="Pay now")).to_have_count(0)


def _agrees(guest: Guest, order: Order) -> None:
    guest.card(order).get_by_role("button", name="Yes, this is right").click()
    expect(guest.card(order)).to_contain_text("You said yes to it", timeout=MILLISECONDS)
    expect(guest.card(order).get_by_role("button")).to_have_count(0)


def _comes_by_mail(guest: Guest, letterbox: Letterbox, *orders: Order) -> None:
    before = len([each for each in letterbox.received.mails if each.rcpt_tos == [ADDRESS]])
    guest.chat.get_by_role("button", name="Send it to me by e-mail").click()
    guest.chat.locator("#mail-to").fill(ADDRESS)
    guest.chat.locator("#mail-to").press("Enter")
    expect(guest.chat.locator("#banner")).to_contain_text(ADDRESS, timeout=MILLISECONDS)
    mail = letterbox.to(ADDRESS, before + 1)[-1]
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert mail["Subject"] == "Your chat with Harbor & Pine"
    said = ["Can I still pay for my lamp?", "You can, right here.", *(each.number for each in orders)]
    assert [text.index(each) for each in said] == sorted(text.index(each) for each in said)
    eventually(lambda: len(letterbox.to(ADDRESS, before + 1)) == before + 1, "once")
