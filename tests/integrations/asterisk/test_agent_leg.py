"""Agents' legs: accounts, registration, ringing, answering, declining; the bridge between two people."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from callcart.config import config
from callcart.contact.voice.engine import (
    HangUp,
    LegAnswered,
    LegEnded,
    Refused,
    Softphone,
    SoftphoneFound,
    SoftphoneLost,
)
from callcart.contact.voice.waves import is_whole
from callcart.core.ids import new_id
from tests.integrations.asterisk.conftest import PASSWORD, Exchange
from tests.integrations.asterisk.test_caller_leg import answered, hears
from tests.journeys.agent import Account, Manner, noted, register, sit_down
from tests.journeys.caller import Caller, Telephone

pytestmark = pytest.mark.journey
DialIn = Callable[..., Caller]
CONVERSATION = "0190a0a0-0000-7000-8000-00000000c0de"


@pytest.fixture
async def desk(account: Account, tmp_path: Path) -> AsyncIterator[Callable[..., Telephone]]:
    """`desk(manner)`: the agent's telephone, registered."""
    made: list[Telephone] = []

    def make(manner: Manner = Manner.ANSWER) -> Telephone:
        made.append(sit_down(tmp_path / "agent", account, manner))
        return made[-1]

    yield make
    for each in made:
        await asyncio.to_thread(each.close)


async def ring(exchange: Exchange, account: Account, *, originator: str = "", seconds: int = 20) -> str:
    """A leg on its way to the agent."""
    channel = f"agent-{new_id()}"
    assert await exchange.engine.dial(
        channel, account.username, caller="+120****0177", seconds=seconds, originator=originator,
        conversation=CONVERSATION,
    )  # fmt: skip
    return channel


def recording_of(channel: str, side: str = "caller") -> Path:
    return config().home / "asterisk/spool/recording" / f"{channel}-{side}.wav"


def share_of(recording: Path, hertz: int) -> float:
    """The share (0-1) of a recording's energy that is this tone, in the half second before its last quarter."""
    samples = array("h", recording.read_bytes()[44:])[-6000:-2000]
    step = 2 * math.pi * hertz / 8000
    real = sum(each * math.cos(step * index) for index, each in enumerate(samples))
    imaginary = sum(each * math.sin(step * index) for index, each in enumerate(samples))
    energy = sum(each * each for each in samples) or 1
    return 2 * (real * real + imaginary * imaginary) / (len(samples) * energy)


def spoken(recording: Path) -> int:
    """Bytes of sound: the file begins with a head of 44."""
    return max(0, recording.stat().st_size - 44) if recording.exists() else 0


async def test_nobody_registered_is_not_rung(exchange: Exchange, account: Account) -> None:
    for username in (account.username, "desk-of-nobody"):
        assert not await exchange.engine.dial(
            f"agent-{new_id()}", username, caller="", seconds=5, originator="", conversation=CONVERSATION
        )


async def test_only_the_right_password_registers(
    exchange: Exchange, account: Account, tmp_path: Path
) -> None:
    wrong = Account(account.username, "guessed", account.sip_port)
    assert await asyncio.to_thread(register, tmp_path / "wrong", wrong, 5099) != 0
    assert await asyncio.to_thread(register, tmp_path / "right", account, 5099) == 0
    assert await exchange.wait(SoftphoneFound) == SoftphoneFound(account.username)
    assert await asyncio.to_thread(register, tmp_path / "away", account, 5099, expires=0) == 0
    assert await exchange.wait(SoftphoneLost) == SoftphoneLost(account.username)


async def test_a_removed_account_registers_no_more(
    exchange: Exchange, account: Account, tmp_path: Path
) -> None:
    assert await asyncio.to_thread(register, tmp_path / "first", account, 5099) == 0
    assert await exchange.engine.remove_softphone(account.username)
    assert not await exchange.engine.remove_softphone(account.username)
    assert await asyncio.to_thread(register, tmp_path / "second", account, 5099) != 0


async def test_an_account_made_again_keeps_its_registration(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone]
) -> None:
    phone = await asyncio.to_thread(desk)
    await exchange.engine.add_softphone(Softphone(account.username, PASSWORD))
    channel = await ring(exchange, account)
    await exchange.wait(LegAnswered)
    assert await exchange.engine.hang_up(channel)
    await asyncio.to_thread(phone.wait, 10)


async def test_the_desk_learns_the_conversation_and_what_it_may_show(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone]
) -> None:
    phone = await asyncio.to_thread(desk, Manner.RING_ON)
    channel = await ring(exchange, account)
    assert await asyncio.to_thread(noted, phone, "conversation") == CONVERSATION
    assert await asyncio.to_thread(noted, phone, "shown") == "+120****0177"
    await exchange.engine.hang_up(channel, HangUp.ANSWERED_ELSEWHERE)
    await asyncio.to_thread(noted, phone, "cancelled")
    assert (await exchange.wait(LegEnded)).hung_up is False


async def test_a_declined_leg_ends_with_its_cause(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone]
) -> None:
    await asyncio.to_thread(desk, Manner.DECLINE)
    channel = await ring(exchange, account)
    assert await exchange.wait(LegEnded) == LegEnded(channel, 21, hung_up=True)
    assert exchange.count(LegAnswered) == 0


