"""The desk in a real Chromium over the test's database: a small server of our own, pages that keep what went wrong in them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from callcart.web.middleware import SESSION_COOKIE
from tests.web.desk.stage import Stage


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[int]:
    """The application on a free port of this machine."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Quiet) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield int(server.server_port)
        finally:
            server.shutdown()


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
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        ours = "Failed to load resource" not in message.text and "ERR_CONNECTION_REFUSED" not in message.text
        if message.type in ("error", "warning") and ours:
            self.complaints.append(message.text)

    def open(self, path: str = "") -> Page:
        self.page.goto(f"{self.url}/desk/{path}")
        return self.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
