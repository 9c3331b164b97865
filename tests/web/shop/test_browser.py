"""The shop in a real Chromium on a phone: from the shelf to the order by touch, also without script; every page sound."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page

from callcart.core.ids import spoken
from tests.web import looking
from tests.web.looking import hear
from tests.web.serving import serving
from tests.web.shop.visitor import ADDRESSES, METHODS, Shop

pytestmark = pytest.mark.journey
LOCALES = {"harbor": "en-US", "qinghe": "zh-CN"}


@pytest.fixture(autouse=True)
def _closed(browser: Browser) -> Iterator[None]:
    """No page goes on asking the server after its test. The connections opened beside the browser's loop are known only
    there, so they are closed there."""
    yield
    for context in browser.contexts:
        context.close()
    connections.close_all()


@pytest.fixture
def port(shops: None) -> Iterator[int]:
    with serving() as found:
        yield found


def open_shop(
    browser: Browser, shop: Shop, *, width: int = 390, scheme: str = "light", script: bool = True
) -> tuple[BrowserContext, Page, list[str]]:
    context = browser.new_context(
        locale=LOCALES[shop.slug],
        viewport={"width": width, "height": 780},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=script,
    )
    page, complaints = context.new_page(), list[str]()
    hear(page, complaints)
    return context, page, complaints


def assert_sound(page: Page) -> None:
    """Nothing wider than the screen, and nothing at all axe objects to."""
    looking.assert_sound(page, impacts=None)


def fill_address(page: Page, slug: str) -> None:
    for name, text in ADDRESSES[slug].items():
        field = page.locator(f"main [name={name}]")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)


@pytest.mark.parametrize("slug", ["harbor", "qinghe"])
def test_from_the_shelf_to_the_order_and_back_to_it(
    harbor: Shop, qinghe: Shop, browser: Browser, port: int, slug: str
) -> None:
    shop = {"harbor": harbor, "qinghe": qinghe}[slug]
    sku = shop.goods(stock=9, price=2000)
    _context, page, complaints = open_shop(browser, shop)
    base = f"http://{slug}.localhost:{port}"
    page.goto(f"{base}/")
    page.fill("#q", sku)
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/**")
    page.click("[data-stepper] button:last-child")
    assert page.input_value("[name=quantity]") == "2"
    page.click(".buy .btn-main")
    page.wait_for_url("**/cart")
    page.click("[data-stepper] button:last-child")  # sent by itself after a moment
    page.locator(".count", has_text="3").wait_for()
    page.click('a[href="/checkout"]')
    fill_address(page, slug)
    page.click("main .paybar button")
    page.wait_for_selector("[data-totals]")
    before = page.inner_text(".total [data-show-total]")
    page.check("[name=delivery_method][value=express]")
    assert page.inner_text(".total [data-show-total]") != before, "the total follows the delivery"
    page.check(f"[name=delivery_method][value={METHODS[slug]}]")
    page.check("[name=payment_method][value=cod]")
    page.dblclick(".paybar button")
    page.wait_for_url("**/order/**")
    (order,) = shop.orders_of(sku)
    assert order.goods_minor == 6000
    assert shop.left(sku) == 6
    assert re.sub(r"\D", "", page.inner_text(".ordernumber")) == order.number
    assert complaints == []

    _other, stranger, _said = open_shop(browser, shop)
    stranger.goto(f"{base}/order/{order.number}")
    assert order.ship_street not in stranger.content()
    stranger.goto(f"{base}/track")
    stranger.fill("[name=number]", order.number)
    stranger.fill("[name=phone]", ADDRESSES[slug]["phone"])
    stranger.click("main form .btn-main")
    stranger.wait_for_url(f"**/order/{order.number}")
    assert order.ship_street in stranger.inner_text("main")


def test_the_same_without_script(harbor: Shop, browser: Browser, port: int) -> None:
    sku = harbor.goods(stock=9, price=2000)
    _context, page, _complaints = open_shop(browser, harbor, script=False)
    base = f"http://harbor.localhost:{port}"
    page.goto(f"{base}/p/{sku.lower()}")
    page.fill("[name=quantity]", "2")
    page.click(".buy .btn-main")
    page.fill("[name=quantity]", "3")
    page.click("[data-autosubmit] .btn")
    page.click('a[href="/checkout"]')
    for name, text in ADDRESSES["harbor"].items():
        if name == "province":
            page.select_option("[name=province]", text)
        else:
            page.fill(f"main [name={name}]", text)
    page.click("main .paybar button")
    page.check("[name=payment_method][value=cod]")
    page.click(".paybar button")
    page.wait_for_url("**/order/**")
    (order,) = harbor.orders_of(sku)
    assert (order.goods_minor, order.payment_method) == (6000, "cod")


def test_signing_in_by_code_on_the_way_to_the_checkout(harbor: Shop, browser: Browser, port: int) -> None:
    sku, phone = harbor.goods(), harbor.phone()
    _context, page, complaints = open_shop(browser, harbor)
    base = f"http://harbor.localhost:{port}"
    page.goto(f"{base}/p/{sku.lower()}")
    page.click(".buy .btn-main")
    page.click('a[href="/checkout"]')
    page.click('main a[href^="/sign-in"]')
    page.fill("[name=phone]", phone)
    page.click("main .btn-main")
    page.fill("[name=code]", re.sub(r"\D", "", page.inner_text(".code")))
    page.click("main form.stack .btn-main")
    page.wait_for_url("**/checkout")
    fill_address(page, "harbor")
    page.check("[name=save]")
    page.click("main .paybar button")
    page.check("[name=payment_method][value=cod]")
    page.click(".paybar button")
    page.wait_for_url("**/order/**")
    page.goto(f"{base}/account")
    (order,) = harbor.orders_of(sku)
    assert spoken(order.number) in page.inner_text("main")
    assert order.customer_id is not None
    assert complaints == []


def test_the_page_that_waits_for_the_money_shows_it_by_itself(
    harbor: Shop, browser: Browser, port: int
) -> None:
    from callcart.commerce.payments.public import pay_token

    visitor = harbor.visitor()
    order = visitor.order(harbor.goods(), payment_method="prepaid")
    with harbor.acting():
        token = pay_token(harbor.boss, order.id)
    _context, page, complaints = open_shop(browser, harbor)
    page.goto(f"http://harbor.localhost:{port}/pay/{token}/back")
    assert page.locator(".waiting").is_visible()
    harbor.report(order, paid=True)
    page.wait_for_selector("text=Paid, thank you")
    assert complaints == []


@pytest.mark.parametrize("slug", ["harbor", "qinghe"])
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark"), (360, "light")])
def test_every_page_fits_keeps_the_policy_and_is_accessible(
    harbor: Shop, qinghe: Shop, browser: Browser, port: int, slug: str, width: int, scheme: str
) -> None:
    shop = {"harbor": harbor, "qinghe": qinghe}[slug]
    visitor = shop.visitor()
    visitor.sign_in(shop.phone())
    visitor.post("/account/address", **ADDRESSES[slug])
    order = visitor.order(shop.goods())
    visitor.add(shop.goods(name="A thing with quite a long name, for a narrow screen"), 3)
    context, page, complaints = open_shop(browser, shop, width=width, scheme=scheme)
    base = f"http://{slug}.localhost:{port}"
    for path in ("/", "/shelf/kitchen", "/search?q=zzz", "/p/cast-iron-skillet", "/help", "/nowhere"):
        page.goto(base + path)
        assert_sound(page)
    for path in ("/cart", "/track", "/sign-in"):
        page.goto(base + path)
        assert_sound(page)
    context.add_cookies(
        [
            {"name": name, "value": visitor.client.cookies[name].value, "url": base}
            for name in ("customer", "cart")
        ]
    )
    for path in (
        "/cart",
        "/checkout",
        f"/order/{order.number}",
        "/account",
        "/account/details",
        "/account/address",
    ):
        page.goto(base + path)
        assert_sound(page)
    page.goto(base + "/checkout")
    page.click("main .paybar button")
    page.wait_for_selector("[data-totals]")
    assert_sound(page)
    assert complaints == []
