"""Asterisk is killed under an open desk in mid-call: the desk says so, nobody is offered anything, and all comes back by itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.desk_calls import DANIEL, MEI, calling, conversation, hears
from tests.journeys.desk_page import MILLISECONDS, PATIENCE, DeskPage, Heard
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.kill, pytest.mark.timeout(900)]


@contextmanager
def without_asterisk(system: System) -> Iterator[None]:
    """Killed, and whoever would start it again is held; afterwards it is started again as in life."""
    keeper = system.command_pid("asterisk")
    os.kill(keeper, signal.SIGSTOP)
    former = system.kill("asterisk")
    try:
        yield
    finally:
        os.kill(keeper, signal.SIGCONT)
    system.wait_back("asterisk", former)


def offers(system: System) -> list[dict[str, Any]]:
    return system.rows("SELECT id, state FROM routing_offer ORDER BY id")


def waiting_of(system: System, number: str) -> str:
    """The conversation of a number that waits in the queue."""
    query = (
        "SELECT id FROM conversations_conversation WHERE caller_e164 = %(n)s AND state = 'waiting'"
        " ORDER BY started_at DESC LIMIT 1"
    )
    return str(
        eventually(lambda: system.rows(query, {"n": number}), "the second one waits", timeout=PATIENCE)[0][
            "id"
        ]
    )


def test_asterisk_dies_under_a_talk_and_comes_back(system: System, desk: DeskPage) -> None:
    desk.get_ready()
    with calling(system, DANIEL), calling(system, MEI):
        desk.wait_ringing()
        desk.answer()
        talk = desk.conversation
        desk.wait_sound()
        other = waiting_of(system, MEI if desk.caller.startswith("Daniel") else DANIEL)
        made = offers(system)
        with without_asterisk(system):
            _says_that_it_is_down(desk)
            desk.wrap_up("1", "1", note="cut off")
            for each in (talk, other):
                ended = conversation(system, each)
                assert (ended["state"], ended["end_reason"]) == ("closed", "telephony_lost")
            desk.wait_state("ready")
            _no_call_is_on_the_screen(desk)
            assert [each["id"] for each in offers(system)] == [each["id"] for each in made]
        _says_that_all_is_well(desk)
    desk.wait_state("ready")
    assert [each["id"] for each in offers(system)] == [each["id"] for each in made]
    _the_next_call_is_answered(system, desk)


def _says_that_it_is_down(desk: DeskPage) -> None:
    """In its words, once, and not that the call goes on."""
    expect(desk.page.locator("[data-notice=voice]")).to_contain_text(
        "The telephones have failed", timeout=MILLISECONDS
    )
    desk.wait_phase("wrap_up")
    expect(desk.page.locator("#phone-state")).to_have_attribute("data-phone", "failed", timeout=MILLISECONDS)
    expect(desk.page.locator("[data-notice]")).to_have_count(1, timeout=MILLISECONDS)


def _no_call_is_on_the_screen(desk: DeskPage) -> None:
    expect(desk.page.locator("#strip [data-conversation-id]")).to_have_count(0, timeout=MILLISECONDS)
    expect(desk.page.locator("body.is-ringing")).to_have_count(0)


def _says_that_all_is_well(desk: DeskPage) -> None:
    expect(desk.page.locator("[data-notice=voice]")).to_have_count(0, timeout=2 * MILLISECONDS)
    desk.wait_registered()
    expect(desk.page.locator("[data-notice]")).to_have_count(0, timeout=MILLISECONDS)


def _the_next_call_is_answered(system: System, desk: DeskPage) -> None:
    with calling(system) as line:
        desk.wait_ringing()
        desk.answer()
        desk.wait_sound(since=Heard(0, 0, 0.0, 0.0))
        hears(line)
        talk = desk.conversation
        desk.press("F9")
        line.wait_until_ended(patience=PATIENCE)
    desk.wrap_up("1", "1", note="")
    assert conversation(system, talk)["end_reason"] == "completed"
