"""Packing and the waybill editor in a real browser, by keyboard alone; and the pages of both as they look on a desk and a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.models import Manifest, Packing, Template, Wave
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff
from callcart.people.tenants.public import Tenant
from tests.commerce.fulfilment.conftest import Dock, again, open_dock
from tests.commerce.shop import open_shop
from tests.web.looking import assert_sound, open_page, sign_in

pytestmark = [pytest.mark.journey]
SHOTS = os.environ.get("PICTURES_OF_PACKING", "")


def _look(page: Page, name: str) -> None:
    assert_sound(page)
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def _edit(page: Page, address: str, tenant: Tenant) -> None:
    """An element moved by the arrow keys is where it was moved to."""
    page.goto(f"{address}/office/waybills/templates/new")
    page.locator("[name=name]").fill("By keys")
    first = page.locator(".sheet-item").first
    first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowLeft", "Alt+ArrowLeft"):
        page.keyboard.press(key)
    expect(page.locator("[data-preview-picture]")).to_be_visible(timeout=15_000)
    _look(page, "template-1440")
    page.locator("form[data-template] button.btn-primary").press("Enter")
    expect(page.locator(".template-versions li")).to_have_count(1, timeout=20_000)
    with tenant_transaction(tenant.id):
        made = Template.objects.get()
        element = made.versions.get().elements[0]
        assert (element["x"], element["y"], element["w"]) == (6.9, 5, 54)


def _pack(page: Page, address: str, dock: Dock, tenant: Tenant) -> None:
    with tenant_transaction(tenant.id):
        found = dock.dispatch(("A", 2))
    page.goto(f"{address}/office/packing")
    page.keyboard.type(found.number)
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type("B")
    page.keyboard.press("Enter")
    expect(page.locator("#feedback")).to_contain_text("WRONG ITEM")
    expect(page.locator("body.alarm")).to_be_attached()
    _look(page, f"packing-wrong-{page.viewport_size['width']}")  # type: ignore[index]
    for _unit in range(2):
        page.keyboard.type("A")
        page.keyboard.press("Enter")
    expect(page.locator("[name=weight-1]")).to_be_focused()
    _look(page, f"packing-done-{page.viewport_size['width']}")  # type: ignore[index]
    page.keyboard.type("0.4")
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_focused()
    with tenant_transaction(tenant.id):
        assert again(found).state == "packed"


@pytest.mark.timeout(180)
def test_packing_and_the_editor_by_keyboard(address: str, browser: Browser) -> None:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        dock = open_dock(open_shop(tenant))
        documents = [dock.dispatch(("A", 2), ("B", 1)) for _ in range(3)]
        wave = fulfilment.make_wave(dock.clerk(), [each.id for each in documents[:2]])
        dock.packed(dock.clerk(), documents[2], "2*A", "B")
        place = dock.shop.warehouses["west"].id
        manifest = fulfilment.open_manifest(dock.clerk(), place, carrier="Swift")
    page, complaints = open_page(browser)
    sign_in(page, address)
    _edit(page, address, tenant)
    page.set_viewport_size({"width": 390, "height": 860})
    _pack(page, address, dock, tenant)
    pages = {
        "dispatches": "dispatches?state=all", "wave": f"rounds/{wave.id}", "waves": "rounds", "packing-table": "packing",
        "manifests": "handover", "manifest": f"handover/{manifest.id}", "put-back": "put-back", "waybills": "waybills",
        "templates": "waybills/templates", "template-new": "waybills/templates/new",
    }  # fmt: skip
    for language in ("en", "zh"):
        with tenant_transaction(tenant.id):
            Staff.objects.update(language=language)
        for width in (1440, 390) if SHOTS else (390,):
            page.set_viewport_size({"width": width, "height": 860})
            for name, where in pages.items():
                page.goto(f"{address}/office/{where}")
                _look(page, f"{name}-{language}-{width}")
    assert complaints == []
    with tenant_transaction(tenant.id):
        assert (Wave.objects.count(), Manifest.objects.count(), Packing.objects.count()) == (1, 1, 2)
    page.context.close()
