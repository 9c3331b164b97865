"""Waiting for a person: music, and every now and then the place and an honest guess of the wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice.inputs import Ring
from callcart.contact.voice.records import NoQueue
from callcart.contact.voice.states import CallState
from callcart.core.ids import read_id

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

FIRST_WORD = 2  # seconds of music before the first announcement
ANNOUNCE_SECONDS = 45
REFUSAL_PATIENCE = 30


async def enter(call: Call, language: str, queue: str = "") -> None:
    """Begin to wait, in the queue of this id where one is named; routing knows what to do where it is gone."""
    call.cancel("silence")
    await call.ear.music()
    wanted = read_id(queue) if queue else None
    try:
        offered = await call.records.enqueue(call.row, language, call.next_leg(), wanted)
    except NoQueue:
        await _refuse(call, language)
        return
    if offered is not None and offered.conversation_id == call.facts.conversation_id:
        await call.take(Ring(offered))
        return
    await call.keep(state=CallState.WAITING)
    call.timer("announce", FIRST_WORD)
    call.board.ring(offered)


async def wait(call: Call) -> None:
    """Go on waiting, without an agent in sight."""
    await call.keep(
        state=CallState.WAITING, agent_channel="", agent_staff_id=None, offer_id=None, lost_at=None
    )
    if call.row.is_owed:
        return  # nobody is on the line
    if not call.ear.playing:
        await call.ear.music()
    if not call.runs("announce"):
        call.timer("announce", ANNOUNCE_SECONDS)


async def announce(call: Call) -> None:
    """Say where the caller stands; the music goes on after it."""
    if call.state not in (CallState.WAITING, CallState.RINGING):
        return
    call.timer("announce", ANNOUNCE_SECONDS)
    if call.state is CallState.RINGING:
        return  # about to be answered
    place = await call.records.place(call.facts)
    if place is None:
        return
    language = call.facts.language
    words = call.flow.place_in_queue(language, place.position, place.seconds)
    if not await call.say(words):
        await call.ear.music()


async def _refuse(call: Call, language: str) -> None:
    """Nobody can take it: say so, then end."""
    if not await call.say(call.flow.refused(language)):
        await call.end(EndReason.REJECTED)
        return
    call.timer("refused", REFUSAL_PATIENCE)
