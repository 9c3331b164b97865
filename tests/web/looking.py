"""What a page in a real Chromium is held to: a quiet console, nothing wider than the screen, nothing that keeps people out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

GRAVE = frozenset({"serious", "critical"})


@contextmanager
def beside_a_loop() -> Iterator[None]:
    """Playwright's sync interface keeps a loop in this thread; Django would refuse the database there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


def open_page(
    browser: Browser, *, width: int = 1440, language: str = "en", scheme: Literal["light", "dark"] = "light"
) -> tuple[Page, list[str]]:
    """A page of a new visitor, and what it will complain of."""
    context = browser.new_context(
        viewport={"width": width, "height": 860},
        locale="zh-CN" if language == "zh-hans" else "en-US",
        color_scheme=scheme,
    )
    page, complaints = context.new_page(), list[str]()
    hear(page, complaints)
    return page, complaints


def sign_in(page: Page, address: str, name: str = "owner") -> None:
    """By the demo's button, to one's own profile."""
    page.goto(f"{address}/login?next=/profile")
    page.click(f'[data-sign-in-as="{name}@harbor.example"]')
    page.wait_for_url(lambda found: urlsplit(found).path == "/profile")  # "/login?next=/profile" ends alike


def hear(page: Page, complaints: list[str], *, but: str = "Failed to load resource") -> None:
    """Errors and warnings of the page go to `complaints`, but for answers of 400 and above, which pages show themselves,
    and messages with `but` in them."""

    def said(message: ConsoleMessage) -> None:
        awaited = "Failed to load resource" in message.text or but in message.text
        if message.type in ("error", "warning") and not awaited:
            complaints.append(message.text)

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", said)


def assert_sound(page: Page, what: str = "", *, impacts: Collection[str] | None = GRAVE) -> None:
    """Nothing wider than the screen, and no finding of axe of these impacts (None: of any)."""
    what = what or page.url
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, what
    found = [
        (each["id"], each["nodes"][0]["html"][:200])
        for each in Axe().run(page).response["violations"]
        if impacts is None or each["impact"] in impacts
    ]
    assert found == [], what
