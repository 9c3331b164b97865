"""The account of a visitor's page rings, and calls nobody: not outside, not inside, not even the echo; and nothing else of SIP is open to it.
Whoever has stolen its password for the length of a call has a telephone that can only be rung."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from callcart.config import config
from callcart.contact.voice.engine import CallArrived, Softphone, SoftphoneFound, SoftphoneLost
from tests.integrations.asterisk.conftest import PASSWORD, Exchange
from tests.integrations.asterisk.test_account_only_rings import (
    INSIDE,
    OUTSIDE,
    _has_rung,
    channels,
    dial,
    other,  # noqa: F401  a fixture
    until_no_channel,
    until_rung,
    uri,
)
from tests.integrations.asterisk.wire import Dialog, Wire
from tests.journeys.agent import Account

pytestmark = pytest.mark.journey
NAME = "guest-of-a-chat"


@pytest.fixture
async def page(exchange: Exchange) -> AsyncIterator[Wire]:
    """Registered with a good password."""
    await exchange.engine.add_softphone(Softphone(NAME, PASSWORD, guest=True))
    made = Wire(Account(NAME, PASSWORD, config().sip_port))
    assert (await asyncio.to_thread(made.register)).status == 200
    await exchange.wait(SoftphoneFound, lambda found: found.username == NAME)
    yield made
    made.close()
    await exchange.engine.remove_softphone(NAME)


async def test_it_calls_nobody(exchange: Exchange, page: Wire, other: Wire) -> None:  # noqa: F811
    for number in (*OUTSIDE, *INSIDE, "*43", "700", NAME):
        assert (await asyncio.to_thread(page.invite, uri(number))).status == 404, number
    assert (await asyncio.to_thread(page.invite, "sip:0019005550100@sip.carrier.example")).status == 404
    await until_no_channel()
    assert exchange.count(CallArrived) == 0
    assert await asyncio.to_thread(_has_rung, other) is False


async def test_it_asks_for_nothing_else(page: Wire, other: Wire) -> None:  # noqa: F811
    asked = {
        "SUBSCRIBE": ("Event: presence", "Expires: 600"),
        "REFER": (f"Refer-To: <{uri('0019005550100')}>",),
        "MESSAGE": ("Content-Type: text/plain",),
        "PUBLISH": ("Event: presence", "Expires: 600"),
    }
    for method, headers in asked.items():
        answer = await asyncio.to_thread(
            lambda method=method, headers=headers: page.ask(
                method, uri("desk-of-another-shop"), headers=headers
            )
        )
        assert answer.status >= 400, method
    assert (await asyncio.to_thread(page.register, "desk-of-another-shop")).status >= 400
    assert await channels() == []
    assert await asyncio.to_thread(_has_rung, other) is False


async def test_it_is_rung_and_with_another_password_it_is_not_itself_any_more(
    exchange: Exchange, page: Wire
) -> None:
    channel = await dial(exchange, NAME)
    assert channel
    await until_rung(page)
    assert await exchange.engine.hang_up(channel)
    await exchange.engine.add_softphone(Softphone(NAME, "the-next-password", guest=True))
    assert (await asyncio.to_thread(page.register)).status >= 400
    assert await exchange.engine.remove_softphone(NAME)
    assert (await asyncio.to_thread(page.invite, uri("*43"), Dialog())).status >= 400
    assert not await dial(exchange, NAME, seconds=5)
    assert exchange.count(SoftphoneLost) <= 1
