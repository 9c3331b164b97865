"""Into a block, and on through all that need nothing from the caller. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from callcart.contact.voice.flow import Reaction, Wait
from callcart.engage.ivr import blocks, phrases
from callcart.engage.ivr.blocks import ELSE, IS, NEXT, Block
from callcart.engage.ivr.spoken import shipped_words
from callcart.engage.ivr.walk import (
    FIND,
    LEAVE,
    MAY_CALL_BACK,
    PATIENCE,
    READ,
    SURVEY,
    State,
    Walk,
    ask,
    end_of,
    leave,
    opening,
    out,
    speak,
    words,
)

MOST_PASSED = 60  # blocks between two waits


def enter(walk: Walk, block_id: str) -> Reaction:
    """Into a block, and through all that need nothing from the caller."""
    while True:
        block = walk.graph.blocks.get(block_id)
        if block is None or walk.now.passed >= MOST_PASSED:
            return leave(walk)
        typed = {key: digits for key, digits in walk.now.typed.items() if key != block_id}
        walk.now = replace(
            walk.now, at=block_id, digits="", silences=0, wrong=0, typed=typed, passed=walk.now.passed + 1
        )
        entered = _ENTER[type(block.settings)](walk, block)
        if isinstance(entered, Reaction):
            return entered
        block_id = block.arrows.get(entered, "")


def _enter_say(walk: Walk, block: Block) -> str:
    walk.say(*words(walk, block))
    if isinstance(block.settings, blocks.Say) and block.settings.opening and not walk.now.is_open:
        walk.say(*opening(walk.now))
        walk.now = replace(walk.now, told_closed=True)
    return NEXT


def enter_language(walk: Walk, block: Block) -> Reaction | str:
    languages = walk.now.languages
    if len(languages) < 2:
        speak(walk, languages[0] if languages else walk.now.language)
        return NEXT
    walk.say(*(shipped_words(phrases.LANGUAGE, language) for language in languages))
    return walk.stop(wait=PATIENCE)


def _enter_hours(walk: Walk, block: Block) -> str:
    return "open" if walk.now.is_open else "closed"


def ask_caller(walk: Walk, block: Block) -> Reaction:
    """The words of a block that waits for keys."""
    walk.say(*words(walk, block))
    return walk.stop(wait=PATIENCE) if walk.said else walk.stop(Wait(PATIENCE))


def enter_identify(walk: Walk, block: Block) -> Reaction:
    """Its words, then what is to be typed first: with a PIN, a caller whose number we know types that alone."""
    assert isinstance(block.settings, blocks.Identify)
    walk.say(*words(walk, block))
    if block.settings.by is blocks.By.PIN:
        known = bool(walk.now.welcome.get("known"))
        if known:
            walk.now = replace(walk.now, typed={**walk.now.typed, block.id: ""})
        walk.say(walk.shipped(phrases.TYPE_PIN if known else phrases.TYPE_CUSTOMER))
    return walk.stop(wait=PATIENCE) if walk.said else walk.stop(Wait(PATIENCE))


def _enter_find(walk: Walk, block: Block) -> Reaction | str:
    assert isinstance(block.settings, blocks.FindOrder)
    digits = walk.now.typed.get(block.settings.digits, "")
    return ask(walk, FIND, {"digits": digits}) if digits else "none"


def _enter_read(walk: Walk, block: Block) -> Reaction | str:
    assert isinstance(block.settings, blocks.ReadOut)
    times = walk.now.read.get(block.id, 0)
    if times >= block.settings.most:
        return "often" if block.arrows.get("often") else "none"
    walk.now = replace(walk.now, read={**walk.now.read, block.id: times + 1})
    return ask(
        walk, READ, {"what": str(block.settings.what), "order": walk.now.order, "customer": walk.now.customer}
    )


def _enter_branch(walk: Walk, block: Block) -> str:
    assert isinstance(block.settings, blocks.Branch)
    found = IS + _value(walk.now, block.settings.on)
    return found if found in block.arrows else ELSE


def _value(now: State, on: blocks.On) -> str:
    if on is blocks.On.LANGUAGE:
        return now.language
    if on in (blocks.On.TIER, blocks.On.NUMBER):
        return str(now.welcome.get(str(on), ""))
    return "yes" if now.welcome.get(str(on)) else "no"


def _enter_queue(walk: Walk, block: Block) -> Reaction | str:
    assert isinstance(block.settings, blocks.Queue)
    if not (walk.now.is_open or block.settings.always):
        return "closed" if block.arrows.get("closed") else leave(walk)
    if walk.now.welcome.get("recorded"):
        walk.say(walk.shipped(phrases.RECORDED))
    walk.say(*words(walk, block))
    always = {"always": "1"} if block.settings.always else {}
    return out(walk, queue=block.settings.queue, **always)


def _enter_hang_up(walk: Walk, block: Block) -> Reaction:
    walk.say(*words(walk, block))
    return out(walk, end=end_of(walk.now))


def _enter_voicemail(walk: Walk, block: Block) -> Reaction:
    assert isinstance(block.settings, blocks.Voicemail)
    walk.now = replace(walk.now, message={})
    return ask(walk, LEAVE, {"queue": block.settings.queue or walk.now.queue})


def _enter_survey(walk: Walk, block: Block) -> Reaction:
    assert isinstance(block.settings, blocks.Survey)
    walk.now = replace(walk.now, survey={})
    return ask(walk, SURVEY, {"survey": block.settings.survey})


def _enter_callback(walk: Walk, block: Block) -> Reaction:
    assert isinstance(block.settings, blocks.Callback)
    return ask(walk, MAY_CALL_BACK, {"queue": block.settings.queue or walk.now.queue})


def _enter_transfer(walk: Walk, block: Block) -> Reaction:
    """There is no way to an outside number yet, so none is published; a person is never far."""
    return leave(walk)


_ENTER: Mapping[type, Callable[[Walk, Block], Reaction | str]] = {
    blocks.Say: _enter_say,
    blocks.Language: enter_language,
    blocks.Hours: _enter_hours,
    blocks.Menu: ask_caller,
    blocks.Digits: ask_caller,
    blocks.FindOrder: _enter_find,
    blocks.ReadOut: _enter_read,
    blocks.Identify: enter_identify,
    blocks.Branch: _enter_branch,
    blocks.Queue: _enter_queue,
    blocks.Voicemail: _enter_voicemail,
    blocks.Survey: _enter_survey,
    blocks.Callback: _enter_callback,
    blocks.Transfer: _enter_transfer,
    blocks.HangUp: _enter_hang_up,
}
