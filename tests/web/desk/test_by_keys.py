"""The desk by keyboard alone, in Chromium without a telephone: an order from search to Place, wrap-up by digits, texts that survive."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from callcart.commerce.orders.models import Order
from callcart.contact.conversations import public as conversations
from callcart.core.ids import spoken
from callcart.web.assets import ROOT
from callcart.web.desk import keys
from tests.web.desk.browser import Desk
from tests.web.desk.stage import Stage

pytestmark = [pytest.mark.journey]

NEWCOMER = "+12025550998"  # becomes a customer


def _on_a_call(agent: Desk, number: str = "") -> Page:
    talk = agent.stage.talking(*([number] if number else []))
    page = agent.open()
    expect(page.locator(f"#strip [data-conversation-id='{talk}']")).to_be_visible()
    return page


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.name"))


def _add(agent: Desk, search: str, quantity: str) -> None:
    page = agent.page
    page.keyboard.type(search)
    expect(page.locator("#order-options [aria-selected=true]")).to_be_visible()
    agent.press("Enter")
    expect(page.locator("[data-quantity]:focus")).to_have_count(1)
    page.keyboard.type(quantity)


def _choose_a_new_address(agent: Desk) -> None:
    """Along the addresses with the arrow keys, to the last one."""
    page = agent.page
    for _each in range(20):
        agent.press("Tab")
        if page.evaluate("document.activeElement.name") == "address_id":
            break
    for _each in range(page.locator("[name=address_id]").count() - 1):
        agent.press("ArrowDown")
    expect(page.locator("#new-address")).to_be_visible()


def _orders(desk: Stage) -> int:
    with desk.transaction():
        return Order.objects.count()


def test_an_order_without_the_mouse(agent: Desk, desk: Stage) -> None:
    page, before, left = _on_a_call(agent), _orders(desk), desk.left("MB-M")
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()
    _add(agent, "mb-m", "2")
    agent.press("ArrowUp", "Enter")
    expect(page.locator("#order-search")).to_be_focused()
    _choose_a_new_address(agent)
    agent.press("Control+Enter")
    page.wait_for_selector("[data-error-for='address.street']:not([hidden])")
    assert _focused(page) == "ship-street", "the first mistake has the focus"
    for text in ("12 Ferry Landing", "Portland", "ME", "04101"):
        page.keyboard.type(text)
        agent.press("Enter")
    agent.press("Control+Enter")
    number = page.locator(".placed-number [data-copy]")
    expect(number).to_be_visible()
    shown = page.inner_text(".placed-number")
    assert re.fullmatch(r"[\d\s]+", shown)
    with desk.transaction():
        order = Order.objects.get(number=number.get_attribute("data-copy"))
        assert [(line.sku, line.quantity) for line in order.lines.all()] == [("MB-M", 3)]
    assert (_orders(desk), desk.left("MB-M")) == (before + 1, left - 3)
    agent.press("b")
    expect(page.locator("#person")).to_contain_text(spoken(order.number))


def test_a_double_press_places_once(agent: Desk, desk: Stage) -> None:
    desk.order()
    page, before = _on_a_call(agent), _orders(desk)
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()
    _add(agent, "LA01", "1")
    page.wait_for_timeout(600)
    page.evaluate(
        "for (const _ of [1, 2, 3]) document.querySelector('[data-place-button]').click()",
    )
    expect(page.locator(".placed-number")).to_be_visible()
    assert _orders(desk) == before + 1


def test_the_last_order_again_in_two_keys(agent: Desk, desk: Stage) -> None:
    earlier = desk.order(sku="CK08")
    page, before = _on_a_call(agent), _orders(desk)
    agent.press("r")
    expect(page.locator("[data-place-button]")).to_be_focused()
    agent.press("Enter")
    expect(page.locator(".placed-number")).to_be_visible()
    assert _orders(desk) == before + 1
    with desk.transaction():
        made = Order.objects.latest("placed_at")
        assert [line.sku for line in made.lines.all()] == [line.sku for line in earlier.lines.all()]


def test_sold_out_between_search_and_place_is_told_at_the_line(agent: Desk, desk: Stage) -> None:
    desk.order()
    page = _on_a_call(agent)
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()
    _add(agent, "DO-OT", "1")
    page.wait_for_timeout(600)
    left = desk.left("DO-OT")
    desk.order(sku="DO-OT", quantity=left)
    before = _orders(desk)
    agent.press("Control+Enter")
    problem = page.locator("[data-error-for='lines.0.quantity']")
    expect(problem).to_be_visible()
    expect(problem).to_contain_text("Sold out")
    assert _orders(desk) == before
    assert page.locator("[data-quantity]").input_value() == "1", "what was typed stays"


def test_an_unfinished_order_survives_a_closed_page(agent: Desk, desk: Stage) -> None:
    page = _on_a_call(agent)
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()
    _add(agent, "LA01", "4")
    page.close()
    agent.page = agent.new_page()
    page = agent.open()
    expect(page.locator("#tab-order")).to_be_visible()
    agent.press("o")
    expect(page.locator("[data-quantity]")).to_have_value("4")


def test_wrap_up_by_two_digits_and_the_next_call_may_come(agent: Desk, desk: Stage) -> None:
    talk = desk.wrapping()
    page = agent.open()
    expect(page.locator("[data-wrap]")).to_be_visible()
    agent.press("2")
    expect(page.locator("[data-level='2']:not([hidden]) [data-digit='1']")).to_be_visible()
    agent.press("1")
    expect(page.locator("#wrap-note")).to_be_focused()
    page.keyboard.type("It is on the van. 1 2 3")
    agent.press("Control+Enter")
    expect(page.locator("#strip [data-conversation-id]")).to_have_count(0)
    expect(page.locator("#state")).to_have_attribute("data-state", "ready")
    with desk.transaction():
        row = conversations.wrap_up_of(talk)
        assert row is not None
        assert row.disposition is not None
        assert (row.note, row.disposition.code) == ("It is on the van. 1 2 3", "delivery.status")


def test_without_the_second_digit_it_says_so(agent: Desk, desk: Stage) -> None:
    desk.wrapping()
    page = agent.open()
    expect(page.locator("[data-wrap]")).to_be_visible()
    agent.press("2", "Control+Enter")
    problem = page.locator("[data-error-for=disposition]")
    expect(problem).to_have_text("Choose the second level too.")
    agent.press("Backspace")
    expect(page.locator("[aria-pressed=true][data-choose]")).to_have_count(0)


def test_a_note_survives_a_page_closed_in_the_same_moment(agent: Desk, desk: Stage) -> None:
    desk.wrapping()
    page = agent.open()
    expect(page.locator("#wrap-note")).to_be_visible()
    agent.press("n")
    page.keyboard.type("half a sen")
    page.close()
    agent.page = agent.new_page()
    page = agent.open()
    expect(page.locator("#wrap-note")).to_have_value("half a sen")
    expect(page.locator("[data-saved]")).to_have_text("Saved")


def test_a_note_that_was_saved_is_there_in_another_browser(agent: Desk, desk: Stage, port: int) -> None:
    desk.wrapping()
    page, text = agent.open(), "长" * 9_999 + "!"
    page.fill("#wrap-note", text)
    expect(page.locator("[data-saved]")).to_have_text("Saved")
    other = Desk(desk, port, agent.context.browser)  # type: ignore[arg-type]
    expect(other.open().locator("#wrap-note")).to_have_value(text)
    other.context.close()


def test_without_a_network_nothing_typed_is_lost(agent: Desk, desk: Stage) -> None:
    talk = desk.wrapping()
    page = agent.open()
    expect(page.locator("#wrap-note")).to_be_visible()
    agent.context.set_offline(True)
    page.fill("#wrap-note", "written in the tunnel")
    expect(page.locator("[data-saved]")).to_contain_text("Not saved yet")
    agent.context.set_offline(False)
    expect(page.locator("[data-saved]")).to_have_text("Saved", timeout=20_000)
    with desk.transaction():
        row = conversations.wrap_up_of(talk)
        assert row is not None
        assert row.note == "written in the tunnel"


def test_a_new_caller_is_written_down_by_keys(agent: Desk, desk: Stage) -> None:
    page = _on_a_call(agent, NEWCOMER)
    agent.press("c")
    expect(page.locator("#new-name")).to_be_focused()
    page.keyboard.type("Nadia Newcomer")
    agent.press("Enter")
    expect(page.locator(".strip-name")).to_have_text("Nadia Newcomer")
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()


def test_looking_somebody_up_by_keys(agent: Desk) -> None:
    page = agent.open()
    agent.press("/")
    page.keyboard.type("whitfield")
    expect(page.locator("#look-up-results [data-customer]")).to_have_count(1)
    agent.press("Enter")
    expect(page.locator("[data-customer]:focus")).to_have_count(1)
    agent.press("Enter")
    expect(page.locator(".person-name")).to_have_text("Grace Whitfield")


def test_the_list_of_keys_is_whole_and_true(agent: Desk) -> None:
    page = agent.open()
    agent.press("?")
    rows = page.locator("dialog[open] .shortcut-row")
    expect(rows.first).to_be_visible()
    shown = rows.all_inner_texts()
    for each in keys.listed():
        assert any(each["label"] in row for row in shown), each
    agent.press("Escape")


def test_every_listed_key_is_taken_by_something() -> None:
    folder = ROOT.parent / "desk" / "jinja2"
    text = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.html"))
    text += "".join(path.read_text(encoding="utf-8") for path in (ROOT / "desk").glob("*.js"))
    for each in keys.listed():
        name = each["name"]
        if name in {"1…9", "escape"}:
            continue
        assert (
            f'data-key="{name}"' in text or f'"data-key": "{name}"' in text or f'shortcut("{name}"' in text
        ), name
