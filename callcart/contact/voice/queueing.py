"""Waiting for a person: music, and every now and then the place and an honest guess of the wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcart.contact.conversations.public import EndReason
from callcart.contact.routing.public import Instead
from callcart.contact.voice import leaving, menu
from callcart.contact.voice.admitting import Admitted
from callcart.contact.voice.inputs import Ring
from callcart.contact.voice.records import NoQueue
from callcart.contact.voice.states import CallState
from callcart.core.errors import Conflict, NotFound
from callcart.core.ids import read_id

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

FIRST_WORD = 2  # seconds of music before the first announcement
ANNOUNCE_SECONDS = 45
REFUSAL_PATIENCE = 30


async def enter(call: Call, language: str, queue: str = "", *, always: bool = False) -> None:
    """Begin to wait, in the queue of this id where one is named; routing knows what to do where it is gone. A queue that cannot be waited
    in says what the caller hears instead."""
    call.cancel("silence")
    call.leaving = None
    await call.ear.music()
    wanted = read_id(queue) if queue else None
    way = await call.records.admit(call.facts, language, wanted, always=always)
    if not way.waits:
        await _instead(call, way)
        return
    try:
        offered = await call.records.enqueue(call.row, language, call.next_leg(), way.queue or wanted)
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
        call.timer(
            "announce", FIRST_WORD
        )  # where a process has died meanwhile, one may have waited too long already


async def announce(call: Call) -> None:
    """Say where the caller stands; the music goes on after it."""
    if call.state not in (CallState.WAITING, CallState.RINGING):
        return
    call.timer("announce", ANNOUNCE_SECONDS)
    if call.state is CallState.RINGING:
        return  # about to be answered
    if leaving.is_leaving(call):
        return
    place = await call.records.place(call.facts)
    if place is None:
        return
    if not place.way.waits:
        await _overflow(call, place.way)
        return
    if place.left is not None:
        call.timer("announce", max(1.0, min(ANNOUNCE_SECONDS, place.left)))
    language = call.facts.language
    words = [*call.flow.place_in_queue(language, place.position, place.seconds)]
    if await leaving.may_leave(call):
        words += call.flow.callback_offer(language)
    if not await call.say(words):
        await call.ear.music()


async def _overflow(call: Call, way: Admitted) -> None:
    """The queue does not let one wait any longer: to another one with the age he has, or out of it."""
    if way.action is Instead.QUEUE and way.queue is not None:
        try:
            call.board.ring(await call.records.move_queue(call.facts, way.queue))
        except (NotFound, Conflict):
            return  # an agent is about to answer, or that queue has just been switched off
    elif await call.records.leave_queue(call.facts, way):
        await _instead(call, way)


async def _instead(call: Call, way: Admitted) -> None:
    """Out of the queue, or not into it: the caller hears what it does then."""
    about = {"why": way.occasion, "action": str(way.action), "queue_id": str(way.queue or "")}
    await call.records.note(call.facts, "queue.refused", about)
    await menu.divert(call, way.part, way.about)


async def _refuse(call: Call, language: str) -> None:
    """Nobody can take it: say so, then end."""
    if not await call.say(call.flow.refused(language)):
        await call.end(EndReason.REJECTED)
        return
    call.timer("refused", REFUSAL_PATIENCE)
