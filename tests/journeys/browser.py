"""Chromium with a fake microphone, for the desk and the shop. Only loopback is ever asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
]


def executable() -> str:
    """Debian's Chromium; raises where there is none."""
    for name in ("chromium", "chromium-browser"):
        found = shutil.which(name)
        if found:
            return found
    raise RuntimeError("Chromium is not installed: apt install chromium")


@contextmanager
def chromium(*, microphone: Path | None = None) -> Iterator[Browser]:
    """A browser whose microphone plays `microphone` (a WAV file), or beeps."""
    with chromiums(microphone) as (browser,):
        yield browser


@contextmanager
def chromiums(*microphones: Path | None) -> Iterator[tuple[Browser, ...]]:
    """A browser for each of these voices: a microphone belongs to a whole browser."""
    with _playing() as playwright:
        browsers = []
        try:
            for microphone in microphones:
                voice = [f"--use-file-for-fake-audio-capture={microphone}"] if microphone else []
                browsers.append(
                    playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, *voice])
                )
            yield tuple(browsers)
        finally:
            for browser in browsers:
                browser.close()


_shared: list[Playwright] = []  # the one that runs, once for each who uses it


@contextmanager
def _playing() -> Iterator[Playwright]:
    """Playwright runs once in a thread: whoever needs it while it runs has the one that does. The last one ends it."""
    playwright = _shared[0] if _shared else sync_playwright().start()
    _shared.append(playwright)
    try:
        yield playwright
    finally:
        _shared.pop()
        if not _shared:
            playwright.stop()


def open_context(
    browser: Browser,
    *,
    language: str = "en-US",
    width: int = 1440,
    height: int = 900,
    microphone: bool = True,
) -> BrowserContext:
    """A person's browser profile."""
    return browser.new_context(
        ignore_https_errors=True,
        locale=language,
        viewport={"width": width, "height": height},
        permissions=["microphone", "clipboard-read", "clipboard-write"] if microphone else [],
    )


def sign_in(page: Page, url: str, email: str, password: str = "callcart-demo") -> None:
    """Through the log-in page, as a person does."""
    page.goto(f"{url}/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