async def test_a_leg_that_nobody_answers_ends_by_itself(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone]
) -> None:
    await asyncio.to_thread(desk, Manner.RING_ON)
    channel = await ring(exchange, account, seconds=2)
    ended = await exchange.wait(LegEnded)
    assert (ended.channel, ended.cause) == (channel, 19)


async def test_two_people_hear_each_other_and_hold_parts_them(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone], dial_in: DialIn
) -> None:
    caller, phone = dial_in(), await asyncio.to_thread(desk)
    customer = await answered(exchange, caller)
    agent = await ring(exchange, account, originator=customer)
    assert await exchange.wait(LegAnswered) == LegAnswered(agent)
    await asyncio.to_thread(phone.wait_answered)
    assert await exchange.engine.join("talk-1", customer, agent)
    await hears(caller, 880)
    await hears(phone, 440)
    before = await exchange.engine.packets_received(agent) or 0
    async with asyncio.timeout(10):
        while (await exchange.engine.packets_received(agent) or 0) < before + 25:
            await asyncio.sleep(0.1)
    assert await exchange.engine.leave("talk-1", customer)
    assert await exchange.engine.music(customer, on=True)
    await hears(caller, 300)
    assert await exchange.engine.music(customer, on=False)
    assert await exchange.engine.join("talk-1", customer)
    await hears(caller, 880)
    snapshot = await exchange.engine.snapshot()
    assert snapshot.bridges["talk-1"] == {customer, agent}
    assert (snapshot.legs[customer].inbound, snapshot.legs[agent].inbound) == (True, False)
    assert snapshot.legs[customer].dialled == "+12025550100"
    await asyncio.to_thread(noted, phone, "call")
    await asyncio.to_thread(phone.hang_up)
    assert await exchange.wait(LegEnded) == LegEnded(agent, 16, hung_up=True)
    assert await exchange.engine.drop_bridge("talk-1")
    assert not await exchange.engine.drop_bridge("talk-1")


async def test_a_leg_that_is_gone_joins_nothing(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone], dial_in: DialIn
) -> None:
    caller, _phone = dial_in(), await asyncio.to_thread(desk)
    customer = await answered(exchange, caller)
    agent = await ring(exchange, account)
    await exchange.wait(LegAnswered)
    await asyncio.to_thread(caller.hang_up)
    await exchange.wait(LegEnded)
    assert not await exchange.engine.join("talk-2", agent, customer)
    assert await exchange.engine.drop_bridge("talk-2")
    await exchange.engine.hang_up(agent)


async def test_a_leg_that_still_rings_cannot_join(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone]
) -> None:
    await asyncio.to_thread(desk, Manner.RING_ON)
    channel = await ring(exchange, account)
    with pytest.raises(Refused):
        await exchange.engine.join("talk-3", channel)
    await exchange.engine.hang_up(channel)


async def test_each_side_of_a_talk_is_recorded_by_itself_from_the_moment_it_is_bridged(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone], dial_in: DialIn
) -> None:
    caller, phone = dial_in(), await asyncio.to_thread(desk)
    customer = await answered(exchange, caller)
    sides = recording_of(customer), recording_of(customer, "agent")
    agent = await ring(exchange, account)
    await exchange.wait(LegAnswered)
    assert [spoken(side) for side in sides] == [0, 0]
    await exchange.engine.join("talk-4", customer, agent)
    await asyncio.to_thread(phone.wait_answered)
    await hears(caller, 880)
    await asyncio.sleep(1.2)
    await exchange.engine.hang_up(agent)
    await asyncio.to_thread(caller.hang_up)
    async with asyncio.timeout(10):
        while not all(spoken(side) >= 16_000 and is_whole(side) for side in sides):
            await asyncio.sleep(0.1)
    callers, agents = sides
    assert share_of(callers, 440) > 0.8 and share_of(callers, 880) < 0.05
    assert share_of(agents, 880) > 0.8 and share_of(agents, 440) < 0.05
    assert abs(spoken(callers) - spoken(agents)) < 1600, "both go in step"


async def test_a_recording_that_is_not_wanted_is_not_made(
    exchange: Exchange, account: Account, desk: Callable[..., Telephone], dial_in: DialIn
) -> None:
    caller, phone = dial_in(), await asyncio.to_thread(desk)
    customer = await answered(exchange, caller)
    assert await exchange.engine.stop_recording(customer)
    assert exchange.count(LegEnded) == 0
    agent = await ring(exchange, account)
    await exchange.wait(LegAnswered)
    assert await exchange.engine.join("talk-5", customer, agent)
    await asyncio.to_thread(phone.wait_answered)
    await hears(caller, 880)
    await exchange.engine.hang_up(agent)
    await asyncio.to_thread(caller.hang_up)
    await exchange.wait(LegEnded, lambda ended: ended.channel == customer)
    assert [spoken(recording_of(customer, side)) for side in ("caller", "agent")] == [0, 0]


async def test_a_caller_who_leaves_while_recording_is_ended(exchange: Exchange, dial_in: DialIn) -> None:
    caller = dial_in()
    customer = await answered(exchange, caller)
    stopped = asyncio.create_task(exchange.engine.stop_recording(customer))
    await asyncio.to_thread(caller.hang_up)
    await stopped
    assert (await exchange.wait(LegEnded)).channel == customer
    assert not await exchange.engine.stop_recording(customer)
    assert exchange.count(LegEnded) == 1
