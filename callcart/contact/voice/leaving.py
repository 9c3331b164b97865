"""A caller who waits presses a key to hang up and keep his place: the flow talks to him about it, and whoever decides otherwise hears the
music again. All the while he waits as before, and an agent who is free goes first.

What the flow says here is kept in memory: a process that starts again finds a caller who waits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice import asking
from callcart.contact.voice.engine import PlaybackEnded
from callcart.contact.voice.flow import (
    Answered,
    Ask,
    Diverted,
    EndCall,
    Input,
    Key,
    Reaction,
    Said,
    Say,
    Silence,
    Wait,
)
from callcart.contact.voice.inputs import LookedUp
from callcart.contact.voice.states import CallState

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

log = structlog.get_logger(__name__)

TO_LEAVE = "1"
MAY = "may_call_back"
TIMER = "silence"
MOST_TIMES = 10  # in one call: a machine that presses keys writes no path without end
NOTHING_SAID = 8
WAITS = (CallState.WAITING, CallState.RINGING)


@dataclass
class Leaving:
    """What the flow has said so far, and what it still wants done."""

    state: dict[str, Any] = field(default_factory=dict)
    pending: list[Any] = field(default_factory=list)
    saying: Say | None = None


def is_leaving(call: Call) -> bool:
    return call.leaving is not None and call.state in WAITS


async def may_leave(call: Call) -> bool:
    """Whether this caller may be called back; asked once a call."""
    if call.may_leave is None:
        call.may_leave = bool((await asking.answer_to(call, MAY, {})).value)
    return call.may_leave


async def key(call: Call, digit: str) -> None:
    """A key while the music plays, or while it is talked about."""
    if call.ear.hears_double(digit):
        return
    if is_leaving(call):
        await call.records.note(call.facts, "key.pressed", {"digits": digit})
        await _give(call, Key(digit))
    elif (
        call.state is CallState.WAITING
        and digit == TO_LEAVE
        and call.thought_of_leaving < MOST_TIMES
        and await may_leave(call)
    ):
        call.thought_of_leaving += 1
        await call.records.note(call.facts, "key.pressed", {"digits": digit})
        call.leaving = Leaving()
        await _give(call, Diverted("leaving", {}))


async def said(call: Call) -> None:
    """What was to be said has been said."""
    assert call.leaving is not None
    saying, call.leaving.saying = call.leaving.saying, None
    if saying is None:
        return
    if call.leaving.pending:
        await _proceed(call)
    elif saying.then_wait > 0:
        await call.ear.music()
        call.timer(TIMER, saying.then_wait)
    else:
        await _give(call, Said())


async def silence(call: Call) -> None:
    if is_leaving(call):
        await _give(call, Silence())


async def looked_up(call: Call, found: LookedUp) -> None:
    if is_leaving(call):
        await _give(call, Answered(found.question, found.value, found.failed or found.value is None))


async def stay(call: Call) -> None:
    """He waits on."""
    call.leaving = None
    call.cancel(TIMER)
    if call.state in WAITS:
        await call.ear.music()


async def _give(call: Call, given: Input) -> None:
    leaving = call.leaving
    assert leaving is not None
    call.cancel(TIMER)
    await call.ear.hush()
    leaving.saying = None
    try:
        reaction = call.flow.react(call.facts, leaving.state, given)
    except Exception as error:
        log.exception("leaving.failed", input=type(given).__name__, error=type(error).__name__)
        reaction = Reaction({}, (EndCall(EndReason.FAILED),))
    leaving.state, leaving.pending = reaction.state, list(reaction.actions)
    await _proceed(call)


async def _proceed(call: Call) -> None:
    """Do what the flow wants, up to what takes time. Any end but that of one who is called back means that he waits on."""
    leaving = call.leaving
    while leaving is not None and leaving.pending and call.leaving is leaving:
        match leaving.pending.pop(0):
            case Say() as say:
                leaving.saying = say
                if not await call.say(say.utterances):
                    call.post(PlaybackEnded(call.channel, ""))
                return
            case Ask(question=question, about=about):
                asking.ask(call, question, about)
                call.timer(TIMER, asking.PATIENCE)
                return
            case Wait(seconds=seconds):
                call.timer(TIMER, seconds)
                return
            case EndCall(reason=EndReason.CALLBACK):
                await call.end(EndReason.CALLBACK)
            case EndCall():
                await stay(call)
            case _:
                continue
    if call.leaving is leaving and leaving is not None and not call.runs(TIMER):
        call.timer(TIMER, NOTHING_SAID)
