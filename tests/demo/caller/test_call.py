"""The caller's manners, against another side that misbehaves on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from callcart.demo.caller import Caller, CallFailed, CallState, sdp, sip
from callcart.demo.caller import call as timing
from tests.demo.caller.peer import Peer, peer


@asynccontextmanager
async def _talking(other: Peer) -> AsyncIterator[tuple[Caller, sip.Message]]:
    async with Caller("+12025550100", number="+12025550123", server=other.address) as call:
        dialling = asyncio.create_task(call.dial())
        invite = await other.next("INVITE")
        other.answer(invite, 200, body=other.sound())
        await dialling
        await other.next("ACK")
        yield call, invite
        if call.state is CallState.TALKING:
            hanging_up = asyncio.create_task(call.hang_up())
            other.answer(await other.next("BYE"), 200)
            await hanging_up


async def test_an_invite_is_sent_again_until_heard_of_and_not_after() -> None:
    async with peer() as other, Caller("+1", server=other.address) as call:
        dialling = asyncio.create_task(call.dial())
        first = await other.next("INVITE")
        assert sip.branch_of(await other.next("INVITE")) == sip.branch_of(first)
        other.answer(first, 100)
        assert await other.silence("INVITE", seconds=2.5)
        other.answer(first, 486)
        with pytest.raises(CallFailed):
            await dialling
        ack = await other.next("ACK")
        assert sip.branch_of(ack) == sip.branch_of(first) and sip.tag_of(ack.get("to")) == "theirs"


async def test_a_repeated_answer_is_acknowledged_again() -> None:
    async with peer() as other, _talking(other) as (call, invite):
        other.answer(invite, 200, body=other.sound())
        await other.next("ACK")
        assert call.state is CallState.TALKING


async def test_a_hold_is_agreed_to_and_stops_our_sound() -> None:
    async with peer() as other, _talking(other) as (call, invite):
        other.ask(invite, "INVITE", body=other.sound("sendonly"))
        held = await other.next("200")
        assert sdp.parse(held.body).direction == "recvonly"
        assert sip.tag_of(held.get("from")) == "theirs"
        sent = call.sound.sent
        other.media += 2
        other.ask(invite, "INVITE", number=2, body=other.sound())
        assert sdp.parse((await other.next("200")).body).direction == "sendrecv"
        async with asyncio.timeout(10):
            while call.sound.sent <= sent:
                await asyncio.sleep(0.02)


async def test_sound_we_cannot_take_is_refused_and_the_call_goes_on() -> None:
    async with peer() as other, _talking(other) as (call, invite):
        other.ask(invite, "INVITE", body=other.sound().replace("RTP/AVP 0 101", "RTP/AVP 9"))
        await other.next("488")
        assert call.state is CallState.TALKING


async def test_a_question_without_sound_is_answered() -> None:
    async with peer() as other, _talking(other) as (_, invite):
        other.ask(invite, "OPTIONS")
        await other.next("200")
        other.ask(invite, "REFER", number=2)
        await other.next("501")


async def test_the_other_side_hangs_up() -> None:
    async with peer() as other, _talking(other) as (call, invite):
        other.ask(invite, "BYE")
        await other.next("200")
        await call.wait_until_ended(patience=5)
        assert not call.ended_by_us
        other.ask(invite, "BYE")  # its answer was lost: asked again, answered again
        await other.next("200")


async def test_an_answer_that_crosses_our_cancel_is_hung_up_on() -> None:
    async with peer() as other, Caller("+1", server=other.address) as call:
        dialling = asyncio.create_task(call.dial())
        invite = await other.next("INVITE")
        other.answer(invite, 180)
        async with asyncio.timeout(10):
            while call.state is not CallState.RINGING:
                await asyncio.sleep(0.01)
        hanging_up = asyncio.create_task(call.hang_up())
        cancel = await other.next("CANCEL")
        other.answer(cancel, 200)
        other.answer(invite, 200, body=other.sound())
        await other.next("ACK")
        other.answer(await other.next("BYE"), 200)
        await hanging_up
        with pytest.raises(CallFailed):
            await dialling
        assert call.ended_by_us


async def test_a_call_nothing_is_heard_of_is_cancelled_once_something_is() -> None:
    async with peer() as other, Caller("+1", server=other.address) as call:
        dialling = asyncio.create_task(call.dial())
        invite = await other.next("INVITE")
        hanging_up = asyncio.create_task(call.hang_up())
        other.answer(await _after_first_word(other, invite), 200)
        other.answer(invite, 487)
        await hanging_up
        with pytest.raises(CallFailed) as failed:
            await dialling
        assert failed.value.status == 487


async def _after_first_word(other: Peer, invite: sip.Message) -> sip.Message:
    assert not [each for each in other.told if each.method == "CANCEL"]
    other.answer(invite, 100)
    return await other.next("CANCEL")


async def test_a_server_that_is_gone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "T1", 0.01)
    monkeypatch.setattr(timing, "NOBODY_AFTER", 0.1)
    async with peer(deaf=True) as other, Caller("+1", server=other.address) as call:
        with pytest.raises(CallFailed, match="does not answer"):
            await call.dial()
        assert len({sip.branch_of(each) for each in other.told}) == 1 and len(other.told) > 2


async def test_a_goodbye_to_nobody_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "GOODBYE_PATIENCE", 0.2)
    async with peer() as other, _talking(other) as (call, _):
        await call.hang_up()
        assert call.state is CallState.ENDED


async def test_noise_and_other_calls_do_no_harm() -> None:
    async with peer() as other, _talking(other) as (call, invite):
        stranger = sip.parse(invite.to_bytes())
        stranger.headers = [(k, "another@call" if k == "call-id" else v) for k, v in stranger.headers]
        other.ask(stranger, "BYE")
        assert other._transport is not None
        for noise in (b"", b"\r\n\r\n", b"noise", b"\xff\xfe", b"SIP/2.0 x\r\n\r\n"):
            other._transport.sendto(noise, other._caller)
        other.ask(invite, "OPTIONS", number=9)
        await other.next("200")
        assert call.state is CallState.TALKING
