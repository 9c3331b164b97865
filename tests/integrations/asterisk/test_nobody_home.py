"""A caller who comes while our application is away, as it is for a moment when the voice process is started again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from callcart.config import config
from callcart.contact.voice.engine import CallArrived, LegEnded
from callcart.core.secrets import secret
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.processes import asterisk as process
from tests.integrations.asterisk.conftest import PLAIN, SERVICE, Exchange
from tests.journeys.caller import Caller

DialIn = Callable[..., Caller]


async def test_he_is_ours_when_it_is_back(asterisk: process.Asterisk, dial_in: DialIn) -> None:
    caller = dial_in()
    await asyncio.sleep(2)  # the dial plan has found nobody at least once
    exchange = Exchange(
        AsteriskEngine(port=config().asterisk_http_port, password=secret("ari"), softphone=PLAIN)
    )
    try:
        arrived = await exchange.wait(CallArrived)
        assert (arrived.dialled, arrived.caller) == (SERVICE, "+12025550177")
        assert await exchange.engine.hang_up(arrived.channel)
        await exchange.wait(LegEnded)
        await asyncio.to_thread(caller.wait)
    finally:
        await exchange.close()


async def test_he_is_told_and_let_go_when_it_stays_away(asterisk: process.Asterisk, dial_in: DialIn) -> None:
    caller = dial_in()
    await asyncio.to_thread(caller.wait_answered)  # the apology is said on an answered call
    async with asyncio.timeout(40):
        while not caller.other_side_left():
            await asyncio.sleep(0.2)
    assert await asyncio.to_thread(caller.wait) == 0
