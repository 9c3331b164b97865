"""The feed in a real browser, and the telephone's way to the real Asterisk."""

from __future__ import annotations

import json
import re
import socket

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.sync.client import connect

from tests.journeys.browser import open_context, sign_in
from tests.journeys.system import System, any_certificate, eventually

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

LISTEN = """() => {
  window.heard = []; window.feed = [];
  document.addEventListener("callcart:event", (event) => window.heard.push(event.detail.id));
  document.addEventListener("callcart:feed", (event) => window.feed.push(event.detail));
}"""


def emit(system: System, count: int = 1) -> list[int]:
    """Facts that no page reacts to; their ids."""
    return json.loads(
        system.python(
            "import json\n"
            "from callcart.core import events\n"
            "from callcart.core.tenancy import tenant_transaction\n"
            "from callcart.people.tenants.public import tenant_by_slug\n"
            "with tenant_transaction(tenant_by_slug('harbor').id):\n"
            f"    print(json.dumps([events.emit('journey.mark', data={{'n': n}}) for n in range({count})]))\n"
        )
    )


def opened(system: System, browser: Browser, who: str, path: str) -> tuple[BrowserContext, Page]:
    context = open_context(browser)
    page = context.new_page()
    sign_in(page, system.url(), f"{who}@harbor.example")
    with page.expect_response(lambda answer: "/feed" in answer.url and answer.status == 200):
        page.goto(f"{system.url()}{path}")
    page.evaluate(LISTEN)
    return context, page


def heard(page: Page, ids: list[int]) -> list[int]:
    """How the page heard these events: in which order, how often."""
    return [each for each in page.evaluate("window.heard") if each in ids]


@pytest.mark.kill
def test_a_page_hears_everything_once_through_a_killed_live_process(system: System, browser: Browser) -> None:
    context, page = opened(system, browser, "owner", "/office/orders")
    ids = emit(system)
    eventually(lambda: heard(page, ids) == ids, "the page hears an event", timeout=60)
    former = system.kill("live")
    ids += emit(system, 3)
    system.wait_back("live", former)
    ids += emit(system)
    eventually(lambda: len(heard(page, ids)) >= len(ids), "what happened meanwhile", timeout=60)
    assert heard(page, ids) == ids
    expect(page.locator("[data-banner=feed]")).to_have_count(0)
    context.close()


def test_a_revoked_session_is_said_on_the_page(system: System, browser: Browser) -> None:
    context, page = opened(system, browser, "fin", "/office/orders")
    system.python(
        "from callcart.core.tenancy import tenant_transaction\n"
        "from callcart.people.tenants.public import tenant_by_slug\n"
        "from callcart.people.staff.models import Staff\n"
        "from callcart.people.staff.sessions import revoke_all\n"
        "with tenant_transaction(tenant_by_slug('harbor').id):\n"
        "    revoke_all(Staff.objects.get(email='fin@harbor.example').id, because='revoked')\n"
    )
    banner = page.locator("[data-banner=signed-out]")
    expect(banner).to_be_visible(timeout=30_000)
    link = banner.locator("a")
    assert (link.get_attribute("href") or "").startswith("/login?next=%2Foffice%2Forders")
    context.close()


def test_a_page_with_a_token_too_old_is_told_to_begin_anew(system: System, browser: Browser) -> None:
    context, page = opened(system, browser, "owner", "/office/orders")
    page.add_init_script(
        "document.addEventListener('callcart:reset', () => document.documentElement.dataset.reset = 'yes')"
    )
    token = "9000000000:9000000000:"  # of another installation, or of long before a restore
    page.route(
        re.compile(r":\d+/feed(\?|$)"),
        lambda route: route.continue_(url=f"{system.live_url()}/feed?token={token}"),
        times=1,
    )
    page.reload()
    expect(page.locator("html[data-reset=yes]")).to_have_count(1, timeout=30_000)
    page.evaluate(LISTEN)
    ids = emit(system)
    eventually(lambda: heard(page, ids) == ids, "it goes on from there")
    context.close()


def test_the_telephone_reaches_asterisk_through_the_relay(system: System, browser: Browser) -> None:
    context = open_context(browser)
    page = context.new_page()
    sign_in(page, system.url(), "amy@harbor.example")
    cookie = next(each["value"] for each in context.cookies() if each["name"] == "staff")
    host = f"harbor.localhost:{system.port('live')}"
    with connect(
        f"wss://{host}/sip",
        sock=socket.create_connection(("127.0.0.1", system.port("live"))),
        ssl=any_certificate(),
        additional_headers={"Cookie": f"staff={cookie}"},
        origin=system.url(),
        subprotocols=["sip"],
        proxy=None,
    ) as telephone:
        telephone.send(
            "OPTIONS sip:callcart@127.0.0.1 SIP/2.0\r\n"
            "Via: SIP/2.0/WS journey.invalid;branch=z9hG4bK1;rport\r\nMax-Forwards: 70\r\n"
            "From: <sip:nobody@journey.invalid>;tag=1\r\nTo: <sip:callcart@127.0.0.1>\r\n"
            "Call-ID: journey-1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        )
        answer = str(telephone.recv(timeout=30))
    assert answer.startswith("SIP/2.0 "), answer
    assert "Call-ID: journey-1" in answer
    context.close()
