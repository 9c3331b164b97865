"""A chat on somebody else's page becomes a call, from both sides: real browsers with different tones for voices, a real exchange between
them. The chat goes on whatever becomes of the call."""

from __future__ import annotations

import http.server
import math
import struct
import threading
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.environment import free_ports
from tests.journeys.browser import chromiums, open_context
from tests.journeys.desk_calls import steps
from tests.journeys.desk_page import MILLISECONDS, DeskPage
from tests.journeys.system import System, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
AGENT_HZ, VISITOR_HZ = 600, 1500
ALLOW = """
from callcart.contact.messaging import public as messaging
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug("harbor")
with tenant_transaction(tenant.id):
    line = messaging.visitors.shop_chat()
    messaging.change_line(Actor.system(tenant.id, "test"), line.id, version=line.version, name=line.name, address=line.address,
        queue_id=line.queue_id, values={**line.values, "origins": origin, "calls": "on"})
    answer = str(line.id)
"""
# What is loudest in an element's sound within a tone and its pause, in hertz; 0: nothing is heard.
LISTEN = """async (element) => {
  if (!element.srcObject) return 0;
  const context = new AudioContext(), analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  analyser.smoothingTimeConstant = 0;
  context.createMediaStreamSource(element.srcObject).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  let loudest = -55, hertz = 0;
  for (let look = 0; look < 14; look++) {
    await new Promise((done) => setTimeout(done, 50));
    analyser.getFloatFrequencyData(bins);
    for (let bin = 10; bin < bins.length; bin++) if (bins[bin] > loudest) { loudest = bins[bin]; hertz = bin * context.sampleRate / analyser.fftSize; }
  }
  await context.close();
  return hertz;
}"""


