"""The base in a real Chromium: nothing breaks the policy, nothing overflows, keys and menus do what they say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright

from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.public import create_staff, ensure_default_roles
from callcart.people.tenants.public import tenant_by_slug
from callcart.web.accounts.sign_in import DEMO_PASSWORD
from tests.journeys.browser import executable

pytestmark = [pytest.mark.journey]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module", autouse=True)
def _beside_a_loop() -> Iterator[None]:
    """Playwright's sync interface keeps a loop in this thread; Django would refuse the database there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def address(fresh_db: str) -> Iterator[str]:
    for slug in ("harbor", "qinghe"):
        tenant = tenant_by_slug(slug)
        with tenant_transaction(tenant.id):
            roles = ensure_default_roles()
            for name, key in (("owner", "owner"), ("amy", "agent")):
                create_staff(
                    Actor.system(tenant.id),
                    email=f"{name}@{slug}.example",
                    name=f"{name.title()} Example",
                    password=DEMO_PASSWORD,
                    role_ids=[roles[key].id],
                )
    with make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://harbor.localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        yield browser
        browser.close()


def open_page(
    browser: Browser, *, width: int = 1440, language: str = "en", scheme: str = "light"
) -> tuple[Page, list[str]]:
    locale = "zh-CN" if language == "zh-hans" else "en-US"
    context = browser.new_context(
        viewport={"width": width, "height": 860}, locale=locale, color_scheme=scheme
    )
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _matters(message) else None)
    return page, complaints


def _matters(message) -> bool:
    return message.type in ("error", "warning") and "Failed to load resource" not in message.text


def sign_in(page: Page, address: str, name: str = "owner") -> None:
    page.goto(f"{address}/login?next=/profile")
    page.click(f'[data-sign-in-as="{name}@harbor.example"]')
    page.wait_for_url(lambda found: urlsplit(found).path == "/profile")  # "/login?next=/profile" ends alike


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "light"), (390, "dark")])
def test_pages_fit_keep_the_policy_and_are_accessible(address, browser, language, width, scheme):
    page, complaints = open_page(browser, width=width, language=language, scheme=scheme)
    for path in ("/login", "/nowhere-at-all", "/desk-nowhere"):
        page.goto(f"{address}{path}")
        assert_sound(page)
    sign_in(page, address)
    assert_sound(page)
    page.click(
        "text=去设置" if language == "zh-hans" and page.locator("text=去设置").count() else "text=Set up"
    )
    page.wait_for_selector(".qr")
    assert_sound(page)
    assert complaints == []


def assert_sound(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
    found = Axe().run(page).response["violations"]
    serious = [
        (each["id"], each["nodes"][0]["html"][:200])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == [], page.url


def test_keys_menus_and_theme(address, browser):
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.keyboard.press("?")
    assert page.locator("dialog[open] .shortcut-row").count() >= 1
    page.keyboard.press("Escape")
    page.fill("[name=old]", "?")
    assert page.locator("dialog[open]").count() == 0, "a key typed into a field belongs to the field"

    page.click("[popovertarget=person-menu]")
    assert page.locator("#person-menu").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#person-menu").is_visible()

    page.click("[data-theme-toggle]")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert complaints == []


def test_an_error_appears_at_its_field_and_typed_text_stays(address, browser):
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.fill("[name=old]", DEMO_PASSWORD)
    page.fill("[name=new]", "a quite long sentence")
    page.fill("[name=again]", "another one entirely")
    page.click("text=Change password")
    page.wait_for_selector('[data-error-for="again"]:not([hidden])')
    assert page.locator("[name=again]").get_attribute("aria-invalid") == "true"
    assert page.evaluate("document.activeElement.name") == "again"
    assert page.input_value("[name=new]") == "a quite long sentence"
    assert complaints == []


def test_a_toast_is_shown_after_the_redirect_once(address, browser):
    page, _ = open_page(browser)
    sign_in(page, address)
    page.fill("[name=old]", DEMO_PASSWORD)
    page.fill("[name=new]", "a quite long sentence")
    page.fill("[name=again]", "a quite long sentence")
    page.click("text=Change password")
    page.wait_for_selector(".toast-note")
    assert "Other browsers are signed out" in page.inner_text(".toast-note")
    page.reload()
    page.wait_for_load_state("networkidle")
    assert page.locator(".toast-note").count() == 0


def test_a_shortcut_of_a_screen_reader_is_refused(address, browser):
    page, _ = open_page(browser)
    page.goto(f"{address}/login")
    refused = page.evaluate(
        """async (base) => {
          const keys = await import(base);
          return ["ctrl+a", "insert", "capslock+a", "tab", "arrowdown", "ctrl+alt+n"].map((name) => {
            try { keys.shortcut(name, "x", () => {}); return false; } catch { return true; }
          });
        }""",
        page.get_attribute('script[src$="js/main.js"]', "src").replace("main.js", "keys.js"),
    )
    assert refused == [True] * 6
