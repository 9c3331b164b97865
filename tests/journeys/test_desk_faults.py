"""What goes wrong at a desk in the middle of calls: reloads, crashes, a second tab, a session that ends, no microphone, callers
and agents who are away. The caller's telephone is real; so is what he hears."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from callcart.demo.caller import CallState
from tests.journeys.desk_calls import DANIEL, MEI, calling, conversation, hears, steps
from tests.journeys.desk_page import MILLISECONDS, PATIENCE, DeskPage, Heard
from tests.journeys.phones import ringing_shortly
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def test_a_reload_in_mid_call_loses_nothing(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system) as line:
        desk.wait_ringing()
        desk.answer()
        desk.wait_sound()
        desk.press("n")
        desk.page.keyboard.type("She wants the eight inch one")
        talk = desk.conversation
        desk.page.reload()
        desk.wait_registered()
        desk.wait_phase("active")
        desk.wait_sound()
        hears(line)
        assert desk.conversation == talk
        assert desk.page.input_value("#wrap-note") == "She wants the eight inch one"
        assert line.state is CallState.TALKING
        desk.press("Escape", "F9")
        line.wait_until_ended(patience=PATIENCE)
    path = steps(system, talk)
    assert "agent.rejoined" in path
    assert path.count("answered") == 1, path
    desk.wrap_up("1", "1", note="")


def test_a_page_that_crashes_is_followed_by_one_that_picks_up(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system) as line:
        desk.wait_ringing()
        desk.answer()
        desk.wait_sound()
        talk = desk.conversation
        desk.page.close()
        eventually(lambda: "agent.lost" in steps(system, talk), "the agent is missed", timeout=PATIENCE)
        hears(line, more=50)
        assert conversation(system, talk)["state"] == "active"
        desk.page = desk.new_page()
        desk.open()
        desk.wait_phase("active")
        desk.wait_sound()
        hears(line)
        desk.press("F9")
        line.wait_until_ended(patience=PATIENCE)
    desk.wrap_up("1", "1", note="")


def test_a_second_tab_says_so_and_takes_the_call_over(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system) as line:
        desk.wait_ringing()
        desk.answer()
        desk.wait_sound()
        first, desk.page = desk.page, desk.new_page()
        desk.page.goto(first.url)
        notice = desk.page.locator("[data-notice=tabs]")
        expect(notice).to_contain_text("open in another tab", timeout=MILLISECONDS)
        expect(desk.page.locator("[data-call=mute]")).to_be_disabled(timeout=MILLISECONDS)
        notice.get_by_role("button").click()
        desk.wait_registered()
        desk.wait_sound()
        hears(line)
        expect(first.locator("[data-notice=tabs]")).to_contain_text(
            "moved to another tab", timeout=MILLISECONDS
        )
        assert line.state is CallState.TALKING
        desk.press("F9")
        line.wait_until_ended(patience=PATIENCE)
        first.close()
    desk.wrap_up("1", "1", note="")


def test_the_caller_hangs_up_while_it_rings(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system) as line:
        desk.wait_ringing()
        talk = desk.conversation
        line.hang_up()
        expect(desk.page.locator("#strip [data-conversation-id]")).to_have_count(0, timeout=MILLISECONDS)
        expect(desk.page.locator("body.is-ringing")).to_have_count(0, timeout=MILLISECONDS)
    desk.wait_state("ready")
    assert conversation(system, talk)["end_reason"] == "abandoned"


def test_declined_the_caller_keeps_the_place(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system) as line:
        desk.wait_ringing()
        talk = desk.conversation
        desk.press("F10")
        desk.wait_state("paused")
        assert conversation(system, talk)["state"] == "waiting"
        hears(line, more=50)
        desk.get_ready_by_menu()
        desk.wait_ringing()
        assert desk.conversation == talk
        desk.answer()
        desk.wait_sound()
        desk.press("F9")
        line.wait_until_ended(patience=PATIENCE)
    desk.wrap_up("1", "1", note="")


def test_nobody_answers_in_time(system: System, desk: DeskPage) -> None:
    """RONA: the agent is paused and told, the caller waits on."""
    desk.get_ready()
    with ringing_shortly(system), calling(system):
        desk.wait_ringing()
        talk = desk.conversation
        desk.wait_state("paused")
        expect(desk.page.locator("[data-notice=rona]")).to_contain_text(
            "did not answer", timeout=MILLISECONDS
        )
        expect(desk.page.locator("body.is-ringing")).to_have_count(0, timeout=MILLISECONDS)
        assert conversation(system, talk)["state"] == "waiting"


def test_a_second_caller_waits_while_the_agent_talks(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system, DANIEL) as first:
        desk.wait_ringing()
        desk.answer()
        talk = desk.conversation
        with calling(system, MEI) as second:
            eventually(lambda: _state_of(system, MEI) == "waiting", "the second one waits", timeout=PATIENCE)
            before = desk.wait_sound()
            assert desk.conversation == talk
            desk.wait_sound(since=before)
            desk.press("F9")
            first.wait_until_ended(patience=PATIENCE)
            desk.wrap_up("1", "1", note="")
            desk.wait_ringing()
            assert desk.caller == "Mei Tanaka"
            desk.answer()
            desk.wait_sound(since=Heard(0, 0, 0.0, 0.0))
            hears(second)
            desk.press("F9")
            second.wait_until_ended(patience=PATIENCE)
    desk.wrap_up("1", "1", note="")


def _state_of(system: System, number: str) -> str:
    query = "SELECT state FROM conversations_conversation WHERE caller_e164 = %(n)s ORDER BY started_at DESC LIMIT 1"
    found = system.rows(query, {"n": number})
    return str(found[0]["state"]) if found else ""


def test_a_session_that_ends_in_mid_call(system: System, desk: DeskPage) -> None:
    """The call goes on; the agent signs in again in the same page, and nothing typed is lost."""
    desk.get_ready()
    with calling(system) as line:
        desk.wait_ringing()
        desk.answer()
        before = desk.wait_sound()
        talk = desk.conversation
        desk.context.clear_cookies(name="staff")
        desk.press("n")
        desk.page.keyboard.type("typed without a session")
        dialog = desk.page.locator("#sign-in-again")
        expect(dialog).to_be_visible(timeout=MILLISECONDS)
        desk.wait_sound(since=before)
        hears(line)
        assert conversation(system, talk)["state"] == "active"
        desk.page.keyboard.type("wrong")
        desk.press("Enter")
        expect(desk.page.locator("[data-sign-in-error]")).to_be_visible(timeout=MILLISECONDS)
        desk.page.keyboard.type("callcart-demo")
        desk.press("Enter")
        expect(dialog).not_to_be_visible(timeout=MILLISECONDS)
        assert desk.page.input_value("#wrap-note") == "typed without a session"
        eventually(
            lambda: system.rows(
                "SELECT 1 FROM conversations_wrapup WHERE conversation_id = %(id)s AND note = 'typed without a session'",
                {"id": talk},
            ),
            "the note is kept",
        )
        assert line.state is CallState.TALKING
        desk.press("Escape", "F9")
        line.wait_until_ended(patience=PATIENCE)
    desk.wrap_up("1", "1", note="")


@pytest.mark.parametrize(
    ("error", "kind"),
    [("NotAllowedError", "refused"), ("NotFoundError", "missing"), ("NotReadableError", "busy")],
)
def test_without_a_microphone_no_call_is_offered(desk: DeskPage, error: str, kind: str) -> None:
    desk.page.evaluate(
        "name => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', name)); }",
        error,
    )
    desk.press("F6")
    help = desk.page.locator("#microphone-help")
    expect(help).to_be_visible(timeout=MILLISECONDS)
    expect(help.locator(f"p[data-microphone={kind}]")).to_be_visible()
    desk.press("Escape")
    desk.wait_state("offline")


def test_the_voice_process_dies_and_the_talk_goes_on(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system) as line:
        desk.wait_ringing()
        desk.answer()
        before = desk.wait_sound()
        system.wait_back("voice", system.kill("voice"))
        desk.wait_sound(since=before)
        hears(line)
        eventually(lambda: _holds(desk), "the new process holds the call", timeout=2 * PATIENCE)
        hears(line, more=50)
        desk.press("F9")
        line.wait_until_ended(patience=PATIENCE)
    desk.wrap_up("1", "1", note="")


def _holds(desk: DeskPage) -> bool:
    """Whether the call is held. Asked for again where the page has taken it back: nobody had been there to do it."""
    if desk.page.get_attribute("[data-call=hold]", "aria-pressed") == "false":
        desk.press("F4")
    desk.page.wait_for_timeout(200)
    return "hold.started" in steps(desk.system, desk.conversation)
