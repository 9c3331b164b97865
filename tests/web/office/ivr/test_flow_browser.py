"""A flow changed by keys in a real Chromium, published and tried; its pages fit and keep nobody out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.engage.ivr.models import Flow, FlowVersion
from callcart.engage.ivr.public import change_block, ensure_main, open_draft
from callcart.people.staff.models import Staff
from callcart.people.tenants.public import tenant_by_slug
from tests.web.looking import assert_sound, open_page, sign_in

pytestmark = [pytest.mark.journey]


@pytest.fixture
def flow(address: str) -> tuple[str, Flow, int]:
    """The address, the main flow with a draft, and the shop's id."""
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    with tenant_transaction(tenant.id):
        made = ensure_main(Actor.system(tenant.id, "test"))
        open_draft(Actor.system(tenant.id, "test"), made.id)
    return address, made, tenant.id


def draft_in(flow: Flow) -> FlowVersion:
    return FlowVersion.objects.get(flow=flow, state="draft")


def draft(flow: Flow, tenant_id: int) -> FlowVersion:
    with tenant_transaction(tenant_id):
        return draft_in(flow)


def test_a_flow_is_changed_by_keys_published_and_tried(flow: tuple[str, Flow, int], browser: Browser) -> None:
    address, main, tenant_id = flow
    page, complaints = open_page(browser)
    sign_in(page, address)
    page.goto(f"{address}/office/flows/{main.id}?block=person")
    expect(page.locator("#box-person")).to_be_in_viewport()
    page.goto(f"{address}/office/flows/{main.id}")
    assert_sound(page)
    page.focus("#box-greeting")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.block") == "language"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.select_option("#key-greeting", "")
    page.fill("#en-greeting", "Hello from {shop}.")
    page.fill("#zh-greeting", "您好。")
    page.focus("#title-greeting")
    expect(page.locator("#box-greeting .flow-box-text")).to_contain_text("Hello from")
    page.select_option("#to-greeting-1", "new:say")
    expect(page.locator("#flow-panel h2")).to_have_text("Say something")
    expect(page.locator(".flow-findings")).to_contain_text("Write what is said here")
    assert_sound(page)
    page.click("#remove-block")
    expect(page.locator(".flow-findings")).to_have_count(0)
    assert draft(main, tenant_id).graph["blocks"]["greeting"]["words"]["texts"]["en"] == "Hello from {shop}."
    page.click("#box-greeting")
    expect(page.locator("#title-greeting")).to_be_visible()
    with tenant_transaction(tenant_id):
        boss = Actor.system(tenant_id, "another")
        change_block(boss, main.id, "menu", {"title": "Choices"}, revision=draft_in(main).revision)
    page.fill("#title-greeting", "Late")
    page.focus("#en-greeting")
    expect(page.locator(".alert-danger")).to_contain_text("Somebody else changed this draft")
    expect(page.locator("#box-menu")).to_contain_text("Choices")
    expect(page.locator("#title-greeting")).to_have_value("")
    page.click('[data-open="publish-flow"]')
    page.click('#publish-flow button[type="submit"]')
    expect(page.locator(".flow-bar")).to_contain_text("Heard by callers since")
    page.goto(f"{address}/office/flows/{main.id}/try")
    expect(page.locator(".flow-call")).to_contain_text("Hello from Harbor")
    page.keyboard.press("1")
    expect(page.locator(".flow-call")).to_contain_text("To hear where your last order is")
    page.keyboard.press(" ")
    expect(page.locator(".flow-line-end")).to_contain_text("The caller waits for a person.")
    assert_sound(page)
    assert complaints == []


@pytest.mark.parametrize(("width", "language"), [(390, "zh-hans")])
def test_pages_fit_and_are_accessible(
    flow: tuple[str, Flow, int], browser: Browser, width: int, language: str
) -> None:
    address, main, tenant_id = flow
    with tenant_transaction(tenant_id):
        Staff.objects.update(language=language)
    page, complaints = open_page(browser, width=width, language=language)
    sign_in(page, address)
    for path in (
        "",
        "/new",
        f"/{main.id}",
        f"/{main.id}?block=menu",
        f"/{main.id}/versions",
        f"/{main.id}/try",
    ):
        page.goto(f"{address}/office/flows{path}")
        assert_sound(page)
    assert complaints == []
