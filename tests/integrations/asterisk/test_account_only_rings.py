"""A softphone's account may ring and try its ears, nothing else: whoever has stolen one calls nobody, moves no call, watches nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from callcart.config import config
from callcart.contact.voice.engine import CallArrived, LegAnswered, Snapshot, Softphone, SoftphoneFound
from callcart.core.ids import new_id
from callcart.core.secrets import secret
from callcart.integrations.asterisk.ari import Ari, Place
from tests.integrations.asterisk.conftest import SERVICE, Exchange
from tests.integrations.asterisk.wire import Dialog, Wire
from tests.journeys.agent import Account

pytestmark = pytest.mark.journey
# Accounts are named alike whatever their shop: of Asterisk's side, another tenant's is another account.
OTHER, OTHER_PASSWORD = "desk-of-another-shop", "another-password"
OUTSIDE = ("0019005550100", "+442079460000", "911", SERVICE)
INSIDE = (OTHER, "demo-phone", "demo-trunk", "s", "h", "unrecorded")


@pytest.fixture
async def wire(exchange: Exchange, account: Account) -> AsyncIterator[Wire]:
    """Registered with a good password."""
    made = Wire(account)
    assert (await asyncio.to_thread(made.register)).status == 200
    yield made
    made.close()


@pytest.fixture
async def other(exchange: Exchange) -> AsyncIterator[Wire]:
    """The telephone of another shop, registered."""
    await exchange.engine.add_softphone(Softphone(OTHER, OTHER_PASSWORD))
    made = Wire(Account(OTHER, OTHER_PASSWORD, config().sip_port))
    assert (await asyncio.to_thread(made.register)).status == 200
    await exchange.wait(SoftphoneFound, lambda found: found.username == OTHER)
    yield made
    made.close()
    await exchange.engine.remove_softphone(OTHER)


def uri(name: str) -> str:
    return f"sip:{name}@127.0.0.1:{config().sip_port}"


async def channels() -> list[str]:
    """Every channel of Asterisk, ours or not."""
    ari = Ari(Place(config().asterisk_http_port, secret("ari")), "looking")
    found = [each["id"] for each in await ari.get("channels")]
    await ari.close()
    return found


async def until_no_channel() -> None:
    async with asyncio.timeout(10):
        while await channels():
            await asyncio.sleep(0.05)


async def test_it_may_try_its_ears(wire: Wire) -> None:
    """So that what is refused below is refused for what it is, and not for a password."""
    dialog = Dialog()
    assert (await asyncio.to_thread(wire.invite, uri("*43"), dialog)).status == 200
    assert len(await channels()) == 1
    assert (await asyncio.to_thread(lambda: wire.ask("BYE", uri("*43"), dialog=dialog))).status == 200
    await until_no_channel()


@pytest.mark.parametrize("number", [*OUTSIDE, *INSIDE])
async def test_it_calls_nobody(exchange: Exchange, wire: Wire, other: Wire, number: str) -> None:
    assert (await asyncio.to_thread(wire.invite, uri(number))).status == 404
    await until_no_channel()
    assert exchange.count(CallArrived) == 0
    assert await asyncio.to_thread(_has_rung, other) is False


def _has_rung(phone: Wire) -> bool:
    """Whether an INVITE has come to it by the time its next own request is answered."""
    phone.register()
    return any(each.startswith("INVITE") for each in phone.requests)


async def until_rung(phone: Wire) -> None:
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(_has_rung, phone):
            await asyncio.sleep(0.05)


async def dial(exchange: Exchange, name: str, *, seconds: int = 20) -> str:
    """Ring an account: the leg, or empty where it cannot be rung."""
    channel = f"agent-{new_id()}"
    conversation = "0190a0a0-0000-7000-8000-00000000c0de"
    rings = await exchange.engine.dial(
        channel, name, caller="", seconds=seconds, originator="", conversation=conversation
    )
    return channel if rings else ""


async def test_a_call_to_another_host_is_not_passed_on(exchange: Exchange, wire: Wire) -> None:
    answer = await asyncio.to_thread(wire.invite, "sip:0019005550100@sip.carrier.example")
    assert answer.status == 404
    await until_no_channel()
    assert exchange.count(CallArrived) == 0


@pytest.mark.parametrize("event", ["presence", "dialog", "message-summary", "refer"])
async def test_it_watches_nobody(wire: Wire, other: Wire, event: str) -> None:
    for name in (OTHER, wire.account.username):
        answer = await asyncio.to_thread(
            lambda name=name: wire.ask("SUBSCRIBE", uri(name), headers=(f"Event: {event}", "Expires: 600"))
        )
        assert answer.status >= 400
    assert await asyncio.to_thread(_has_been_notified, wire) is False


def _has_been_notified(phone: Wire) -> bool:
    phone.register()
    return any(each.startswith("NOTIFY") for each in phone.requests)


@pytest.mark.parametrize("method", ["REFER", "MESSAGE", "PUBLISH"])
async def test_without_a_call_it_asks_for_nothing(wire: Wire, other: Wire, method: str) -> None:
    headers = {
        "REFER": (f"Refer-To: <{uri('0019005550100')}>",),
        "MESSAGE": ("Content-Type: text/plain",),
        "PUBLISH": ("Event: presence", "Expires: 600"),
    }[method]
    answer = await asyncio.to_thread(lambda: wire.ask(method, uri(OTHER), headers=headers))
    assert answer.status >= 400
    assert await channels() == []
    assert await asyncio.to_thread(_has_rung, other) is False
    assert not [each for each in other.requests if each.startswith(method)]


@pytest.mark.parametrize("target", ["0019005550100", OTHER, SERVICE, "*43"])
async def test_it_moves_no_call(exchange: Exchange, wire: Wire, other: Wire, target: str) -> None:
    """REFER within a call it may have: refused, and the call is where it was."""
    dialog = Dialog()
    assert (await asyncio.to_thread(wire.invite, uri("*43"), dialog)).status == 200
    before = await channels()
    refer = (f"Refer-To: <{uri(target)}>",)
    answer = await asyncio.to_thread(lambda: wire.ask("REFER", uri("*43"), headers=refer, dialog=dialog))
    assert answer.status >= 400
    assert await channels() == before
    assert exchange.count(CallArrived) == 0
    assert await asyncio.to_thread(_has_rung, other) is False
    await asyncio.to_thread(lambda: wire.ask("BYE", uri("*43"), dialog=dialog))
    await until_no_channel()


async def test_it_takes_nobody_elses_calls(exchange: Exchange, wire: Wire, other: Wire) -> None:
    """To register as another account with one's own password is refused, and that account rings where it was."""
    assert (await asyncio.to_thread(wire.register, OTHER)).status >= 400
    channel = await dial(exchange, OTHER)
    assert channel
    await until_rung(other)
    assert await asyncio.to_thread(_has_rung, wire) is False
    assert exchange.count(LegAnswered) == 0
    await exchange.engine.hang_up(channel)
    async with asyncio.timeout(40):
        while await exchange.engine.snapshot() != Snapshot():
            await asyncio.sleep(0.1)
