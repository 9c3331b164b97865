"""The desk in a real Chromium over the test's database: a small server of our own, pages that keep what went wrong in them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from callcart.web.middleware import SESSION_COOKIE
from tests.web.desk.stage import Stage
from tests.web.looking import hear


class Desk:
    """One agent's browser."""

    def __init__(self, stage: Stage, port: int, browser: Browser, **look: Any) -> None:
        self.stage, self.port = stage, port
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": look.get("width", 1440), "height": look.get("height", 900)},
            permissions=["microphone", "clipboard-read", "clipboard-write"],
            color_scheme=look.get("scheme", "light"),
        )
        self.login(look.get("login", "amy"), look.get("language", "en"))
        self.page = self.new_page()

    @property
    def url(self) -> str:
        return f"http://{self.stage.slug}.localhost:{self.port}"

    def login(self, login: str, language: str = "en") -> None:
        client = self.stage.client(login, language=language)
        self.context.add_cookies(
            [
                {
                    "name": SESSION_COOKIE,
                    "value": client.cookies[SESSION_COOKIE].value,
                    "domain": f"{self.stage.slug}.localhost",
                    "path": "/",
                }
            ]
        )

    def new_page(self) -> Page:
        page = self.context.new_page()
        hear(page, self.complaints, but="ERR_CONNECTION_REFUSED")  # there is no live process
        return page

    def open(self, path: str = "") -> Page:
        self.page.goto(f"{self.url}/desk/{path}")
        return self.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
