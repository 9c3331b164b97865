"""Recorded calls whose voice process is killed in the middle; one ends while nobody is there, one goes on. What was spoken is kept
whole, on its own side each, from before the kill to after it, and plays."""

from __future__ import annotations

import base64
import io
import os
import signal
import time
import wave
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from callcart.demo.caller.sound import share_of_tone
from tests.journeys.agent import noted
from tests.journeys.browser import open_context, sign_in
from tests.journeys.caller import Telephone
from tests.journeys.phones import Lines
from tests.journeys.plain_agents import PlainAgents, seat
from tests.journeys.system import System, eventually
from tests.journeys.test_phone_faults import notes

pytestmark = [pytest.mark.journey, pytest.mark.kill, pytest.mark.timeout(900)]

CUSTOMER, AGENT, RATE = 440, 880, 8000
TALK = 1.5  # seconds of talk on either side of the kill
FETCHED = """async () => {
  const sound = await (await fetch(document.querySelector('audio').src)).blob(), reader = new FileReader();
  await new Promise((done) => { reader.onload = done; reader.readAsDataURL(sound); });
  return reader.result.split(',')[1];
}"""


@contextmanager
def without_voice(system: System) -> Iterator[None]:
    """Killed, and whoever would start it again is held; afterwards it is started again as in life."""
    os.kill(system.process.pid, signal.SIGSTOP)
    former = system.kill("voice")
    try:
        yield
    finally:
        os.kill(system.process.pid, signal.SIGCONT)
    system.wait_back("voice", former)


@dataclass(slots=True)
class Talk:
    """A caller and an agent who hear each other, since `began`; `spoken` seconds when the first of them left."""

    customer: Telephone
    agent: Telephone
    id: str
    began: float
    spoken: float = 0

    def leave(self) -> None:
        self.spoken = time.monotonic() - self.began
        self.customer.hang_up()


def test_what_was_spoken_is_kept(system: System, browser: Browser, dial_in: Lines, tmp_path: Path) -> None:
    with ExitStack() as stack:
        agents = seat(system, tmp_path / "agents", 2, stack)
        talks = _talking(agents, dial_in)
        time.sleep(TALK)
        place = len(system.said())
        with without_voice(system):
            for talk in talks:
                _hear_each_other(talk.customer, talk.agent)
            time.sleep(TALK)
            talks[0].leave()
        eventually(lambda: notes(system, "exchange.up", after=place), "the talk is adopted", timeout=60)
        talks[1].leave()
        rows = [_kept(system, talk.id) for talk in talks]
    # Who leaves while nobody is there to hear of it may have left, or may have been lost: it cannot be told.
    assert rows[0]["end_reason"] in ("completed", "telephony_lost")
    assert rows[1]["end_reason"] == "completed"
    for talk, sound in zip(
        talks, _fetched_and_played(system, browser, [row["id"] for row in rows]), strict=True
    ):
        _is_whole(talk, sound)


def _is_whole(talk: Talk, sound: bytes) -> None:
    """Nothing of the talk is missing on either side: every half second has its tone."""
    caller, agent = _sides(sound)
    assert len(caller) / RATE > talk.spoken - 0.5
    for half in range(1, int(2 * talk.spoken) - 2):
        assert _best(caller, half, CUSTOMER) > 0.8, f"the caller at {half / 2} s"
        assert _best(agent, half, AGENT) > 0.8, f"the agent at {half / 2} s"


def _best(side: array[int], half: int, hertz: int) -> float:
    """The purest tenth of a half second: a telephone of ours may stutter on a busy machine, and its tone be cut."""
    starts = range(half * RATE // 2, (half + 1) * RATE // 2, RATE // 10)
    return max(share_of_tone(side[at : at + RATE // 10], hertz) for at in starts)


def _talking(agents: PlainAgents, dial_in: Lines) -> list[Talk]:
    """The callers in the order of the agents they talk with."""
    customers = [dial_in(f"+1202555{4100 + index}") for index in range(len(agents.telephones))]
    for customer in customers:
        customer.press("10")
    agents.ready()
    found = []
    for agent in agents.telephones:
        agent.wait_answered(60)
        noted(agent, "call")
    for agent in agents.telephones:
        talk = noted(agent, "conversation")
        [row] = agents.system.rows(
            "SELECT caller_e164 FROM conversations_conversation WHERE id = %(id)s", {"id": talk}
        )
        customer = customers[int(row["caller_e164"][-1])]
        _hear_each_other(customer, agent)
        found.append(Talk(customer, agent, talk, time.monotonic()))
    return found


def _hear_each_other(customer: Telephone, agent: Telephone) -> None:
    for telephone, hertz in ((customer, AGENT), (agent, CUSTOMER)):
        telephone.heard.forget()
        eventually(lambda: telephone.heard.tone(hertz) > 0.8, f"{hertz} Hz is heard", timeout=30)  # noqa: B023


def _kept(system: System, talk: str) -> dict[str, Any]:
    """The one recording of the talk, once it has ended."""

    def look() -> list[dict[str, Any]]:
        return system.rows(
            "SELECT r.*, c.state AS talk_state, c.end_reason FROM conversations_recording r"
            " JOIN conversations_conversation c ON c.id = r.conversation_id WHERE c.id = %(id)s AND r.state = 'ready'",
            {"id": talk},
        )

    [row] = eventually(look, "the recording is kept", timeout=60)
    return row


def _fetched_and_played(system: System, browser: Browser, recording_ids: list[Any]) -> list[bytes]:
    """By whoever may hear them, on their pages: that each plays, and the whole sound as the page gets it."""
    context: BrowserContext = open_context(browser, microphone=False)
    try:
        page: Page = context.new_page()
        sign_in(page, system.url(), "owner@harbor.example")
        return [_played(page, f"{system.url()}/office/recordings/{each}") for each in recording_ids]
    finally:
        context.close()


def _played(page: Page, address: str) -> bytes:
    page.goto(address)
    page.locator("[data-play]").first.click()
    eventually(
        lambda: page.evaluate("document.querySelector('audio').currentTime") > 0.3, "the recording plays"
    )
    return base64.b64decode(page.evaluate(FETCHED))


def _sides(sound: bytes) -> tuple[array[int], array[int]]:
    """The caller's samples, the agent's."""
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        both = array("h", file.readframes(file.getnframes()))
    return both[0::2], both[1::2]
