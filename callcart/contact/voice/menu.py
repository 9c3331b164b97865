"""The first part of a call: it is answered, and the flow talks to the caller until it hands over to people or ends.

The flow decides; here its actions are done, in order. Whatever goes wrong in a flow, the caller ends in a queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from callcart.contact.voice import asking, queueing
from callcart.contact.voice.ear import tried
from callcart.contact.voice.engine import (
    CallArrived,
    EngineUnreachable,
    HangUp,
    PlaybackEnded,
    RecordingEnded,
    Refused,
)
from callcart.contact.voice.flow import (
    Answered,
    Ask,
    Diverted,
    EndCall,
    Input,
    Key,
    Reaction,
    Record,
    Recorded,
    Said,
    Say,
    Silence,
    Started,
    ToQueue,
    UseLanguage,
    Wait,
)
from callcart.contact.voice.inputs import LookedUp
from callcart.contact.voice.states import HEARS_FLOW, CallState

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

log = structlog.get_logger(__name__)

NOTHING_SAID = 8  # seconds until a flow that waits for nothing is told of the silence
RECORD_PATIENCE = 30  # seconds past the longest recording until nobody believes that its end will be told
HIDDEN = "•"


async def begin(call: Call, arrival: CallArrived) -> None:
    """Open the conversation, answer, and let the flow begin."""
    row = await call.records.open(arrival)
    if row is None:
        await tried(call.engine.hang_up(call.channel, HangUp.UNALLOCATED))
        call.close("unallocated")
        return
    call.open(row)
    await start(call)


async def start(call: Call) -> None:
    """Answer the caller and begin the flow."""
    if not call.row.recorded:
        await tried(call.engine.stop_recording(call.channel))
    await tried(call.engine.answer(call.channel))
    call.change(state=CallState.MENU)
    await give(call, Started())


async def resume(call: Call, *, is_answered: bool) -> None:
    """After a restart in the menu: nobody knows what was being said. Behind a recording that runs, answering again would wait."""
    if not is_answered:
        await tried(call.engine.answer(call.channel))
    await give(call, Silence() if call.row.flow_state else Started())


async def key(call: Call, digit: str) -> None:
    """A key: what is being said stops. A secret is written down as a dot, so that nobody reads it afterwards."""
    if call.state not in HEARS_FLOW or call.runs("refused") or call.ear.hears_double(digit):
        return
    shown = HIDDEN if call.flow.hides_keys(call.row.flow_state) else digit
    await call.records.note(call.facts, "key.pressed", {"digits": shown})
    if call.recording:
        return  # the engine ends it by the key that does, and says so
    if call.pending:
        await call.ear.hush()
        await _proceed(call)
    else:
        await give(call, Key(digit))


async def silence(call: Call) -> None:
    if call.state in HEARS_FLOW:
        await give(call, Silence())


async def said(call: Call) -> None:
    """What was to be said has been said."""
    saying, call.saying = call.saying, None
    if call.runs("refused"):
        call.timer("refused", 0)
    elif saying is None:
        return
    elif call.pending:
        await _proceed(call)
    elif saying.then_wait > 0:
        call.timer("silence", saying.then_wait)
    else:
        await give(call, Said())


async def looked_up(call: Call, found: LookedUp) -> None:
    if call.state in HEARS_FLOW:
        await give(call, Answered(found.question, found.value, found.failed))


async def recorded(call: Call, ended: RecordingEnded) -> None:
    """What the caller had to say has been said. One that was given up before is nobody's any more."""
    if call.state in HEARS_FLOW and call.recording == ended.name:
        await give(call, Recorded(ended.name, ended.failed))


async def divert(call: Call, to: str, about: Mapping[str, str]) -> None:
    """A caller who waited, and does not any more, hears this part of the flow instead."""
    call.cancel("announce")
    call.pending.clear()
    if call.state is not CallState.MENU:
        call.change(state=CallState.MENU)
    await give(call, Diverted(to, about))


async def give(call: Call, given: Input) -> None:
    """Let the flow react, and do what it wants."""
    call.cancel("silence")
    call.recording = ""
    await call.ear.hush()
    call.saying = None
    try:
        reaction = call.flow.react(call.facts, call.row.flow_state, given)
    except Exception as error:
        log.exception("flow.failed", input=type(given).__name__, error=type(error).__name__)
        reaction = Reaction(call.row.flow_state, (ToQueue(call.facts.language),))
    call.change(flow_state=reaction.state)
    call.pending = list(reaction.actions)
    await _proceed(call)


async def _proceed(call: Call) -> None:
    """Do the flow's actions up to the next one that takes time."""
    while call.pending and call.state in HEARS_FLOW:
        match call.pending.pop(0):
            case Say() as say:
                await _say(call, say)
                return
            case Ask(question=question, about=about):
                asking.ask(call, question, about)
                call.timer("silence", asking.PATIENCE)
            case Wait(seconds=seconds):
                call.timer("silence", seconds)
            case Record() as record:
                await _record(call, record)
                return
            case UseLanguage(language=language):
                call.change(facts=replace(call.facts, language=language))
                await call.records.use_language(call.facts, language)
            case ToQueue() if call.state is CallState.AFTER:
                await call.end(None)  # there is nothing left to wait for
            case ToQueue(language=language, queue=queue, always=always):
                call.pending.clear()
                await queueing.enter(call, language, queue, always=always)
            case EndCall(reason=reason):
                await call.end(reason)
    if call.state in HEARS_FLOW and not (call.runs("silence") or call.runs("refused")):
        call.timer("silence", NOTHING_SAID)


async def _say(call: Call, say: Say) -> None:
    text = " ".join(utterance.text for utterance in say.utterances)
    await call.keep("prompt.played" if text else "", {**say.note, "text": text[:300]})
    call.saying = say
    if not await call.say(say.utterances):
        call.post(PlaybackEnded(call.channel, ""))  # nothing to hear: go on as if it had been heard


async def _record(call: Call, record: Record) -> None:
    """What the caller says is written down. Where the engine is away all is looked at again once it is back; of a caller who has gone his
    leg's end tells."""
    await call.keep("voicemail.began", {"name": record.name})
    call.recording = record.name
    call.timer("silence", record.seconds + RECORD_PATIENCE)
    try:
        await call.engine.record(call.channel, record.name, seconds=record.seconds, silence=record.silence)
    except Refused:
        call.post(RecordingEnded(call.channel, record.name, failed=True))
    except EngineUnreachable:
        return
