"""The desk's screens in every state: nothing wider than the window, nothing that keeps people out (axe), in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.web.desk.browser import Desk
from tests.web.desk.stage import STRANGER, Stage
from tests.web.looking import assert_sound

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]
LOOKS = [(1440, "en", "light"), (390, "en", "dark"), (390, "zh-hans", "light")]


@pytest.mark.parametrize(("width", "language", "scheme"), LOOKS)
def test_every_state_is_sound(
    desk: Stage, port: int, browser: Browser, width: int, language: str, scheme: str
) -> None:
    desk.order()
    agent = Desk(desk, port, browser, width=width, language=language, scheme=scheme)
    page = agent.open()
    assert_sound(page, "idle")
    for name, number in (
        ("ringing", ""),
        ("ringing", STRANGER),
        ("ringing", None),
        ("talking", None),
        ("wrapping", None),
    ):
        getattr(desk, name)(*([] if number is None else [number]))
        page = agent.open()
        expect(page.locator("#strip [data-conversation-id]")).to_be_visible()
        assert_sound(page, f"{name} {number}")
        if width < 900:
            page.click("[data-pane-to=person]")
            assert_sound(page, f"{name} {number}: the person")
            page.click("[data-pane-to=talk]")
        if name == "talking":
            agent.press("o")
            expect(page.locator("#order-search")).to_be_focused()
            page.keyboard.type("LA01")
            expect(page.locator("#order-options [aria-selected=true]")).to_be_visible()
            assert_sound(page, "search")
            agent.press("Enter")
            expect(page.locator("[data-quantity]")).to_be_visible()
            assert_sound(page, "order")
        desk.clear()
    agent.context.close()
    assert agent.complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_the_board_is_sound(desk: Stage, port: int, browser: Browser, width: int) -> None:
    desk.talking()
    desk.waiting(STRANGER)
    chief = Desk(desk, port, browser, width=width, login="super")
    page = chief.open("board")
    expect(page.locator("#board-waiting")).to_contain_text("1")
    assert_sound(page, "board")
    page.locator(f"[data-open-agent='{desk.staff['amy'].id}']").click()
    panel = page.locator("[data-agent-panel]")
    expect(panel).to_be_visible()
    assert_sound(page, "board with an agent")
    panel.locator("[data-force] summary").click()
    assert_sound(page, "board with a menu")
    panel.locator("[data-force] [data-state=paused]").last.click()
    expect(page.locator(".toast-note")).to_be_visible()
    chief.context.close()
    assert chief.complaints == []
