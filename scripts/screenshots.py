"""Drive Chromium through every screen of a running system, in both languages, at 1440 and 390 px.

    make run            # in one terminal, then in another
    make screenshots

All pictures go to `build/screens`; those the README shows to `docs/pictures`. The English shop is Harbor & Pine, the
Chinese one 青禾优选. One real demo call is made for the desk's pictures of a call.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.journeys.browser import FLAGS, executable, sign_in  # noqa: E402

EVERYTHING = ROOT / "build" / "screens"
KEPT = ROOT / "docs" / "pictures"
WIDTHS = (1440, 390)
PASSWORD = "callcart-demo"  # noqa: S105  public on purpose, only in demo shops
SHOWN_IN_README = ("desk-call", "office-orders", "office-order", "office-customer", "shop-home", "desk-board")

OFFICE = {
    "orders": "/office/orders",
    "calls-outside": "/office/calls-outside",
    "customers": "/office/customers",
    "products": "/office/products",
    "stock": "/office/stock",
    "movements": "/office/stock/movements",
    "calls": "/office/calls",
    "queues": "/office/queues",
    "queue-new": "/office/queues/new",
    "numbers": "/office/numbers",
    "flows": "/office/flows",
    "prompts": "/office/prompts",
    "settings": "/office/settings",
    "staff": "/office/staff",
    "staff-new": "/office/staff/new",
    "roles": "/office/roles",
    "profile": "/profile",
}
# A list page, and the page of the first row behind its link.
FIRST = {
    "order": ("/office/orders", "/office/orders/"),
    "customer": ("/office/customers", "/office/customers/"),
    "product": ("/office/products", "/office/products/"),
    "call": ("/office/calls", "/office/calls/"),
    "queue": ("/office/queues", "/office/queues/"),
    "staff-member": ("/office/staff", "/office/staff/"),
    "role": ("/office/roles", "/office/roles/"),
    "prompt": ("/office/prompts", "/office/prompts/"),
}
SHOP = {
    "home": "/",
    "search": "/search?q=a",
    "cart": "/cart",
    "sign-in": "/sign-in",
    "track": "/track",
    "help": "/help",
}


@dataclass(frozen=True)
class Shop:
    slug: str
    language: str
    locale: str


SHOPS = (Shop("harbor", "en", "en-US"), Shop("qinghe", "zh", "zh-CN"))


def main() -> int:
    """The exit code: 1 where a page showed an error or was wider than the screen."""
    arguments = _arguments()
    EVERYTHING.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        for shop in SHOPS:
            for width in WIDTHS:
                camera = Camera(f"https://{shop.slug}.localhost:{arguments.port}", shop, width, wrong)
                if "shop" in arguments.faces:
                    camera.shop(browser)
                if "office" in arguments.faces:
                    camera.office(browser)
                if "desk" in arguments.faces:
                    camera.desk(browser)
        browser.close()
    _keep()
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{len(list(EVERYTHING.glob('*.png')))} pictures in {EVERYTHING.relative_to(ROOT)}")
    return 1 if wrong else 0


class Camera:
    """One shop at one width."""

    def __init__(self, base: str, shop: Shop, width: int, wrong: list[str]) -> None:
        self.base, self.shop_, self.width, self.wrong = base, shop, width, wrong

    def shop(self, browser: Browser) -> None:
        """The storefront as a visitor who puts one thing into the cart."""
        with self._page(browser) as page:
            for name, path in SHOP.items():
                self._visit(page, f"shop-{name}", path)
            page.goto(f"{self.base}/")
            product = page.locator('a[href^="/p/"]').first.get_attribute("href")
            self._visit(page, "shop-product", str(product))
            page.locator('form[action="/cart/add"] button').last.click()
            page.wait_for_load_state("load")
            self._visit(page, "shop-cart-full", "/cart")
            self._visit(page, "shop-checkout", "/checkout")

    def office(self, browser: Browser) -> None:
        """Every page of the office as the owner."""
        with self._page(browser) as page:
            page.goto(f"{self.base}/login")
            self._shot(page, "login")
            sign_in(page, self.base, f"owner@{self.shop_.slug}.example", PASSWORD)
            for name, path in OFFICE.items():
                self._visit(page, f"office-{name}", path)
            for name, (path, prefix) in FIRST.items():
                page.goto(f"{self.base}{path}")
                found = self._first(page, prefix)
                if found:
                    self._visit(page, f"office-{name}", found)

    def desk(self, browser: Browser) -> None:
        """The desk before, in and after a real call, and the supervisor's board meanwhile."""
        with self._page(browser) as page, self._page(browser) as boss:
            sign_in(page, self.base, f"amy@{self.shop_.slug}.example", PASSWORD)
            self._visit(page, "desk-idle", "/desk/")
            self._call(page)
            sign_in(boss, self.base, f"super@{self.shop_.slug}.example", PASSWORD)
            self._visit(boss, "desk-board", "/desk/board")
            self._hang_up(page)

    def _call(self, page: Page) -> None:
        page.locator("[data-phone=ready]").wait_for(timeout=30_000)
        page.keyboard.press("F6")
        page.evaluate(
            "fetch('/desk/demo', {method: 'POST', headers: {'Content-Type': 'application/json', "
            "'X-CSRFToken': document.querySelector('[name=csrfmiddlewaretoken]').value}, "
            "body: JSON.stringify({caller: 'known'})})"
        )
        page.locator("body.is-ringing").wait_for(timeout=90_000)
        self._shot(page, "desk-ringing")
        page.locator('#strip [data-call="answer"]').click()
        page.locator('#strip [data-call="mute"]').wait_for(timeout=30_000)
        page.wait_for_timeout(2500)
        self._shot(page, "desk-call")

    def _hang_up(self, page: Page) -> None:
        page.locator('#strip [data-call="hangup"]').click()
        page.wait_for_timeout(2500)
        self._shot(page, "desk-wrap-up")

    @contextmanager
    def _page(self, browser: Browser) -> Iterator[Page]:
        context: BrowserContext = browser.new_context(
            ignore_https_errors=True,
            locale=self.shop_.locale,
            viewport={"width": self.width, "height": 900 if self.width > 800 else 844},
            permissions=["microphone"],
        )
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        try:
            yield page
        finally:
            context.close()

    def _visit(self, page: Page, name: str, path: str) -> None:
        answer = page.goto(f"{self.base}{path}")
        if answer is not None and answer.status >= 400:
            self.wrong.append(f"{path}: {answer.status}")
        self._shot(page, name)

    def _shot(self, page: Page, name: str) -> None:
        page.wait_for_timeout(250)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            self.wrong.append(f"{page.url} at {self.width} px is {over} px too wide")
        page.screenshot(
            path=EVERYTHING / f"{name}-{self.shop_.language}-{self.width}.png",
            full_page=not name.startswith("desk") or self.width < 800,
        )

    def _first(self, page: Page, prefix: str) -> str | None:
        """The first link to a page of its own below `prefix`."""
        links = page.locator(f'main a[href^="{prefix}"]').evaluate_all(
            "all => all.map(a => a.getAttribute('href'))"
        )
        own = [
            link for link in links if re.fullmatch(rf"{re.escape(prefix)}([0-9a-f-]{{36}}|[a-z_.-]+)", link)
        ]
        return next((link for link in own if not link.endswith("/new") and "movements" not in link), None)


def _keep() -> None:
    """The README's pictures."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in SHOWN_IN_README:
        for language in ("en", "zh"):
            source = EVERYTHING / f"{name}-{language}-1440.png"
            if source.exists():
                shutil.copy(source, KEPT / source.name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8443, help="the web's port")
    parser.add_argument("faces", nargs="*", default=["shop", "office", "desk"], help="shop, office, desk")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrowserError as error:
        sys.exit(f"The browser could not: {error}\nIs the system running (make run)?")