def _voice(folder: Path, hertz: int) -> Path:
    """Short tones with pauses between: what is steady, browsers take for noise."""
    path, rate = folder / f"{hertz}.wav", 48000
    tone = [int(14000 * math.sin(2 * math.pi * hertz * index / rate)) for index in range(rate // 4)]
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(struct.pack(f"<{rate // 2}h", *tone, *([0] * (rate // 4))) * 4)
    return path


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browser, ...]]:
    """The agent's and the visitor's: a voice each."""
    folder = tmp_path_factory.mktemp("voices")
    with chromiums(_voice(folder, AGENT_HZ), _voice(folder, VISITOR_HZ)) as started:
        yield started


@pytest.fixture(scope="module")
def blog(system: System) -> Iterator[str]:
    """A page of somebody else, whom the shop allows to show its chat by one script line."""
    (port,) = free_ports(1)
    origin = f"http://127.0.0.1:{port}"
    line = system.shell.run(ALLOW, origin=origin)
    body = f'<!doctype html><html lang="en"><title>Blog</title><h1>Lamps</h1><script src="{system.url()}/chat/widget.js" data-chat="{line}" defer></script>'

    class Blog(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            return None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Blog)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield origin
    server.shutdown()


@dataclass
class Visitor:
    """Ann, on the blog."""

    page: Page
    chat: FrameLocator
    complaints: list[str]

    def hears(self) -> float:
        return float(self.chat.locator("#call-audio").evaluate(LISTEN))


@pytest.fixture
def visitor(blog: str, browsers: tuple[Browser, ...]) -> Visitor:
    return _visit(browsers[1], blog)


def _visit(browser: Browser, blog: str) -> Visitor:
    page = open_context(browser, width=1000, height=800).new_page()
    page.set_default_timeout(MILLISECONDS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(blog)
    page.get_by_role("button", name="Chat with us").click()
    return Visitor(page, page.frame_locator("iframe[title='Chat with us']"), complaints)


@pytest.fixture
def amy(system: System, browsers: tuple[Browser, ...]) -> Iterator[DeskPage]:
    with DeskPage(system, browsers[0]) as opened:
        yield opened
        opened.leave()
        assert opened.complaints == []


def _about(hertz: float, wanted: float) -> bool:
    return abs(hertz - wanted) < 40


def _both_hear(amy: DeskPage, visitor: Visitor) -> None:
    eventually(lambda: _about(visitor.hears(), AGENT_HZ), "the visitor hears the agent", timeout=30)
    eventually(
        lambda: _about(float(amy.page.locator("#remote-audio").evaluate(LISTEN)), VISITOR_HZ),
        "the agent hears the visitor", timeout=30,
    )  # fmt: skip


def _strip(amy: DeskPage, phase: str) -> str:
    """The chat is on the screen in this phase; its conversation."""
    found = amy.page.locator("#strip [data-written-id]")
    expect(found).to_have_attribute("data-phase", phase, timeout=MILLISECONDS)
    return found.get_attribute("data-written-id") or ""


def test_a_chat_becomes_a_call_and_goes_on(system: System, amy: DeskPage, visitor: Visitor) -> None:
    amy.get_ready()
    chat = visitor.chat
    chat.get_by_label("Your name").fill("Ann")
    chat.get_by_label("Your message").fill("Which lamp is brighter?")
    chat.get_by_label("Your message").press("Enter")
    expect(chat.locator("#call")).to_be_hidden()  # nobody has answered yet
    _strip(amy, "offered")
    amy.press("Alt+a")
    talk = _strip(amy, "active")

    _the_visitor_asks(system, amy, visitor, talk)
    amy.wrap_up("1", "1", note="Talked by the page")
    chat.get_by_label("Your message").fill("Thank you, that was clear")
    chat.get_by_label("Your message").press("Enter")
    amy.page.click(f"#inbox [data-conversation='{talk}']")
    expect(amy.page.locator("#talk")).to_contain_text("Thank you, that was clear", timeout=MILLISECONDS)

    _the_agent_invites(system, amy, visitor)
    amy.wrap_up("1", "1", note="")
    amy.page.click(f"#inbox [data-conversation='{talk}']")
    assert _strip(amy, "active") == talk
    assert visitor.complaints == []
    path = [
        "webcall.asked",
        "webcall.begun",
        "webcall.ended",
        "webcall.invited",
        "webcall.begun",
        "webcall.ended",
    ]
    eventually(
        lambda: [each for each in steps(system, talk) if each.startswith("webcall")] == path,
        "its path tells both calls",
    )
    system.shell.run(
        "from callcart.contact.routing import public as routing\n"
        "from callcart.people.tenants.public import tenant_by_slug\n"
        "routing.finish(talk, wrap_seconds=0, tenant_id=tenant_by_slug('harbor').id)",
        talk=talk,
    )


def _the_visitor_asks(system: System, amy: DeskPage, visitor: Visitor, talk: str) -> None:
    visitor.chat.get_by_role("button", name="Call", exact=True).click()
    expect(visitor.chat.locator("#call-words")).to_have_text("Asking for a call…", timeout=MILLISECONDS)
    expect(amy.page.locator("[data-web-call-state=asked]")).to_be_visible(timeout=MILLISECONDS)
    amy.press("Alt+m")
    amy.wait_phase("active")
    assert amy.caller == "Ann"
    expect(visitor.chat.locator("#call-words")).to_contain_text(
        "You are talking to Amy", timeout=MILLISECONDS
    )
    _both_hear(amy, visitor)
    [row] = system.rows(
        "SELECT c.state, c.direction, c.agent_id, a.load_voice, w.chat_id::text AS chat FROM conversations_conversation c"
        " JOIN routing_agent a ON a.staff_id = c.agent_id JOIN webcalls_webcall w ON w.call_id = c.id WHERE c.id = %(id)s",
        {"id": amy.conversation},
    )
    assert (row["state"], row["direction"], row["load_voice"], row["chat"]) == ("active", "outbound", 1, talk)

    amy.press("F8")
    eventually(lambda: visitor.hears() == 0, "the visitor hears nothing of a muted agent")
    amy.press("F8")
    visitor.chat.get_by_role("button", name="Microphone off").click()
    eventually(
        lambda: amy.page.locator("#remote-audio").evaluate(LISTEN) == 0, "nor the agent of a muted visitor"
    )
    visitor.chat.get_by_role("button", name="Hang up").click()
    amy.wait_phase("wrap_up")
    expect(visitor.chat.locator("#call-panel")).to_be_hidden(timeout=MILLISECONDS)
    [account] = system.rows(
        "SELECT removed_at FROM voice_guestaccount WHERE conversation_id = %(id)s", {"id": amy.conversation}
    )
    assert account["removed_at"] is not None


def _the_agent_invites(system: System, amy: DeskPage, visitor: Visitor) -> None:
    amy.wait_state("ready")
    amy.press("Escape", "Alt+m")
    expect(visitor.chat.locator("#call-words")).to_have_text(
        "Amy would like to talk to you.", timeout=MILLISECONDS
    )
    visitor.chat.get_by_role("button", name="Talk now").click()
    amy.wait_phase("active")
    _both_hear(amy, visitor)
    former, was_up = system.kill("voice"), system.said().count("exchange.up")
    system.wait_back("voice", former)
    eventually(lambda: system.said().count("exchange.up") > was_up, "its calls are taken up", timeout=60)
    amy.press("F4")
    expect(amy.page.locator("[data-call-state]")).to_have_text("On hold", timeout=MILLISECONDS)
    eventually(lambda: not _about(visitor.hears(), AGENT_HZ), "on hold the agent is not heard")
    amy.press("F4")
    _both_hear(amy, visitor)
    visitor.page.goto("about:blank")  # the page is closed
    amy.wait_phase("wrap_up")
