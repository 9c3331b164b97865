"""What an agent sees round the placing of an order: no false alarm, a number that stays, errors that go, what is due now."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from callcart.contact.conversations.path import add_step
from callcart.core.ids import spoken
from tests.web.desk.browser import Desk
from tests.web.desk.stage import Stage

LATER = (
    "() => new Promise((done) => setTimeout(done, 900))"  # after every timer that the page has set till now
)


def _order_of(agent: Desk, sku: str) -> Page:
    """An order begun for whoever is with the agent, with a new address."""
    page = agent.open()
    expect(page.locator("#tab-order")).to_be_visible()
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()
    page.keyboard.type(sku)
    expect(page.locator("#order-options [aria-selected=true]")).to_be_visible()
    agent.press("Enter")
    expect(page.locator("[data-quantity]:focus")).to_have_count(1)
    page.locator("[name=address_id][value='']").check()
    expect(page.locator("#new-address")).to_be_visible()
    return page


def _fill(page: Page, *, postcode: str) -> None:
    for name, text in {"street": "12 Ferry Landing", "city": "Portland", "province": "ME"}.items():
        page.fill(f"#ship-{name}", text)
    page.fill("#ship-postcode", postcode)


@pytest.mark.journey
def test_placed_while_the_price_is_still_to_be_asked_nothing_is_said_to_be_lost(
    agent: Desk, desk: Stage
) -> None:
    desk.talking()
    page = _order_of(agent, "mb-m")
    _fill(page, postcode="04101")
    agent.press("Control+Enter")
    expect(page.locator(".placed-number")).to_be_visible()
    page.evaluate(LATER)
    expect(page.get_by_text("No connection", exact=False)).to_have_count(0)
    assert agent.complaints == []


@pytest.mark.journey
def test_placed_in_wrap_up_its_number_stays_to_be_read(agent: Desk, desk: Stage) -> None:
    talk = desk.wrapping()
    page = _order_of(agent, "mb-m")
    _fill(page, postcode="04101")
    with page.expect_response(lambda answer: answer.url.endswith(f"/desk/c/{talk}")):
        agent.press("Control+Enter")
        expect(page.locator(".placed-number")).to_be_visible()
    page.evaluate(LATER)
    expect(page.locator(".placed-number")).to_be_visible()


@pytest.mark.journey
def test_the_link_is_copied_and_keys_go_on_working(agent: Desk, desk: Stage) -> None:
    desk.talking()
    page = _order_of(agent, "mb-m")
    _fill(page, postcode="04101")
    agent.press("Control+Enter")
    expect(page.locator("#pay-link")).to_be_visible()
    agent.press("y")
    expect(page.get_by_text("Link copied", exact=False)).to_be_visible()
    agent.press("n")
    expect(page.locator("#wrap-note")).to_be_focused()


@pytest.mark.journey
def test_a_mended_field_loses_its_error(agent: Desk, desk: Stage) -> None:
    desk.talking()
    page = _order_of(agent, "mb-m")
    _fill(page, postcode="9")
    agent.press("Control+Enter")
    error = page.locator("[data-error-for='address.postcode']")
    expect(error).to_be_visible()
    page.fill("#ship-postcode", "04101")
    expect(error).to_be_hidden()
    expect(page.locator("#ship-postcode[aria-invalid]")).to_have_count(0)


@pytest.mark.journey
def test_an_order_for_somebody_looked_up_needs_no_call(agent: Desk, desk: Stage) -> None:
    page = agent.open()
    agent.press("/")
    page.keyboard.type("Grace Whit")
    expect(page.locator("#look-up-results [data-customer]")).to_have_count(1)
    agent.press("Enter")
    expect(page.locator("#look-up-results [data-customer]")).to_be_focused()
    agent.press("Enter")
    expect(page.locator("#person-region")).to_be_focused()
    agent.press("o")
    expect(page.locator("#order-search")).to_be_focused()
    expect(page.get_by_role("heading", name="New order for Grace Whitfield")).to_be_visible()


def test_a_held_call_says_so_and_for_how_long(desk: Stage) -> None:
    talk = desk.talking()
    assert "strip-held" not in desk.client().get(f"/desk/c/{talk}").content.decode()
    with desk.transaction():
        add_step(talk, "hold.started", staff_id=desk.staff["amy"].id)
    held = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert "strip-held" in held
    assert "on hold for" in held
    with desk.transaction():
        add_step(talk, "hold.ended", staff_id=desk.staff["amy"].id)
    assert "strip-held" not in desk.client().get(f"/desk/c/{talk}").content.decode()


def test_the_path_names_the_order_and_nobody_for_what_nobody_did(desk: Stage) -> None:
    talk, order = desk.talking(), desk.order()
    with desk.transaction():
        add_step(talk, "linked", data={"kind": "order", "id": str(order.id)})
        add_step(talk, "queue.widened")
        add_step(talk, "wrap_up.timed_out", staff_id=desk.staff["amy"].id)
    shown = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert f"Order {spoken(order.number)} taken" in shown
    assert "Waits for more agents now" in shown
    step = shown.partition("Wrap-up time ran out")[2].partition("</li>")[0]
    assert step and "Amy" not in step
    assert "Other:" not in shown


def test_an_empty_order_costs_nothing_to_send(desk: Stage) -> None:
    shown = desk.send("order/summary", _body(desk, lines=[])).content.decode()
    assert "$0.00" in shown.partition("totals-all")[2]


def test_instalments_say_what_is_due_now(desk: Stage) -> None:
    lines = [
        {"variant_id": str(desk.variant("SK12")), "quantity": "2"}
    ]  # 110.20 for gold customers, sent free
    shown = desk.send("order/summary", _body(desk, lines=lines)).content.decode()
    assert "To pay now" in shown
    assert "$36.74" in shown
    whole = desk.send("order/summary", {**_body(desk, lines=lines), "payment_method": "prepaid"})
    assert "To pay now" not in whole.content.decode()


def _body(desk: Stage, *, lines: list[dict[str, str]]) -> dict[str, object]:
    return {
        "customer_id": str(desk.customer()),
        "conversation_id": None,
        "lines": lines,
        "address_id": None,
        "address": {"country": "US", "province": "ME"},
        "delivery_method": "",
        "payment_method": "instalments",
        "instalments": 3,
        "note": "",
    }


@pytest.mark.journey
def test_on_a_phone_news_of_the_order_leaves_its_number_on_the_screen(agent: Desk, desk: Stage) -> None:
    with desk.transaction():
        customer = desk.customer()
    page = agent.open()
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[data-pane-to=person]").click()
    page.fill("#look-up-box", "Grace Whitfield")
    page.locator(f"[data-customer='{customer}']").click()
    expect(page.locator(f"[data-person='{customer}']")).to_be_visible()
    page.locator("[data-new-order]").click()
    expect(page.locator("#order-search")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith(f"/desk/customer/{customer}")):
        page.evaluate(
            "document.body.dispatchEvent(new CustomEvent('callcart:order.placed', {detail: {}, bubbles: true}))"
        )
    page.evaluate(LATER)
    expect(page.locator("#order-search")).to_be_visible()
