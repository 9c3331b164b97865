"""Telephony is away: the desk says so in quiet lines, does not get ready, and everything else works."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from callcart.config import config
from callcart.web.desk import home
from tests.web.desk.browser import Desk
from tests.web.desk.stage import Stage

pytestmark = [pytest.mark.journey]
SLOW = 30_000


def test_it_is_said_quietly_and_the_desk_goes_on(
    agent: Desk, desk: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "config", config)  # with telephones, of which none answers
    desk.order()
    page = agent.open()
    expect(page.locator("[data-notice=voice]")).to_contain_text("Telephony is being restarted", timeout=SLOW)
    expect(page.locator("#phone-state")).to_have_attribute("data-phone", "failed", timeout=SLOW)
    agent.press("F6")
    expect(page.locator(".toast-note")).to_contain_text("not connected yet", timeout=SLOW)
    assert desk.state().state == "offline"
    agent.press("/")
    page.keyboard.type("whitfield")
    expect(page.locator("#look-up-results [data-customer]")).to_have_count(1)
    agent.press("Enter")
    expect(page.locator("[data-customer]:focus")).to_have_count(1)
    agent.press("Enter")
    expect(page.locator(".person-name")).to_have_text("Grace Whitfield")
    assert [each for each in agent.complaints if "WebSocket" not in each] == []
    agent.complaints.clear()
