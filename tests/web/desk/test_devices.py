"""Which microphone and loudspeaker the desk uses, in Chromium with the browser's own make-believe devices."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.system import eventually
from tests.web.desk.browser import Desk

pytestmark = [pytest.mark.journey]

CHOSEN = "JSON.parse(localStorage.getItem('callcart.devices'))"
HEARD = """() => {
  window.sinks = [];
  const before = HTMLMediaElement.prototype.setSinkId;
  HTMLMediaElement.prototype.setSinkId = function (id) { window.sinks.push(id); return before.call(this, id); };
}"""


def _opened(page: Page) -> Page:
    page.locator("#phone-state").click()
    expect(page.locator("#devices select[name=microphone] option")).not_to_have_count(1)
    return page


def _second(page: Page, what: str) -> str:
    select = page.locator(f"#devices select[name={what}]")
    options = select.locator("option")
    value = str(options.nth(options.count() - 1).get_attribute("value"))
    select.select_option(value)
    return value


def test_devices_are_chosen_and_kept_in_this_browser(agent: Desk) -> None:
    page = _opened(agent.open())
    expect(page.locator("#devices")).to_be_visible()
    page.evaluate(HEARD)
    expect(page.locator("#devices meter")).not_to_have_js_property("value", 0)  # he is heard
    microphone, ring = _second(page, "microphone"), _second(page, "ring")
    page.locator("#device-loudness").fill("80")
    assert page.evaluate(CHOSEN) == {"microphone": microphone, "ring": ring, "loudness": 80}
    eventually(lambda: ring in page.evaluate("window.sinks"), "it rings by the chosen one")
    page.reload()
    _opened(page)
    assert page.locator("#device-microphone").input_value() == microphone
    assert page.locator("#device-ring").input_value() == ring
    assert page.locator("#device-loudness").input_value() == "80"
    used = page.evaluate(
        """async () => {
          const url = document.querySelector("script[src*='desk/desk.js']").src.replace("desk/desk.js", "js/devices.js");
          const stream = await (await import(url)).openStream({});
          return stream.getAudioTracks()[0].getSettings().deviceId;
        }"""
    )
    assert used == microphone


def test_one_that_is_gone_is_done_without(agent: Desk) -> None:
    page = agent.open()
    page.evaluate(
        "localStorage.setItem('callcart.devices', JSON.stringify({microphone: 'gone', ring: 'gone', talk: 'gone'}))"
    )
    page.reload()
    _opened(page)
    assert page.locator("#device-ring").input_value() == ""
    expect(page.locator("#devices meter")).not_to_have_js_property("value", 0)  # he is heard
    for what in ("ring", "talk"):
        page.locator(f"[data-try={what}]").click()
    agent.press("Escape")
    expect(page.locator("#devices")).to_be_hidden()
