"""The engine and Asterisk lose and find each other: a new engine, a dead connection, a killed Asterisk."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

import pytest

from callcart.config import config
from callcart.contact.voice.engine import (
    CallArrived,
    EngineDown,
    EngineUnreachable,
    EngineUp,
    KeyPressed,
    LegEnded,
    Snapshot,
)
from callcart.core.secrets import secret
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.processes.asterisk import Asterisk
from tests.environment import free_ports
from tests.integrations.asterisk.conftest import PLAIN, Exchange
from tests.integrations.asterisk.test_caller_leg import answered
from tests.journeys.agent import Account, register
from tests.journeys.caller import Caller

pytestmark = pytest.mark.journey
DialIn = Callable[..., Caller]


async def test_a_fresh_engine_finds_the_calls_of_the_one_before(exchange: Exchange, dial_in: DialIn) -> None:
    talking, waiting = dial_in(number="+12025550171"), dial_in(number="anonymous")
    async with asyncio.timeout(15):
        while exchange.count(CallArrived) < 2:
            await asyncio.sleep(0.05)
    first = await exchange.wait(CallArrived, lambda came: came.caller == "+12025550171")
    hidden = await exchange.wait(CallArrived, lambda came: came.hidden)
    await exchange.engine.answer(first.channel)
    await asyncio.to_thread(talking.wait_answered)
    await exchange.engine.join("room", first.channel)
    await exchange.close()
    later = Exchange(
        AsteriskEngine(port=config().asterisk_http_port, password=secret("ari"), softphone=PLAIN)
    )
    assert await later.wait(EngineUp) == EngineUp(restarted=False)
    snapshot = await later.engine.snapshot()
    assert set(snapshot.legs) == {first.channel, hidden.channel}
    leg = snapshot.legs[first.channel]
    assert (leg.answered, leg.inbound, leg.dialled, leg.caller) == (
        True,
        True,
        "+12025550100",
        "+12025550171",
    )
    assert snapshot.legs[hidden.channel].hidden
    assert not snapshot.legs[hidden.channel].answered
    assert snapshot.bridges["room"] == {first.channel}
    # Its events follow, though it began after the calls.
    talking.press("5")
    assert (await later.wait(KeyPressed)).digit == "5"
    assert not talking.other_side_left()
    await asyncio.to_thread(talking.hang_up)
    assert (await later.wait(LegEnded)).channel == first.channel
    await later.engine.drop_bridge("room")
    await asyncio.to_thread(waiting.hang_up)
    await later.wait(LegEnded, lambda ended: ended.channel == hidden.channel)
    await later.close()


async def test_a_caller_waits_for_an_application_that_is_away(exchange: Exchange, dial_in: DialIn) -> None:
    await exchange.close()
    caller = dial_in()
    await asyncio.sleep(1)
    later = Exchange(AsteriskEngine(port=config().asterisk_http_port, password=secret("ari")))
    arrived = await later.wait(CallArrived)
    await asyncio.to_thread(caller.hang_up)
    assert (await later.wait(LegEnded)).channel == arrived.channel
    await later.close()


async def test_nobody_there_is_said_once_and_commands_say_it_too() -> None:
    exchange = Exchange(AsteriskEngine(port=free_ports(1)[0], password="of-nobody"))
    await exchange.wait(EngineDown)
    with pytest.raises(EngineUnreachable):
        await exchange.engine.snapshot()
    with pytest.raises(EngineUnreachable):
        await exchange.engine.answer("nobody")
    await asyncio.sleep(1)
    assert exchange.seen == [EngineDown(gone=True)]
    await exchange.close()


@pytest.mark.kill
async def test_a_killed_asterisk_is_noticed_and_its_successor_has_the_accounts(
    exchange: Exchange, account: Account, asterisk: Asterisk, dial_in: DialIn, tmp_path: object
) -> None:
    caller = dial_in()
    await answered(exchange, caller)
    assert asterisk.child is not None
    os.kill(asterisk.child.pid, signal.SIGKILL)
    assert await exchange.wait(EngineDown) == EngineDown(gone=True)
    with pytest.raises(EngineUnreachable):
        await exchange.engine.snapshot()
    await asyncio.to_thread(asterisk.stop)
    await asyncio.to_thread(asterisk.start)
    assert await exchange.wait(EngineUp, lambda up: up.restarted) == EngineUp(restarted=True)
    assert await exchange.engine.snapshot() == Snapshot()
    assert await asyncio.to_thread(register, tmp_path / "again", account, 5099) == 0  # type: ignore[operator]
    again = dial_in(number="+12025550188")
    arrived = await exchange.wait(CallArrived, lambda came: came.caller == "+12025550188")
    assert await exchange.engine.answer(arrived.channel)
    await asyncio.to_thread(again.wait_answered)


@pytest.mark.kill
async def test_a_stopped_asterisk_is_noticed_though_its_connections_stay(
    exchange: Exchange, asterisk: Asterisk
) -> None:
    """Stopped by a signal it neither closes nor answers; the heartbeat finds that out."""
    assert asterisk.child is not None
    os.kill(asterisk.child.pid, signal.SIGSTOP)
    try:
        assert await exchange.wait(EngineDown, timeout=40) == EngineDown(gone=False)
    finally:
        os.kill(asterisk.child.pid, signal.SIGCONT)
    up = await exchange.wait_new(EngineUp, timeout=40)
    assert not up.restarted
