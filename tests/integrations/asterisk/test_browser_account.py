"""An account as browsers get it: over a WebSocket, with DTLS and ICE in the offer, lost when the page goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from callcart.config import config
from callcart.contact.voice.engine import (
    EngineUp,
    LegEnded,
    Softphone,
    SoftphoneFound,
    SoftphoneLost,
)
from callcart.core.ids import new_id
from callcart.core.secrets import secret
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.processes.asterisk import Asterisk
from tests.integrations.asterisk.conftest import PASSWORD, Exchange
from tests.journeys.browser_phone import BrowserPhone, open_page
from tests.journeys.system import eventually

pytestmark = pytest.mark.journey
NAME = "desk-of-a-browser"
CONVERSATION = "0190a0a0-0000-7000-8000-00000000beef"


@pytest.fixture
async def browsers(asterisk: Asterisk) -> AsyncIterator[Exchange]:
    """An engine that makes accounts as in real life."""
    made = Exchange(AsteriskEngine(port=config().asterisk_http_port, password=secret("ari")))
    await made.wait(EngineUp)
    await made.engine.add_softphone(Softphone(NAME, PASSWORD))
    try:
        yield made
        await made.engine.remove_softphone(NAME)
    finally:
        await made.close()


async def page(*, decline: bool = False) -> BrowserPhone:
    url = f"ws://127.0.0.1:{config().asterisk_http_port}/ws"
    return await asyncio.to_thread(open_page, url, NAME, PASSWORD, decline=decline)


async def dial(exchange: Exchange) -> str:
    channel = f"agent-{new_id()}"
    assert await exchange.engine.dial(
        channel, NAME, caller="Grace <+120****0123>", seconds=20, originator="", conversation=CONVERSATION
    )
    return channel


async def test_a_page_that_opens_is_found_and_one_that_goes_is_lost(browsers: Exchange) -> None:
    phone = await page()
    assert await browsers.wait(SoftphoneFound) == SoftphoneFound(NAME)
    await asyncio.to_thread(phone.vanish)
    assert await browsers.wait(SoftphoneLost) == SoftphoneLost(NAME)
    assert not await browsers.engine.dial(
        f"agent-{new_id()}", NAME, caller="", seconds=5, originator="", conversation=CONVERSATION
    )


async def test_the_offer_is_one_that_browsers_take(browsers: Exchange) -> None:
    phone = await page()
    channel = await dial(browsers)
    await asyncio.to_thread(eventually, lambda: phone.invites, "it rings")
    invite = phone.invites[0]
    assert invite.header("X-Callcart-Conversation") == CONVERSATION
    assert "+120****0123" in invite.header("From")
    for part in ("a=fingerprint:SHA-256", "a=ice-ufrag:", "a=rtcp-mux", "UDP/TLS/RTP/SAVPF 0 8"):
        assert part in invite.text
    assert await browsers.engine.hang_up(channel)
    await asyncio.to_thread(eventually, lambda: invite.cancelled, "it stops ringing")
    await asyncio.to_thread(phone.vanish)


async def test_the_newest_page_has_the_account(browsers: Exchange) -> None:
    older, newer = await page(), await page()
    channel = await dial(browsers)
    await asyncio.to_thread(eventually, lambda: newer.invites, "the newer page rings")
    assert older.invites == []
    await browsers.engine.hang_up(channel)
    # The older page goes for good, and the newer one is still rung.
    await asyncio.to_thread(older.vanish)
    await browsers.wait(LegEnded)
    assert browsers.count(SoftphoneLost) == 0
    newer.decline = True
    await dial(browsers)
    assert (await browsers.wait(LegEnded, lambda ended: ended.hung_up)).cause == 21
    await asyncio.to_thread(newer.vanish)


async def test_a_page_that_vanishes_while_it_rings_ends_the_leg(browsers: Exchange) -> None:
    phone = await page()
    channel = await dial(browsers)
    await asyncio.to_thread(eventually, lambda: phone.invites, "it rings")
    await asyncio.to_thread(phone.vanish)
    await browsers.wait(SoftphoneLost)
    await browsers.engine.hang_up(channel)
    assert (await browsers.wait(LegEnded)).channel == channel


async def test_an_account_made_again_after_its_engine_was_restarted_stays_registered(
    browsers: Exchange,
) -> None:
    phone = await page()
    await browsers.close()
    later = Exchange(AsteriskEngine(port=config().asterisk_http_port, password=secret("ari")))
    await later.wait(EngineUp)
    await later.engine.add_softphone(Softphone(NAME, PASSWORD))
    channel = await dial(later)
    await asyncio.to_thread(eventually, lambda: phone.invites, "it rings")
    await later.engine.hang_up(channel)
    await asyncio.to_thread(phone.vanish)
    assert await later.wait(SoftphoneLost) == SoftphoneLost(NAME)
    await later.close()
