"""A caller wants to be called back: the number the call comes from is read out and confirmed, or another one typed and confirmed. Pure.

Nothing is promised here: the business is asked, and says no in words where it does not call that number, or not so often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from callcart.contact.voice.flow import Reaction, Utterance, Wait
from callcart.engage.ivr import aloud, blocks, phrases
from callcart.engage.ivr.blocks import NEXT, REPEAT, Block
from callcart.engage.ivr.entering import enter
from callcart.engage.ivr.walk import (
    BETWEEN,
    CALL_BACK,
    MAY_CALL_BACK,
    PATIENCE,
    Walk,
    ask,
    without,
    words,
)

REFUSED = "refused"
RIGHT, ANOTHER, END = "1", "2", "#"
LEAST_DIGITS, MOST_DIGITS = 5, 16
_AGAIN = ("number", "forbidden")  # another number may do


def _may(walk: Walk, block: Block, value: Any) -> Reaction:
    """Whether anybody is called back here, and at which number the caller seems to be."""
    walk.now = replace(walk.now, asking="")
    if not value:
        walk.say(walk.shipped(phrases.NO_CALLBACK))
        return enter(walk, block.arrows.get(REFUSED, ""))
    walk.say(*words(walk, block))
    number = str(value.get("number", ""))
    return _confirm(walk, block, number) if number else _type(walk)


def _confirm(walk: Walk, block: Block, number: str) -> Reaction:
    walk.now = replace(walk.now, typed={**walk.now.typed, block.id: number}, digits="")
    spoken = aloud.digits(number, walk.now.language)
    walk.say(
        walk.shipped(phrases.CALLBACK_NUMBER),
        Utterance(spoken, walk.now.language),
        walk.shipped(phrases.CALLBACK_CONFIRM),
    )
    return walk.stop(wait=PATIENCE)


def _type(walk: Walk) -> Reaction:
    walk.now = replace(walk.now, digits="")
    walk.say(walk.shipped(phrases.CALLBACK_TYPE))
    return walk.stop(wait=PATIENCE)


def press_callback(walk: Walk, block: Block, digit: str) -> Reaction:
    number = walk.now.typed.get(block.id, "")
    if not number:
        return _digit(walk, block, digit)
    if digit == RIGHT:
        return ask(walk, CALL_BACK, {"number": number, "queue": _queue(walk, block)})
    if digit == ANOTHER:
        walk.now = replace(walk.now, typed=without(walk.now.typed, block.id))
        return _type(walk)
    if digit == REPEAT:
        return _confirm(walk, block, number)
    return _wrong(walk, block, phrases.WRONG_KEY)


def _digit(walk: Walk, block: Block, digit: str) -> Reaction:
    if digit == REPEAT:
        return _type(walk)
    if digit == END:
        return _typed(walk, block)
    walk.now = replace(walk.now, digits=walk.now.digits + digit)
    return _typed(walk, block) if len(walk.now.digits) >= MOST_DIGITS else walk.stop(Wait(BETWEEN))


def _typed(walk: Walk, block: Block) -> Reaction:
    digits = walk.now.digits
    if len(digits) < LEAST_DIGITS:
        return _wrong(walk, block, phrases.NOT_RIGHT)
    return _confirm(walk, block, digits)


def silent_callback(walk: Walk, block: Block) -> Reaction:
    """The end of the digits, where there are any; else it is said again, and in the end nobody is called."""
    if walk.now.digits:
        return _typed(walk, block)
    return _wrong(walk, block, "")


def _wrong(walk: Walk, block: Block, phrase: str) -> Reaction:
    assert isinstance(block.settings, blocks.Callback)
    walk.now = replace(walk.now, wrong=walk.now.wrong + 1)
    if walk.now.wrong >= block.settings.tries:
        return enter(walk, block.arrows.get(REFUSED, ""))
    if phrase:
        walk.say(walk.shipped(phrase))
    number = walk.now.typed.get(block.id, "")
    return _confirm(walk, block, number) if number else _type(walk)


def _promised(walk: Walk, block: Block, value: Any) -> Reaction:
    """What the business said. Where nobody can tell just now nothing is promised."""
    walk.now = replace(walk.now, asking="")
    if value and value.get("promised"):
        walk.now = replace(walk.now, promised=True)
        walk.say(walk.shipped(phrases.CALLBACK_PROMISED))
        return enter(walk, block.arrows.get(NEXT, ""))
    why = str(value.get("refused", "")) if value else ""
    walk.now = replace(walk.now, typed=without(walk.now.typed, block.id))
    if why in _AGAIN:
        return _wrong(walk, block, phrases.CALLBACK_FORBIDDEN)
    if why != "answered":  # then somebody speaks in a moment
        walk.say(walk.shipped(phrases.CALLBACK_OFTEN if why == "often" else phrases.NO_CALLBACK))
    return enter(walk, block.arrows.get(REFUSED, ""))


def _queue(walk: Walk, block: Block) -> str:
    assert isinstance(block.settings, blocks.Callback)
    return block.settings.queue or walk.now.queue


ASIDES: Mapping[str, Callable[[Walk, Block, Any], Reaction]] = {MAY_CALL_BACK: _may, CALL_BACK: _promised}
