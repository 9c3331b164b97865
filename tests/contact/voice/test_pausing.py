"""The recording is paused by the agent or by a payment, and goes on when nobody wants it paused any more."""

from __future__ import annotations

from callcart.contact.voice.fake import Hears
from callcart.contact.voice.states import CallState, Request
from tests.contact.voice.hall import Hall, settle


def steps(hall: Hall) -> list[str]:
    return [step for step, _data in hall.talk.steps if step.startswith("recording.")]


async def test_paused_and_resumed_while_they_talk(hall: Hall) -> None:
    caller, agent = await hall.talking()
    await hall.ask(Request.PAUSE_RECORDING, why="agent")
    await hall.ask(Request.PAUSE_RECORDING, why="agent")
    assert not hall.engine.legs[caller].recording
    assert hall.hears(caller) is hall.hears(hall.leg_of(agent)) is Hears.PEOPLE
    await hall.ask(Request.RESUME_RECORDING, why="agent")
    assert hall.engine.legs[caller].recording and hall.hears(caller) is Hears.PEOPLE
    assert steps(hall) == ["recording.paused", "recording.resumed"]


async def test_nobody_lifts_the_pause_of_a_payment_but_the_payment(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.PAUSE_RECORDING, why="payment")
    await hall.ask(Request.PAUSE_RECORDING, why="agent")
    await hall.ask(Request.RESUME_RECORDING, why="agent")
    assert not hall.engine.legs[caller].recording
    await hall.ask(Request.RESUME_RECORDING, why="payment")
    assert hall.engine.legs[caller].recording


async def test_on_hold_the_music_goes_on(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.HOLD)
    await hall.ask(Request.PAUSE_RECORDING, why="agent")
    assert (hall.hears(caller), hall.talk.row.state) == (Hears.MUSIC, CallState.HELD)
    await hall.ask(Request.UNHOLD)
    assert hall.hears(caller) is Hears.PEOPLE and not hall.engine.legs[caller].recording


async def test_our_process_dies_before_it_is_done(hall: Hall) -> None:
    caller, _agent = await hall.talking()
    await hall.ask(Request.PAUSE_RECORDING, why="payment")
    hall.engine.legs[caller].recording = True  # as if it had died between the two
    await hall.restart()
    assert not hall.engine.legs[caller].recording
    assert (hall.hears(caller), hall.talk.row.paused_for) == (Hears.PEOPLE, ("payment",))
    await hall.ask(Request.RESUME_RECORDING, why="payment")
    assert hall.engine.legs[caller].recording


async def test_a_pause_goes_with_the_call(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    await hall.ask(Request.PAUSE_RECORDING, why="agent")
    await hall.ask(Request.COMPLETE)
    assert not hall.engine.legs[caller].recording and hall.talk.row.paused_for == ("agent",)
    await hall.ask(Request.RESUME_RECORDING, why="agent")
    assert hall.engine.legs[caller].recording and hall.hears(caller) is Hears.PEOPLE
    assert first.state == "wrap_up" and second.state == "talking"


async def test_a_shop_that_records_nothing_pauses_nothing(hall: Hall) -> None:
    hall.records.recorded = False
    _caller, _agent = await hall.talking()
    await hall.ask(Request.PAUSE_RECORDING, why="agent")
    await settle()
    assert hall.talk.row.paused_for == () and steps(hall) == []
