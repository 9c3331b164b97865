"""An order half taken when wrap-up runs out, in Chromium: nothing rings into it, and what is typed stays."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from callcart.contact.routing.models import Agent
from callcart.core.clock import now
from tests.web.desk.browser import Desk
from tests.web.desk.stage import Stage


def test_an_order_half_taken_at_the_end_of_wrap_up_keeps_calls_away(agent: Desk, desk: Stage) -> None:
    desk.wrapping()
    page = agent.open()
    expect(page.locator("#wrap-note")).to_be_visible()
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()
    page.keyboard.type("lamp")
    with desk.transaction():
        Agent.objects.filter(staff_id=desk.staff["amy"].id).update(wrap_until=now() + timedelta(seconds=6))
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('callcart:recording.ready', {detail: {data: "
        "{conversation_id: document.querySelector('[data-conversation-id]').dataset.conversationId}}}))"
    )
    expect(page.locator("[data-notice=writing]")).to_contain_text("no call comes", timeout=20_000)
    expect(page.locator("#order-search")).to_have_value("lamp")
    assert desk.state().choice == "paused" and desk.state().reason == "still_writing"
    page.locator("[data-notice=writing] button").click()
    expect(page.locator("#state")).to_have_attribute("data-state", "ready")
    expect(page.locator("[data-notice=writing]")).to_have_count(0)
