"""The main job from end to end: a real call rings at a real browser, is talked, becomes an order, is wrapped up and heard again.

The caller is our own telephone with a tone for a voice; the agent's microphone is Chromium's, which beeps.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from callcart.demo.caller import Line
from tests.journeys.desk_calls import QUIET, calling, hears, steps
from tests.journeys.desk_page import MILLISECONDS, PATIENCE, DeskPage
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def test_a_call_becomes_an_order(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system) as line:
        desk.wait_ringing()
        assert desk.caller == "Daniel Okafor"
        desk.answer()
        talk = desk.conversation
        first = desk.wait_sound()
        hears(line)

        desk.press("F8")
        line.until(lambda now: now.loudness < QUIET, patience=PATIENCE)
        desk.press("F8")
        hears(line)

        _hold_and_back(desk, line)

        desk.press("k", "5", "Escape")
        line.until(lambda now: now.keys.endswith("5"), patience=PATIENCE)

        desk.start_order("skillet 8", quantity="2")
        desk.choose_new_address()
        desk.new_address(street="12 Ferry Landing", city="Portland", state="ME", postcode="04101")
        number = desk.place()
        assert desk.wait_sound(since=first).received > first.received, "nobody stopped talking meanwhile"
        desk.press("F9")
        line.wait_until_ended(patience=PATIENCE)
        desk.wrap_up("1", "1", note="Ordered two skillets.")
    desk.wait_state("ready")

    _order_is_there(system, number, talk)
    _recording_is_there(system, desk, talk)


def _hold_and_back(desk: DeskPage, line: Line) -> None:
    hold = desk.page.locator("[data-call=hold]")
    desk.press("F4")
    expect(hold).to_have_attribute("aria-pressed", "true", timeout=MILLISECONDS)
    expect(desk.page.locator("[data-call-state]")).to_have_text("On hold", timeout=MILLISECONDS)
    desk.press("F8")  # with the microphone off, what the caller hears is music
    hears(line, more=50)
    desk.press("F8", "F4")
    expect(hold).to_have_attribute("aria-pressed", "false", timeout=MILLISECONDS)
    desk.wait_sound(since=desk.sound())
    hears(line)


def _order_is_there(system: System, number: str, talk: str) -> None:
    [order] = system.rows("SELECT * FROM orders_order WHERE number = %(n)s AND tenant_id = 1", {"n": number})
    assert (order["channel"], order["agent_name"], str(order["conversation_id"])) == (
        "phone",
        "Amy Lindqvist",
        talk,
    )
    [held] = system.rows(
        "SELECT sum(quantity) AS units FROM inventory_reservation WHERE order_id = %(id)s AND state = 'held'",
        {"id": order["id"]},
    )
    assert held["units"] == 2
    path = steps(system, talk)
    for kind in ("opened", "key.pressed", "hold.started", "hold.ended", "linked", "wrap_up.sent"):
        assert kind in path, path
    timeline = system.python(
        "from callcart.core.tenancy import tenant_transaction as t\n"
        "from callcart.contact.conversations.public import timeline\n"
        "from callcart.core.actor import Actor\n"
        f"with t(1): print([(e.disposition, e.note, e.links) for e in timeline(Actor.system(1), '{order['customer_id']}') if str(e.id) == '{talk}'])"
    )
    assert "Ordered two skillets." in timeline
    assert str(order["id"]) in timeline


def _recording_is_there(system: System, desk: DeskPage, talk: str) -> None:
    def look() -> dict[str, object] | None:
        found = system.rows(
            "SELECT * FROM conversations_recording WHERE conversation_id = %(id)s AND state = 'ready'",
            {"id": talk},
        )
        return found[0] if found else None

    row = eventually(look, "the recording is kept", timeout=60)
    assert max(row["peaks"]) > 5, "somebody is heard in it"  # type: ignore[call-overload]
    page = desk.page
    page.click(f"#inbox [data-conversation='{talk}']")
    player = page.locator("[data-waveform]")
    expect(player).to_be_visible(timeout=MILLISECONDS)
    player.locator("canvas").click(position={"x": 40, "y": 20})
    eventually(
        lambda: page.evaluate("document.querySelector('[data-waveform] audio').currentTime") > 0.3,
        "the recording plays",
    )
