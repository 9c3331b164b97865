"""The pages of prompts, greetings and opening hours in a real Chromium: they fit, keep the policy, and sound is played."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from callcart.contact.voice.speech.prompts import speak_to
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import add_service_number, tenant_by_slug
from tests.web.looking import assert_sound, open_page, sign_in

pytestmark = [pytest.mark.journey]


@pytest.fixture
def shop(address: str) -> str:
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    with tenant_transaction(tenant.id):
        add_service_number(
            Actor.system(tenant.id), "+12025550100", name="Customer service", name_zh="客服热线"
        )
    return address


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_fit_keep_the_policy_and_are_accessible(
    shop: str, browser: Browser, language: str, width: int
) -> None:
    page, complaints = open_page(browser, width=width, language=language)
    sign_in(page, shop)
    for path in ("prompts", "prompts/greeting", "prompts/closed", "numbers", "settings"):
        page.goto(f"{shop}/office/{path}")
        assert_sound(page)
    assert complaints == []


def test_a_recording_is_uploaded_and_heard(shop: str, browser: Browser, tmp_path: Path) -> None:
    page, complaints = open_page(browser)
    sign_in(page, shop)
    page.goto(f"{shop}/office/prompts/greeting")
    shipped = _length(page)
    speak_to(
        tmp_path / "own.wav", "Hello, and a very warm welcome to all of our customers, old and new.", "en"
    )
    page.set_input_files("#recording-en", tmp_path / "own.wav")
    page.click('form[action$="/en/recording"] button[type=submit]')
    page.wait_for_selector(".state-green")
    assert _length(page) > shipped + 0.5
    page.set_input_files("#recording-en", "/usr/bin/env")
    page.click('form[action$="/en/recording"] button[type=submit]')
    page.wait_for_selector("#recording-en-error:not([hidden])")
    assert "WAV" in page.inner_text("#recording-en-error")
    assert complaints == []


def _length(page: Page) -> float:
    """Seconds of the English sound, as the browser's own player reads it."""
    return float(
        page.evaluate(
            """() => new Promise((tell, fail) => {
              const audio = document.querySelector(".prompt-player");
              audio.onloadedmetadata = () => tell(audio.duration);
              audio.onerror = () => fail(new Error(audio.error.message));
              audio.load();
              audio.preload = "metadata";
            })"""
        )
    )


def test_a_greeting_is_added_by_keyboard(shop: str, browser: Browser) -> None:
    page, complaints = open_page(browser)
    sign_in(page, shop)
    page.goto(f"{shop}/office/prompts")
    page.focus('[data-open="new-greeting"]')
    page.keyboard.press("Enter")
    page.fill("dialog[open] [name=title]", "Winter sale")
    page.fill("dialog[open] [name=text_en]", "Our winter sale is on.")
    page.keyboard.press("Tab")
    page.focus("dialog[open] button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/prompts/greeting.*")
    page.goto(f"{shop}/office/numbers")
    page.select_option("select[name=greeting] >> nth=0", label="Winter sale")
    page.click("form[data-once] button[type=submit] >> nth=0")
    page.wait_for_selector(".toast-note")
    assert page.locator("select[name=greeting] >> nth=0").input_value().startswith("greeting.")
    assert complaints == []
