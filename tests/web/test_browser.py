"""The base in a real Chromium: nothing breaks the policy, nothing overflows, keys and menus do what they say."""

from __future__ import annotations

import pytest

from callcart.web.accounts.sign_in import DEMO_PASSWORD
from tests.web.looking import assert_sound, open_page, sign_in

pytestmark = [pytest.mark.journey]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "light"), (390, "dark")])
def test_pages_fit_keep_the_policy_and_are_accessible(address, browser, language, width, scheme):
    page, complaints = open_page(browser, width=width, language=language, scheme=scheme)
    for path in ("/login", "/nowhere-at-all", "/desk-nowhere"):
        page.goto(f"{address}{path}")
        assert_sound(page)
    sign_in(page, address)
    assert_sound(page)
    page.click(
        "text=去设置" if language == "zh-hans" and page.locator("text=去设置").count() else "text=Set up"
    )
    page.wait_for_selector(".qr")
    assert_sound(page)
    assert complaints == []


def test_keys_menus_and_theme(address, browser):
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.keyboard.press("?")
    assert page.locator("dialog[open] .shortcut-row").count() >= 1
    page.keyboard.press("Escape")
    page.fill("[name=old]", "?")
    assert page.locator("dialog[open]").count() == 0, "a key typed into a field belongs to the field"

    page.click("[popovertarget=person-menu]")
    assert page.locator("#person-menu").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#person-menu").is_visible()

    # what the live feed says to whoever may see the board
    for limit, said in (
        ("prompt", "cannot be heard"),
        ("strangers", "Strangers"),
        ("hour", "refused by its limits"),
    ):
        page.evaluate(
            "(limit) => document.body.dispatchEvent(new CustomEvent('callcart:voice.alarm', {bubbles: true, detail: {data: {limit}}}))",
            limit,
        )
        assert said in page.locator("#toasts .toast-note").last.inner_text()

    page.click("[data-theme-toggle]")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert complaints == []


def test_an_error_appears_at_its_field_and_typed_text_stays(address, browser):
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.fill("[name=old]", DEMO_PASSWORD)
    page.fill("[name=new]", "a quite long sentence")
    page.fill("[name=again]", "another one entirely")
    page.click("text=Change password")
    page.wait_for_selector('[data-error-for="again"]:not([hidden])')
    assert page.locator("[name=again]").get_attribute("aria-invalid") == "true"
    assert page.evaluate("document.activeElement.name") == "again"
    assert page.input_value("[name=new]") == "a quite long sentence"
    assert complaints == []


def test_a_toast_is_shown_after_the_redirect_once(address, browser):
    page, _ = open_page(browser)
    sign_in(page, address)
    page.fill("[name=old]", DEMO_PASSWORD)
    page.fill("[name=new]", "a quite long sentence")
    page.fill("[name=again]", "a quite long sentence")
    page.click("text=Change password")
    page.wait_for_selector(".toast-note")
    assert "Other browsers are signed out" in page.inner_text(".toast-note")
    page.reload()
    page.wait_for_load_state("networkidle")
    assert page.locator(".toast-note").count() == 0


def test_a_shortcut_of_a_screen_reader_is_refused(address, browser):
    page, _ = open_page(browser)
    page.goto(f"{address}/login")
    refused = page.evaluate(
        """async (base) => {
          const keys = await import(base);
          return ["ctrl+a", "insert", "capslock+a", "tab", "arrowdown", "ctrl+alt+n"].map((name) => {
            try { keys.shortcut(name, "x", () => {}); return false; } catch { return true; }
          });
        }""",
        page.get_attribute('script[src$="js/main.js"]', "src").replace("main.js", "keys.js"),
    )
    assert refused == [True] * 6
