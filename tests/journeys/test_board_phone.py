"""A supervisor on a colleague's call from the live board, by the telephone of that page: who hears whom is told by tones, on all three
sides. Caller and agent have plain telephones, the supervisor a browser."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.journeys.board_page import BoardPage
from tests.journeys.caller import Telephone
from tests.journeys.phones import Lines
from tests.journeys.plain_agents import one_talk
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

CUSTOMER, AGENT, BOSS = 440, 880, 1250  # Hz


def hears(phone: Telephone, *tones: int, never: int = 0) -> None:
    """From now on these and nothing else of ours: half a second that begins after what was asked for was done."""
    phone.heard.forget()
    eventually(
        lambda: all(phone.heard.tone(each) > (0.25 if tones[1:] else 0.8) for each in tones),
        f"a telephone hears {tones}", timeout=30,
    )  # fmt: skip
    if never:
        assert phone.heard.tone(never) < 0.02


def test_listening_whispering_and_joining_from_the_board(
    system: System, browser: Browser, dial_in: Lines, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        agents, agent, customer, talk = one_talk(system, tmp_path / "agents", dial_in, stack)
        board = stack.enter_context(BoardPage(system, browser, hertz=BOSS))
        board.choose(agents.staff_ids[0])

        board.press("l", "listen")
        board.hears(CUSTOMER, AGENT)
        hears(customer, AGENT, never=BOSS)
        hears(agent, CUSTOMER, never=BOSS)

        board.press("w", "whisper")
        hears(agent, CUSTOMER, BOSS)
        hears(customer, AGENT, never=BOSS)

        board.press("b", "barge")
        hears(customer, AGENT, BOSS)
        hears(agent, CUSTOMER, BOSS)
        board.hears(CUSTOMER, AGENT)

        board.press("x", "")
        hears(customer, AGENT, never=BOSS)
        hears(agent, CUSTOMER, never=BOSS)
        assert not customer.other_side_left() and not agent.other_side_left()
        assert board.complaints == []
        customer.hang_up()
        eventually(agent.other_side_left, "the agent is let go")
    kept = system.rows(
        "SELECT mode, ended_at FROM voice_watching WHERE conversation_id = %(id)s ORDER BY started_at",
        {"id": talk},
    )
    assert [row["mode"] for row in kept] == ["listen", "whisper", "barge"]
    assert all(row["ended_at"] for row in kept)
