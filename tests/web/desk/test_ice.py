"""The STUN and TURN servers of the configuration reach the telephone of the desk, and nobody but those who work on it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser
from pydantic import SecretStr

from callcart.config import Config, config
from callcart.web import ice
from callcart.web.desk import home
from tests.web.desk.browser import Desk
from tests.web.desk.stage import Stage

SERVERS: dict[str, Any] = {
    "ice_servers": ("stun:stun.example:3478", "turn:turn.example", "turns:turn.example:443?transport=tcp"),
    "turn_user": "callcart",
    "turn_credential": SecretStr("relay-word"),
}
SEEN = [
    {"urls": ["stun:stun.example:3478"]},
    {
        "urls": ["turn:turn.example", "turns:turn.example:443?transport=tcp"],
        "username": "callcart",
        "credential": "relay-word",
    },
]
# Takes the telephone's place and notes what it was made with: there is no exchange here to register with.
LISTENER = """
export const microphoneProblem = () => "missing";
export const openMicrophone = () => Promise.reject(new DOMException("", "NotFoundError"));
export class Softphone extends EventTarget {
  constructor({iceServers}) { super(); document.documentElement.dataset.ice = JSON.stringify(iceServers); new RTCPeerConnection({iceServers}).close(); }
  start() {}
  stop() {}
  expect() {}
  get registered() { return false; }
  get ringing() { return false; }
  get busy() { return false; }
}
"""


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Config:
    """A configuration with telephones and servers, as the desk sees it."""
    made = config().model_copy(update={**SERVERS, "telephony": "asterisk"})
    for module in (home, ice):
        monkeypatch.setattr(module, "config", lambda: made)
    return made


def test_none_by_default(desk: Stage) -> None:
    assert desk.client("amy").get("/desk/phone").json()["ice_servers"] == []


def test_the_telephone_is_told_and_no_cache_keeps_it(desk: Stage, configured: Config) -> None:
    answer = desk.client("amy").get("/desk/phone")
    assert answer.json()["ice_servers"] == SEEN
    assert "no-store" in answer["Cache-Control"]


def test_the_page_holds_no_password_of_the_relay(desk: Stage, configured: Config) -> None:
    assert "relay-word" not in desk.client("amy").get("/desk/").content.decode()


def test_the_page_holds_no_password_of_the_telephone(desk: Stage, configured: Config) -> None:
    client = desk.client("amy")
    password = client.get("/desk/phone").json()["password"]
    assert len(password) == 40
    assert password not in client.get("/desk/").content.decode()


def test_who_takes_no_calls_is_told_nothing(desk: Stage, configured: Config) -> None:
    refused = desk.client("ware").get("/desk/phone")
    assert (refused.status_code, b"relay-word" in refused.content) == (403, False)


@pytest.mark.journey
@pytest.mark.timeout(120)
def test_the_pages_telephone_is_made_with_them(
    desk: Stage, configured: Config, port: int, browser: Browser
) -> None:
    agent = Desk(desk, port, browser)
    agent.context.route(
        "**/js/softphone.js", lambda route: route.fulfill(content_type="text/javascript", body=LISTENER)
    )
    page = agent.open()
    found = page.locator("html[data-ice]")
    found.wait_for(state="attached")
    assert json.loads(found.get_attribute("data-ice") or "") == SEEN
    agent.context.close()
    assert agent.complaints == []
